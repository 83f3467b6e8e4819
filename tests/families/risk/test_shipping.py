"""Training a version from files to folder, small."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import torch

from edupulse_core import demo
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import InputError, MissingError, RefusedError
from edupulse_core.families.evaluation import Evaluation
from edupulse_core.families.risk import (
    NAME,
    assessment,
    checkpoint,
    serve,
    shipping,
)
from edupulse_core.families.risk import examples as risk_examples
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.results import Comparison
from edupulse_core.lifecycle import benchmarks, registry, retraining
from edupulse_core.lifecycle.algorithms import Asked, train_all
from edupulse_core.warehouse import ingest, snapshots
from tests.families.risk.small import NETWORK, PLAN, evaluate_few, export_nothing

pytestmark = pytest.mark.slow

END = date(2026, 11, 15)
CROSSED = replace(PLAN, network=replace(NETWORK, cross=True))
DISTRICTS = shipping.Districts(
    (1, 2), (3,), (4,), students=60, test_students=60, futures=2, calibration=(5,)
)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        evaluate_few(patch)
        export_nothing(patch)
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small district in it, and its truth beside."""
    folder = tmp_path_factory.mktemp("home")
    settings = Settings(home=folder, import_day=date(2026, 11, 16))
    demo.write(folder / "bundle", students=150, end=END, seed=5, learning=False, futures=8)
    ingest.ingest(settings, folder / "bundle")
    return settings


