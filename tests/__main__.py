"""Every check in order, as CI runs it: `python -m tests`. Stops at the first that fails."""

import subprocess
import sys

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("pytest", *sys.argv[1:]),
)

for check in CHECKS:
    print("::", *check, flush=True)
    code = subprocess.run([sys.executable, "-m", *check]).returncode
    if code:
        sys.exit(code)
