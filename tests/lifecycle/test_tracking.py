"""MLflow is told of trainings and of who serves where a setting asks; it never gets in the way."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edupulse_core.actions.versions import activate_version
from edupulse_core.config import SHIPPED_MODELS, Settings, load_settings
from edupulse_core.families import version as folders
from edupulse_core.lifecycle import registry, tracking
from edupulse_core.people.actor import OPERATOR
from edupulse_core.store import audit, experiments
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import SHADOW, Experiment
from tests.lifecycle.risky import shifted

SHIPPED = SHIPPED_MODELS / "risk" / "risk-4"


@pytest.fixture(params=["file:{}/runs", "sqlite:///{}/runs.db"], ids=["files", "database"])
def tracked(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", tracking_uri=request.param.format(tmp_path))


def test_a_training_is_read_back_with_its_epochs_and_files(tracked: Settings) -> None:
    folder = shifted(tracked, "mine", 0.02)

    tracking.note_training(tracked, "risk", folder)

    client = tracking._client(tracked.tracking_uri)
    number = client.get_registered_model("edupulse-risk").latest_versions[0]
    run = client.get_run(number.run_id)
    metrics = folders.read_json(folder, folders.METRICS)
    history = metrics["history"]
    losses = client.get_metric_history(run.info.run_id, "validation_loss")
    assert run.info.status == "FINISHED" and number.tags == {"version": "mine"}
    assert [(each.step, each.value) for each in losses] == [
        (epoch["epoch"], pytest.approx(epoch["validation_loss"])) for epoch in history
    ]
    assert run.data.params["rows"] == str(metrics["training"]["rows"])
    assert run.data.metrics["score_auc_any"] == pytest.approx(metrics["headline"]["score_auc_any"])
    assert {name: run.data.tags[name] for name in ("version", "family", "data_range")} == {
        "version": "mine",
        "family": "risk",
        "data_range": " to ".join(folders.header(folder).data_range),
    }
    assert {each.path for each in client.list_artifacts(run.info.run_id)} == {
        "card.md",
        "metrics.json",
    }


def test_champion_and_challenger_are_aliases_that_follow(tracked: Settings) -> None:
    folder = shifted(tracked, "mine", 0.02)
    tracking.note_training(tracked, "risk", folder)
    client = tracking._client(tracked.tracking_uri)
    tried = Experiment(
        experiment_id="one",
        family="risk",
        champion=registry.chosen_version(tracked, "risk").name,
        challenger="mine",
        mode=SHADOW,
        share=0.0,
        started_at=datetime(2026, 11, 2, tzinfo=UTC),
        started_by="operator",
    )
    experiments.start(open_store(tracked), tried)

    tracking.note_aliases(tracked, "risk")
    while_tried = {
        alias: client.get_model_version_by_alias("edupulse-risk", alias).tags["version"]
        for alias in ("champion", "challenger")
    }
    activate_version(OPERATOR, tracked, "risk", "mine", reason="newer", override_reason="a test")

    assert while_tried == {"champion": "risk-4", "challenger": "mine"}
    assert client.get_registered_model("edupulse-risk").aliases.keys() == {"champion"}
    champion = client.get_model_version_by_alias("edupulse-risk", "champion")
    assert champion.tags["version"] == "mine"
    assert len(client.search_model_versions("name = 'edupulse-risk'")) == 2


def test_a_tracker_that_fails_leaves_a_warning_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = load_settings(home=tmp_path / "home", tracking_uri=f"file:{tmp_path}/file/runs")

    tracking.note_training(settings, "risk", SHIPPED)

    (line,) = audit.entries(open_store(settings), action="not_tracked")
    assert line.subject == "risk risk-4" and line.details["warning"]


def test_without_the_setting_nothing_is_imported(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from edupulse_core.config import load_settings\n"
        "from edupulse_core.lifecycle import retraining, tracking\n"  # in this order, from nothing
        "settings = load_settings(home=Path(sys.argv[1]))\n"
        "tracking.note_training(settings, 'risk', Path(sys.argv[2]))\n"
        "tracking.note_aliases(settings, 'risk')\n"
        "assert 'mlflow' not in sys.modules\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path, SHIPPED], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
