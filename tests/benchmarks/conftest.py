"""The risk family's small version serves the tests of its benchmarks too."""

from tests.families.risk.conftest import batch, version  # noqa: F401
