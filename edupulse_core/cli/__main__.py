"""`python -m edupulse_core.cli`: the same command line as `edupulse`."""

from edupulse_core import cli, stopping

if __name__ == "__main__":
    with stopping.one_line():
        cli.main()
