"""`edupulse`, and `python -m edupulse_core`: the command line, which Ctrl-C ends in one line."""

from edupulse_core import stopping


def main() -> None:
    """Run the command line; what it needs is imported once Ctrl-C is listened for."""
    with stopping.one_line():
        from edupulse_core import cli

        cli.main()


if __name__ == "__main__":
    main()
