"""What tests of several features share."""

import pytest

from edupulse_core.warehouse import silence
from tests.features import reference_silence


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge silence by numbers that a district of a few students reaches."""
    for module in (silence, reference_silence):
        monkeypatch.setattr(module, "FEWEST", 40)
    monkeypatch.setattr(silence, "EXPECTED_INCIDENTS", 1)
    monkeypatch.setattr(reference_silence, "EXPECTED", 1)
    monkeypatch.setattr(silence, "INSTRUCTIONAL_DAYS", 8)
    monkeypatch.setattr(reference_silence, "DAYS", 8)
