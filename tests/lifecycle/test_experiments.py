"""A challenger beside the champion: who is shown which, and when it takes over."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from edupulse_core.actions.experiments import promote, start_experiment, stop_experiment
from edupulse_core.actions.versions import activate_version
from edupulse_core.config import Settings
from edupulse_core.errors import AccessError, InputError, RefusedError
from edupulse_core.features.weeks import sunday
from edupulse_core.lifecycle import drift, experiments, monitoring, registry, serving
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR, person
from edupulse_core.queries.experiments import experiment as described
from edupulse_core.queries.watching import sentence
from edupulse_core.store import experiments as kept
from edupulse_core.store import runs
from edupulse_core.store.database import open_store
from edupulse_core.store.experiments import AB, SHADOW, Experiment
from edupulse_core.warehouse import snapshots
from tests import people
from tests.families.toy.family import TOY
from tests.lifecycle import toys

NAMES = [f"student-{n:05}" for n in range(10_000)]
TEST = Experiment("e1", "toy", "bad", "good", AB, 0.1, datetime(2026, 11, 1, tzinfo=UTC), "o")
ASK = """
import hashlib, sys
from edupulse_core.lifecycle.experiments import is_assigned
said = "".join("01"[is_assigned("e1", 0.1, f"student-{n:05}")] for n in range(10_000))
print(hashlib.sha256(said.encode()).hexdigest())
"""


@pytest.fixture(scope="module", autouse=True)
def line_of_the_shelf() -> Iterator[None]:
    with toys.on_the_shelf(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TOY, "nightly", True)
        patch.setattr(TOY, "watching", toys.WATCHING)
        yield


@pytest.fixture(scope="module")
def district(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = toys.copied(demo_home, tmp_path_factory.mktemp("experiments") / "home")
    for name, model in (("bad", toys.BAD), ("good", toys.GOOD), ("same", toys.SAME)):
        toys.put(home, name, model)
    return home


@pytest.fixture
def home(district: Settings) -> Settings:
    """The district, where the bad version serves and nothing is tried."""
    store = open_store(district)
    now = kept.running(store, "toy")
    if now is not None:
        stop_experiment(OPERATOR, district, now.experiment_id, reason="the test before")
    activate_version(OPERATOR, district, "toy", "bad", override_reason="to begin")
    return district


def test_everyone_stays_with_the_same_model_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", ASK], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }

    assert len(said) == 1 and len(said.pop().strip()) == 64


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_share_is_as_asked_within_chance(share: float) -> None:
    shown = sum(experiments.is_assigned("e1", share, name) for name in NAMES)

    expected, error = share * len(NAMES), (len(NAMES) * share * (1 - share)) ** 0.5
    assert abs(shown - expected) < 3 * error


def test_two_experiments_choose_students_anew() -> None:
    both = sum(
        experiments.is_assigned("e1", 0.5, name) == experiments.is_assigned("e2", 0.5, name)
        for name in NAMES
    )

    assert 0.47 < both / len(NAMES) < 0.53


def test_each_student_is_shown_one_of_the_two_answers() -> None:
    champion = pa.table({"subject": NAMES, "value": [0.0] * len(NAMES)})
    challenger = pa.table({"subject": NAMES[1:], "value": [1.0] * (len(NAMES) - 1)})

    shown = experiments.shown(TEST, champion, challenger).to_pylist()

    assert [row["subject"] for row in shown] == NAMES
    for row in shown[1:]:
        moved = experiments.shows_challenger(TEST, row["subject"])
        assert (row["value"], row["version"]) == ((1.0, "good") if moved else (0.0, "bad"))
    assert (shown[0]["value"], shown[0]["version"]) == (0.0, "bad")  # who has one answer alone


def test_a_shadow_answers_each_night_and_is_never_shown(home: Settings) -> None:
    made = start_experiment(OPERATOR, home, "toy", "good")

    night = serving.night(home, "toy")

    store = open_store(home)
    assert made.mode == SHADOW and night.version == "bad"
    newest, beside = (
        runs.latest_run(store, "toy", purpose=purpose) for purpose in (runs.NIGHT, runs.SHADOW)
    )
    assert newest and newest.version == "bad"
    assert beside and (beside.version, beside.as_of) == ("good", newest.as_of)
    assert "version" not in night.rows.column_names


def test_an_ab_test_shows_each_student_the_answer_of_their_model(home: Settings) -> None:
    made = start_experiment(OPERATOR, home, "toy", "good", mode=AB, share=0.5)

    rows = serving.night(home, "toy").rows.to_pylist()

    assert {row["version"] for row in rows} == {"bad", "good"}
    for row in rows:
        moved = experiments.shows_challenger(made, row["subject"])
        assert row["version"] == ("good" if moved else "bad")
        folder = experiments.serving_folder(home, "toy", row["subject"])
        assert folder.name == row["version"]


def test_a_night_goes_on_without_a_challenger_that_is_damaged(home: Settings) -> None:
    broken = toys.put(home, "broken", toys.GOOD)
    made = start_experiment(OPERATOR, home, "toy", "broken", mode=AB)
    (broken / "parts" / "ridge.json").write_text("{")

    assert "version" not in serving.night(home, "toy").rows.column_names
    assert "is damaged or gone" in described(home, made.experiment_id).sentence
    alerts = [each for each in monitoring.watch(home, "toy").alerts if each.kind == "challenger"]
    assert [sentence(each).split()[0] for each in alerts] == ["broken,"]


def test_a_better_challenger_is_seen_over_the_weeks_and_promoted(home: Settings) -> None:
    made = start_experiment(OPERATOR, home, "toy", "good", mode=AB)
    assert "No night yet" in described(home, made.experiment_id).sentence
    with snapshots.connect(home, features=True) as con:
        weeks = con.execute(
            "select distinct week_start from outcomes where severity is not null order by 1"
        ).fetchall()
    verdicts = []
    for (monday,) in weeks[::9][-4:]:
        serving.night(home, "toy", as_of=sunday(monday))
        verdicts.append(described(home, made.experiment_id).standing)

    assert verdicts[-1].verdict == "better" and verdicts[-1].nights == 4
    assert [each.cases for each in verdicts] == sorted(each.cases for each in verdicts)
    assert "good does better" in described(home, made.experiment_id).sentence
    with pytest.raises(InputError, match="a reason is needed"):
        promote(OPERATOR, home, made.experiment_id, reason="")
    assert promote(OPERATOR, home, made.experiment_id, reason="better").serving == "good"

    ended = kept.read(open_store(home), made.experiment_id)
    assert (ended.outcome, ended.reason) == ("promoted", "better")
    assert registry.active_version(home, "toy").name == "good"
    line = trail.entries(home, action=trail.ACTIVATE)[0]
    assert line.details["experiment"] == made.experiment_id


def test_a_challenger_that_does_as_well_is_called_neither_better_nor_worse(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    activate_version(OPERATOR, home, "toy", "good")
    made = start_experiment(OPERATOR, home, "toy", "same")
    with snapshots.connect(home, features=True) as con:
        (monday,) = con.execute(
            "select max(week_start) from outcomes where severity is not null"
        ).fetchone() or (None,)
    serving.night(home, "toy", as_of=sunday(monday))

    found = described(home, made.experiment_id)

    assert found.standing.verdict == "open" and found.standing.cases > 20
    assert "beyond chance" in found.sentence
    with monkeypatch.context() as patch:  # as if one had learned from that week
        patch.setattr(drift, "first_unseen", lambda *_: monday + timedelta(days=7))
        assert described(home, made.experiment_id).standing.cases == 0


def test_a_worse_challenger_is_shown_to_nobody_without_a_reason(home: Settings) -> None:
    activate_version(OPERATOR, home, "toy", "good")

    with pytest.raises(RefusedError, match="bad is not shown to anyone"):
        start_experiment(OPERATOR, home, "toy", "bad", mode=AB)

    assert kept.running(open_store(home), "toy") is None
    made = start_experiment(OPERATOR, home, "toy", "bad", mode=AB, override_reason="to learn")
    line = trail.entries(home, action=trail.START_EXPERIMENT, subject=made.experiment_id)[0]
    assert line.details["override_reason"] == "to learn"


def test_one_experiment_of_a_family_runs_at_a_time(home: Settings) -> None:
    start_experiment(OPERATOR, home, "toy", "good")

    with pytest.raises(RefusedError, match="is running already"):
        start_experiment(OPERATOR, home, "toy", "same")


def test_an_experiment_ends_when_another_version_takes_over(home: Settings) -> None:
    made = start_experiment(OPERATOR, home, "toy", "good", mode=AB)

    activate_version(OPERATOR, home, "toy", "same")

    ended = kept.read(open_store(home), made.experiment_id)
    assert (ended.outcome, ended.reason) == ("stopped", "same serves now")
    with pytest.raises(RefusedError, match="has ended"):
        promote(OPERATOR, home, made.experiment_id, reason="all the same")
    assert experiments.running(home, "toy") is None


@pytest.mark.parametrize(
    ("challenger", "more", "said"),
    [
        ("bad", {}, "serves already"),
        ("good", {"champion": "same"}, "must be the version that serves"),
        ("good", {"mode": "secret"}, "no mode"),
        ("good", {"mode": AB, "share": 1.5}, "between 0 and 1"),
        ("gone", {}, "no version"),
    ],
)
def test_what_cannot_be_tried_is_said(
    home: Settings, challenger: str, more: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        start_experiment(OPERATOR, home, "toy", challenger, **more)  # type: ignore[arg-type]


def test_nobody_else_starts_or_ends_an_experiment(home: Settings) -> None:
    made = start_experiment(person(people.steward), home, "toy", "good")

    with pytest.raises(AccessError):
        stop_experiment(person(people.counselor), home, made.experiment_id, reason="no")

    assert made.started_by == people.steward.sign_in
    assert made.started_at - datetime.now(UTC) < timedelta(minutes=1)
