"""A district's own risk levels are those that a version is judged by."""

import shutil
from datetime import date

import numpy as np
import pytest

from edupulse_core.config import OutcomeRules, Settings, load_settings
from edupulse_core.families.family import unseen
from edupulse_core.families.risk import checkpoint
from edupulse_core.families.risk import fit as risk_fit
from edupulse_core.families.risk.family import RISK
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.lifecycle import periods, registry, retraining
from edupulse_core.warehouse import snapshots
from tests.families.risk.small import evaluate_few

EDGES = (0.1, 0.35, 0.65)


@pytest.fixture
def home(demo_home: Settings, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The demo with risk levels of its own."""
    evaluate_few(monkeypatch)
    shutil.copytree(demo_home.home, tmp_path / "home")
    (tmp_path / "home" / "edupulse.toml").write_text(f"[outcomes]\ntiers = {list(EDGES)}\n")
    return load_settings(home=tmp_path / "home")


def test_an_evaluation_uses_the_districts_own_risk_levels(home: Settings) -> None:
    found = retraining.evaluate(home, "risk")

    with snapshots.connect(home, features=True) as con:
        periods.hide_later(con, home.outcomes, date.fromisoformat(found.until))
        examples = RISK.read(con, home.all_rules)
    test = unseen(examples, RISK.splits(examples)[0])
    model = checkpoint.load(registry.active_version(home, "risk"))
    likeliest = risk_fit.probabilities(model, test)[1].argmax(axis=1)
    own, default = (
        float(np.mean(likeliest == np.digitize(np.round(test.severity, 9), edges)))
        for edges in (EDGES, OutcomeRules().tiers)
    )
    assert isinstance(found, RiskEvaluation)
    assert found.test.table["gru"].accuracy == pytest.approx(own, abs=1e-6)
    assert own != pytest.approx(default, abs=1e-3)
    assert found.bands is None  # the version's are of other levels
