"""Training a version from files to folder, small."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from edupulse_core.config import Settings
from edupulse_core.errors import MissingError, RefusedError
from edupulse_core.lifecycle import retraining, shipping
from edupulse_core.models import checkpoint
from edupulse_core.models.risk import RiskConfig
from edupulse_core.models.risk_fit import RiskPlan
from edupulse_core.training import baselines
from edupulse_core.training.loop import LoopOptions
from edupulse_core.warehouse import demo, ingest

END = date(2026, 11, 15)
SMALL = RiskConfig(hidden=4, layers=1, projection=16, heads=2, fusion=(16, 8), head=8)
PLAN = RiskPlan(SMALL, LoopOptions(epochs=2, batch=64, learning_rate=0.01))
DISTRICTS = shipping.Districts((1, 2), (3,), (4,), students=60, test_students=60, futures=8)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retraining, "RESAMPLES", 20)
        patch.setattr(shipping, "RESAMPLES", 20)
        patch.setattr(baselines, "ROUNDS", 5)
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small district in it, and its truth beside."""
    folder = tmp_path_factory.mktemp("home")
    settings = Settings(home=folder, import_day=date(2026, 11, 16))
    demo.write(folder / "bundle", students=150, end=END, seed=5, futures=8)
    ingest.ingest(settings, folder / "bundle")
    return settings


@pytest.fixture(scope="module")
def trained(home: Settings) -> dict[str, Any]:
    return retraining.train_risk(home, plan=PLAN)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ship")
    return shipping.ship(
        Settings(home=folder), "v1", out=folder / "out", plan=PLAN, districts=DISTRICTS
    )


def test_a_version_trained_on_the_homes_data_is_saved_with_its_metrics(
    home: Settings, trained: dict[str, Any]
) -> None:
    model = checkpoint.load(Path(trained["folder"]))

    assert Path(trained["folder"]).parent == home.home / "models" / "risk"
    assert model.version == trained["version"]
    assert len(model.metrics["history"]) == 2
    assert set(model.metrics["test"]["table"]) == {"gru", "abc_rule", "logistic", "boosting"}
    assert 0 <= model.metrics["headline"]["auc_any"] <= 1


def test_a_version_says_which_district_it_was_evaluated_on(trained: dict[str, Any]) -> None:
    known = checkpoint.load(Path(trained["folder"])).metrics["evaluated_on"]

    assert [set(each) for each in known] == [{"district", "fingerprint", "is_demo"}]
    assert known[0]["is_demo"] is True


def test_the_card_tells_what_the_model_never_reads_and_shows_the_table(
    trained: dict[str, Any],
) -> None:
    card = checkpoint.load(Path(trained["folder"])).card

    assert "never reads race, ethnicity, sex, language, disability or meal status" in card
    assert "| AUC, any flag |" in card
    assert "`edupulse train risk`" in card


def test_a_version_can_be_evaluated_beside_the_ceiling(
    home: Settings, trained: dict[str, Any]
) -> None:
    found = retraining.evaluate_risk(home, trained["version"], truth=home.home / "bundle" / "truth")

    assert found["version"] == trained["version"]
    assert found["test"]["table"]["ceiling"]["auc_any"] > 0.7
    assert set(found["test"]["share_of_way_from_abc_to_ceiling"]) == {"gru", "logistic", "boosting"}


def test_an_unknown_version_cannot_be_evaluated(home: Settings) -> None:
    with pytest.raises(MissingError):
        retraining.evaluate_risk(home, "never-made")


def test_the_shipped_version_is_made_from_made_up_districts_alone(shipped: dict[str, Any]) -> None:
    model = checkpoint.load(Path(shipped["folder"]))

    assert model.metrics["evaluated_on"] == [{"district": "demo", "seed": 4}]
    assert "ceiling" in model.metrics["test"]["table"]
    assert "(seeds 1, 2)" in model.card
    assert "Share of the\nway from the ABC rule" in model.card


def test_a_shipped_version_is_not_made_over_another(
    shipped: dict[str, Any], tmp_path: Path
) -> None:
    out = Path(shipped["folder"]).parent

    with pytest.raises(RefusedError, match="exists"):
        shipping.ship(Settings(home=tmp_path), "v1", out=out, plan=PLAN, districts=DISTRICTS)


def test_made_again_the_shipped_version_is_the_same(
    shipped: dict[str, Any], tmp_path: Path
) -> None:
    again = shipping.ship(
        Settings(home=tmp_path), "v1", out=tmp_path / "out", plan=PLAN, districts=DISTRICTS
    )

    first, second = Path(shipped["folder"]), Path(again["folder"])
    assert (first / "weights.safetensors").read_bytes() == (
        second / "weights.safetensors"
    ).read_bytes()
    assert again["test"] == shipped["test"]
    assert json.loads((first / "calibration.json").read_text()) == json.loads(
        (second / "calibration.json").read_text()
    )
