"""The risk family's small version and home serve the tests of its life cycle too."""

from tests.families.risk.conftest import home, version  # noqa: F401
