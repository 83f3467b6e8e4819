"""The risk family's small version and home serve the tests of its life cycle too."""

from tests.families.risk.conftest import (  # noqa: F401
    features_file,
    home,
    new_version,
    version,
)
