"""`python -m edupulse_core` is `edupulse`."""

from edupulse_core.cli import main

main()