@pytest.fixture(scope="module")
def trained(home: Settings) -> dict[str, Any]:
    return retraining.train(home, NAME, plan=PLAN)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("ship")
    return shipping.ship(
        Settings(home=folder),
        "v1",
        out=folder / "out",
        plan=CROSSED,
        districts=DISTRICTS,
        measured=benchmarks.in_markdown(NAME, "v1"),
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
    assert "attend to each other" not in card


def test_the_card_of_a_small_district_hides_shares_that_would_tell_of_few(
    trained: dict[str, Any],
) -> None:
    model = checkpoint.load(Path(trained["folder"]))

    assert model.metrics["test"]["few"] and model.metrics["test"]["students"] < 50
    assert "top of the list, any flag | hidden | hidden" in model.card
    assert "hidden for privacy" in model.card and "Any flag followed" not in model.card


def test_the_truth_of_another_district_is_refused_although_its_students_are_numbered_alike(
    home: Settings, tmp_path: Path
) -> None:
    demo.write(tmp_path, students=150, end=END, seed=6, learning=False, futures=1)

    with pytest.raises(RefusedError, match="belongs to another district"):
        retraining.evaluate(home, NAME, truth=tmp_path / "truth")


def test_an_unknown_version_cannot_be_evaluated(home: Settings) -> None:
    with pytest.raises(MissingError):
        retraining.evaluate(home, NAME, "never-made")


def test_the_shipped_version_is_made_from_fictional_districts_alone(
    shipped: dict[str, Any],
) -> None:
    model = checkpoint.load(Path(shipped["folder"]))

    assert model.metrics["evaluated_on"] == [{"district": "demo", "seed": 4}]
    assert "ceiling" in model.metrics["test"]["table"]
    assert "(seeds 1, 2)" in model.card
    assert "* This model: " in model.card  # how far it gets towards the best possible
    assert "modalities of each week attend to each other (2 heads)" in model.card
    assert "### Explanations\n\n`edupulse bench explanations`\n" in model.card  # of another version


def test_the_shipped_card_is_written_anew_and_nothing_else(
    shipped: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "risk" / "v1"
    shutil.copytree(shipped["folder"], folder)
    monkeypatch.setattr(benchmarks, "SHIPPED_MODELS", folder.parent.parent)
    monkeypatch.setattr(shipping, "Districts", lambda: DISTRICTS)
    row = {"model": "alone", "AUC": 0.8}
    tables = [
        {"title": "Models", "words": "", "rows": [row], "card": True},
        {"title": "Besides", "words": "", "rows": [row]},
    ]
    before = checkpoint.load(folder)
    benchmarks.keep(
        Settings(home=tmp_path), "risk", "networks", tables, command="again", version="v1"
    )

    shipping.write_card_again(folder, benchmarks.in_markdown(NAME, "v1"))

    after = checkpoint.load(folder)
    assert "`again`, measured on" in after.card and "Besides" not in after.card
    assert "Models:\n\n| model | AUC |\n| --- | --- |\n| alone | 0.8 |\n" in after.card
    assert after.created_at == before.created_at and after.metrics == before.metrics
    assert torch.equal(after.network.project.weight, before.network.project.weight)
    assert {each.name for each in folder.parent.iterdir()} == {"v1", "benchmarks.json"}


def figures_of(card: str, others: str) -> list[str]:
    """Every figure of a card in its order, but for the benchmarks' under the heading `others`."""
    head, rest = card.split(f"{others}\n")
    return re.findall(r"\d+(?:[.,]\d+)*", head + rest.partition("## Limits\n")[2])


def test_the_card_of_the_shipped_version_has_the_figures_that_are_written_today() -> None:
    folder = registry.active_version(load_settings(), "risk")
    model = checkpoint.load(folder)
    test = Comparison.model_validate(model.metrics["test"])

    written = shipping._card(model, folder.name, test, shipping.Districts(), "", "")

    assert figures_of(written, "## Other measurements") == figures_of(
        model.card, "## Measured besides"
    )


def test_a_shipped_version_is_not_made_over_another(
    shipped: dict[str, Any], tmp_path: Path
) -> None:
    out = Path(shipped["folder"]).parent

    with pytest.raises(RefusedError, match="exists"):
        shipping.ship(Settings(home=tmp_path), "v1", out=out, plan=PLAN, districts=DISTRICTS)


@pytest.mark.parametrize("name", ["a/../b", "../b", "/b", ".b", "..", "", "b\n", "b c", "b" * 65])
def test_a_version_that_is_no_plain_name_is_refused_before_any_work(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot name a version"):
        shipping.ship(
            Settings(home=tmp_path / "home"), name, out=tmp_path / "out", districts=DISTRICTS
        )

    assert not list(tmp_path.iterdir())


def test_another_versions_network_can_be_calibrated_again(
    shipped: dict[str, Any], tmp_path: Path
) -> None:
    network = Path(shipped["folder"])

    again = shipping.ship(
        Settings(home=network.parents[1]),  # where the districts lie that were simulated for it
        "v2",
        out=tmp_path / "out",
        districts=DISTRICTS,
        weights=network,
    )

    first, second = checkpoint.load(network), checkpoint.load(Path(again["folder"]))
    assert torch.equal(first.network.project.weight, second.network.project.weight)
    assert second.version == "v2"
    assert second.bands is not None and first.bands is not None
    assert second.bands.students == first.bands.students > 100  # of both districts
    assert "The network comes from v1" in second.card


def test_made_again_the_shipped_version_is_the_same(
    shipped: dict[str, Any], tmp_path: Path
) -> None:
    first = Path(shipped["folder"])
    work = Path("data", "training", "ship")
    (tmp_path / work).mkdir(parents=True)
    for district in (first.parents[1] / work).glob("district-[!4]*.npz"):
        shutil.copy(district, tmp_path / work)  # the test district alone is simulated again

    again = shipping.ship(
        Settings(home=tmp_path), "v1", out=tmp_path / "out", plan=CROSSED, districts=DISTRICTS
    )

    second = Path(again["folder"])
    assert (first / "weights.safetensors").read_bytes() == (
        second / "weights.safetensors"
    ).read_bytes()
    assert again["test"] == shipped["test"]
    assert json.loads((first / "calibration.json").read_text()) == json.loads(
        (second / "calibration.json").read_text()
    )


@pytest.fixture(scope="module")
def said() -> list[tuple[str, int, int]]:
    """What the evaluation below says of how far it is."""
    return []


@pytest.fixture(scope="module")
def evaluated(
    home: Settings, trained: dict[str, Any], said: list[tuple[str, int, int]]
) -> Evaluation:
    return retraining.evaluate(
        home,
        NAME,
        trained["version"],
        truth=home.home / "bundle" / "truth",
        progress=lambda *step: said.append(step),
    )


def test_an_evaluation_says_which_part_it_is_at(
    evaluated: RiskEvaluation, said: list[tuple[str, int, int]]
) -> None:
    parts = [(name, done, 1) for name in ("baselines", "groups", "importance") for done in (0, 1)]
    assert said[-6:] == parts


def test_a_trained_version_has_bands_and_they_are_tried_on_its_test_rows(
    evaluated: RiskEvaluation,
) -> None:
    bands = evaluated.bands

    assert bands is not None and bands.widths is not None
    assert evaluated.rows == bands.overall.rows == sum(bands.widths)
    assert 0.5 < bands.overall.coverage.value <= 1.0


def test_calibration_and_alarms_are_judged_by_every_attribute(evaluated: RiskEvaluation) -> None:
    attributes = ["race", "sex", "language", "disability", "meal", "school", "grade"]

    assert list(evaluated.calibration.groups) == attributes
    assert list(evaluated.fairness["support"].gaps) == attributes
    assert set(evaluated.fairness) == {"support", "intervention", "caseload"}


def test_the_groups_of_an_attribute_make_up_everyone(
    home: Settings, trained: dict[str, Any]
) -> None:
    with snapshots.connect(home, features=True) as con:
        examples = risk_examples.read(con, home.outcomes)
        groups = assessment.read_groups(con, examples)
        sexes = dict(con.execute("select user_id, sex from demographics").fetchall())

    assert groups["sex"].tolist() == [sexes[name] for name in examples.students.tolist()]


def test_a_version_is_evaluated_beside_the_ceiling(
    evaluated: RiskEvaluation, trained: dict[str, Any]
) -> None:
    assert evaluated.version == trained["version"]
    assert evaluated.test.table["ceiling"].auc_any > 0.7
    assert set(evaluated.test.share_of_way_from_abc_to_ceiling) == {"gru", "logistic", "boosting"}


def test_with_the_truth_the_oracles_own_gaps_stand_beside(evaluated: RiskEvaluation) -> None:
    assert evaluated.ceiling is not None
    assert set(evaluated.ceiling.gaps) == {"version", "oracle"}
    assert evaluated.ceiling.rows < evaluated.rows


def test_goals_are_told_apart_from_what_was_found(evaluated: RiskEvaluation) -> None:
    assert len(evaluated.goals) == 5
    assert all(each.goal and each.found for each in evaluated.goals)


def test_all_algorithms_are_trained_on_a_home_and_ranked_on_its_held_out_weeks(
    home: Settings,
) -> None:
    small = {
        "network.hidden": 4,
        "network.projection": 16,
        "network.heads": 2,
        "loop.epochs": 1,
        "rounds": 5,
    }

    found = train_all(home, NAME, Asked("all", hyperparameters=small))

    names = ["network", "gradient_boosting", "logistic_regression", "blend"]
    assert [each.algorithm for each in found.table] == names
    assert found.best in names and found.rows > 0
    for each in found.table:
        folder = registry.version_folder(home, NAME, each.version)
        assert registry.metrics_of(folder)["made"]["algorithm"] == each.algorithm
        assert 0 < each.metrics["score_auc_any"] < 1
        assert serve.load(folder).trained.algorithm == each.algorithm
