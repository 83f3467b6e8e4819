"""The gate: a version that does worse is refused with every reason, and a person may override."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from edupulse_core.actions.models import train_version
from edupulse_core.actions.versions import (
    activate_version,
    compare_versions,
    deactivate_version,
    roll_back,
)
from edupulse_core.config import GateRules, Settings
from edupulse_core.errors import InputError, MissingError, RefusedError
from edupulse_core.lifecycle import comparison, gate, registry, triggers
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from edupulse_core.queries import models
from edupulse_core.training.fairness import COMPARED
from tests.families.toy.family import TOY
from tests.lifecycle import toys


@pytest.fixture(scope="module", autouse=True)
def line_of_the_shelf() -> Iterator[None]:
    with toys.on_the_shelf():
        yield


@pytest.fixture(scope="module")
def district(demo_home: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = toys.copied(demo_home, tmp_path_factory.mktemp("gate") / "home")
    for name, model in (("bad", toys.BAD), ("good", toys.GOOD), ("same", toys.SAME)):
        toys.put(home, name, model)
    return home


@pytest.fixture
def home(district: Settings) -> Settings:
    """The district; what served in another test serves no more."""
    registry.alias_path(district, "toy").unlink(missing_ok=True)
    activate_version(OPERATOR, district, "toy", "good", override_reason="a fresh start")
    return district


def test_a_version_that_does_as_well_is_activated_without_an_objection(home: Settings) -> None:
    found = activate_version(OPERATOR, home, "toy", "same", reason="as good")

    assert found.serving == registry.active_version(home, "toy").name == "same"
    assert found.verdict.reasons == [] and found.verdict.compared is not None
    switch = registry.history(home, "toy")[-1]
    assert (switch.version, switch.reason, switch.override_reason) == ("same", "as good", None)


def test_a_version_that_does_worse_is_refused_with_every_reason(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RefusedError) as refused:
        activate_version(OPERATOR, home, "toy", "bad", reason="why not")

    assert registry.active_version(home, "toy").name == "good"
    found = gate.judge(home, "toy", "bad")
    assert {each.check for each in found.objections} == {"worse", "calibration", "slope"}
    assert list(refused.value.reasons) == found.reasons
    assert all("good" in reason for reason in found.reasons)  # what serves, with its own value
    assert "Mean absolute error" in found.reasons[0]
    monkeypatch.setattr(TOY, "values", "hours")
    again = gate.judge(home, "toy", "bad").reasons[1:]
    assert [reason.partition(" rise ")[0].partition(" are ")[0] for reason in again] == [
        "Its hours",
        "Where its hours",
    ]
    line = trail.entries(home, action=trail.REFUSED_ACTIVATE)[0]
    assert line.details["objections"][0]["check"] == "worse"
    assert line.details["reason"] == "why not"


def test_a_person_passes_the_gate_with_a_reason_that_is_kept(home: Settings) -> None:
    found = activate_version(OPERATOR, home, "toy", "bad", override_reason="to show it")

    assert found.serving == "bad" and found.verdict.reasons
    assert registry.history(home, "toy")[-1].override_reason == "to show it"
    line = trail.entries(home, action=trail.ACTIVATE)[0]
    assert line.details["override_reason"] == "to show it" and line.details["objections"]


def test_blanks_are_no_reason_to_pass_the_gate(home: Settings) -> None:
    with pytest.raises(RefusedError):
        activate_version(OPERATOR, home, "toy", "bad", override_reason="  ")

    assert registry.active_version(home, "toy").name == "good"


def test_no_reason_passes_a_version_that_cannot_be_used_here(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    toys.put(home, "other", toys.GOOD, ("att_absence_rate_ytd", "shoe_size"))

    with pytest.raises(RefusedError, match="shoe_size"):
        activate_version(OPERATOR, home, "toy", "other", override_reason="all the same")


def test_nothing_to_compare_on_is_said_and_refuses_nothing(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object) -> None:
        raise RefusedError("no student-week has an outcome yet: nothing to learn from")

    monkeypatch.setattr(TOY, "read", read)

    found = activate_version(OPERATOR, home, "toy", "bad")

    assert found.serving == "bad"
    assert "could not be compared with good: no student-week" in found.verdict.notes[0]
    assert "not_compared" in trail.entries(home, action=trail.ACTIVATE)[0].details


def test_a_version_takes_the_place_of_a_damaged_one(home: Settings) -> None:
    damaged = toys.put(home, "damaged", toys.GOOD)
    activate_version(OPERATOR, home, "toy", "damaged")
    (damaged / "parts" / "ridge.json").write_text("{")

    assert activate_version(OPERATOR, home, "toy", "good").serving == "good"


def test_the_version_before_comes_back_with_a_reason_and_past_no_gate(home: Settings) -> None:
    activate_version(OPERATOR, home, "toy", "same")

    with pytest.raises(InputError, match="a reason is needed"):
        roll_back(OPERATOR, home, "toy", reason=" ")
    assert roll_back(OPERATOR, home, "toy", reason="it was no better") == "good"

    assert registry.active_version(home, "toy").name == "good"
    line = trail.entries(home, action=trail.ROLL_BACK)[0]
    assert (line.subject, line.details["previous"]) == ("toy good", "same")
    assert registry.history(home, "toy")[-1].reason == "it was no better"


def test_two_versions_are_compared_in_pairs_on_the_same_weeks(home: Settings) -> None:
    found = compare_versions(home, "toy", "good", "bad")

    mae = found["paired"]["metrics"]["mae"]
    assert mae["b"] > mae["a"] and mae["difference"]["low"] > 0
    assert found["moves"] is None and found["not_compared"] == ""
    assert found["good"] == {"headline": {}}


def test_who_would_change_level_is_counted_and_few_are_not_told_apart(
    demo_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels = {"ana": ("low", "high")}
    moved = comparison.Moves(students=300, changed=41, up=30, down=11, levels=levels)

    assert moved.sentence == (
        "41 students change level, of 300: 30 to a higher one, 11 to a lower one."
    )
    assert "ana" not in moved.model_dump_json()
    few = moved.model_copy(update={"changed": 4, "up": 3, "down": 1})
    assert few.sentence == "Fewer than 10 students change level, of 300."
    split = moved.model_copy(update={"up": 38, "down": 3})
    assert split.sentence == "41 students change level, of 300."
    texts = few.model_copy(update={"whose": "texts"})
    assert texts.sentence == "Fewer than 10 texts change level, of 300."
    assert texts.model_copy(update={"changed": 0}).sentence == "No text changes level, of 300."
    assert (few.as_json()["changed"], few.as_json()["up"]) == (None, None)
    assert (split.as_json()["changed"], split.as_json()["down"]) == (41, None)
    assert (moved.as_json()["up"], moved.as_json()["down"]) == (30, 11)


def test_a_version_that_is_worse_for_one_group_alone_is_refused_and_the_group_named(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed = comparison.weigh(home, "toy", "good", "same")
    who = np.asarray(weighed.examples.who)
    some = np.isin(who, np.unique(who)[:COMPARED])
    few = np.isin(who, np.unique(who)[:5])
    groups = {
        "school": np.where(some, "North", "South"),
        "size": np.where(few, "few", "most"),
    }
    said = weighed.said[1].to_pandas().assign(value=lambda rows: rows["value"] + 0.2 * some)
    second = pa.Table.from_pandas(said, schema=weighed.said[1].schema, preserve_index=False)
    planted = replace(weighed, said=(weighed.said[0], second), groups=groups)
    monkeypatch.setattr(comparison, "weigh", lambda *_, **__: planted)
    lenient = home.model_copy(update={"gate": GateRules(margin=1.0, most_off=1.0, least_slope=0.1)})

    found = gate.judge(lenient, "toy", "same")

    (objection,) = found.objections
    assert objection.check == "group" and objection.groups == ("school North",)
    assert "students of school North" in objection.sentence and "few" not in objection.sentence


def test_a_version_that_is_deactivated_leaves_its_place_to_the_one_before(home: Settings) -> None:
    toys.put(home, "third", toys.SAME)
    activate_version(OPERATOR, home, "toy", "third")

    with pytest.raises(InputError, match="toy bad is not active"):
        deactivate_version(OPERATOR, home, "toy", "bad", reason="bad")

    assert deactivate_version(OPERATOR, home, "toy", "third", reason="bad") == "good"
    assert trail.entries(home, action=trail.DEACTIVATE)[0].subject == "toy good"


def test_a_first_version_that_learned_nothing_serves_only_where_a_person_says_so(
    demo_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = toys.copied(demo_home, tmp_path / "home")
    said = "It does no better than guessing. Mean absolute error: 0.300, against 0.300."
    monkeypatch.setattr(type(TOY), "no_better", lambda *_: said)

    made = train_version(OPERATOR, home, "toy")

    version = str(made["version"])
    assert made["no_better"] == models.version(home, version).no_better == said
    assert not registry.has_version(home, "toy")
    with pytest.raises(MissingError, match="does no better than guessing"):
        registry.chosen_version(home, "toy")
    looked = triggers.check(home, "toy", datetime.now(UTC))  # it is still trained again on Sundays
    assert [each.name for each in looked] == ["new_labels", "age", "error", "drift"]
    assert all(each.details["active"] is None for each in looked)
    with pytest.raises(RefusedError) as refused:
        activate_version(OPERATOR, home, "toy", version, reason="why not")
    assert [*refused.value.reasons] == [said]
    done = activate_version(OPERATOR, home, "toy", version, override_reason="a demonstration")
    assert done.serving == version
    assert models.weakness(home, "toy") == said
