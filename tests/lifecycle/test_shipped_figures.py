"""The figures on the shipped version's card come out again on whatever machine runs this."""

from dataclasses import replace
from pathlib import Path

import pytest

from edupulse_core.config import load_settings
from edupulse_core.families.risk import checkpoint, shipping
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.shipping import Districts
from edupulse_core.lifecycle import registry
from edupulse_core.training import evaluation

pytestmark = pytest.mark.slow

NEAR = 0.002  # narrower than any interval of the card
ROWS = 0.002  # the card's weeks were read by rules that counted 15 of 12,483 otherwise


def test_the_shipped_version_reaches_its_card_again(tmp_path: Path) -> None:
    folder = registry.active_version(load_settings(home=tmp_path / "home"), "risk")
    card = registry.metrics_of(folder)["test"]
    # One future is enough: it marks the rows of the test, whose outcomes do not depend on it.
    made = replace(Districts(), students=1200, end=Districts.test_end, futures=1)
    (test,) = shipping.labeled(made, made.test, tmp_path / "work", weeks=24)
    said = risk_fit.predict(checkpoint.load(folder), test)
    found = evaluation.metrics(said, test.actual).model_dump()

    for name in ("rows", "students"):
        assert found[name] == pytest.approx(card[name], rel=ROWS)
    for name, value in card["table"]["gru"].items():
        if isinstance(value, float) and value <= 1:
            assert found[name] == pytest.approx(value, abs=NEAR), name
