"""Every check in order, as CI runs it: `python -m tests`. Stops at the first that fails."""

import os
import subprocess
import sys

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("pytest", "--numprocesses=2", "--dist=loadfile", *sys.argv[1:]),
)

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes are two threads
for check in CHECKS:
    print("::", *check, flush=True)
    code = subprocess.run([sys.executable, "-m", *check]).returncode
    if code:
        sys.exit(code)
