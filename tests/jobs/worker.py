"""`edupulse worker` in a process of its own, for the kinds of `child.py`."""

import sys

from edupulse_core.config import load_settings
from edupulse_core.jobs.worker import work
from tests.jobs.conftest import CHILD

if __name__ == "__main__":
    work(load_settings(home=sys.argv[1]), command=CHILD)
