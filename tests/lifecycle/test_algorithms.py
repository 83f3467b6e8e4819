"""One algorithm or all of them: trained with the plan that was asked for, compared, ranked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edupulse_core.actions.models import train_version
from edupulse_core.actions.versions import compare_versions
from edupulse_core.config import Settings, load_settings
from edupulse_core.errors import InputError, MissingError
from edupulse_core.families import version as folders
from edupulse_core.jobs.kinds import STEPS
from edupulse_core.jobs.process import Told
from edupulse_core.lifecycle import algorithms, registry
from edupulse_core.lifecycle.algorithms import Asked
from edupulse_core.people import trail
from edupulse_core.people.actor import OPERATOR
from tests.families.toy.family import TOY, ToyModel, ToyPlan
from tests.lifecycle.toys import copied, on_the_shelf

RIDGE = TOY.algorithms["ridge"]


@pytest.fixture(scope="module", autouse=True)
def line_of_the_shelf() -> Iterator[None]:
    with on_the_shelf():
        yield


@pytest.fixture
def home(demo_home: Settings, tmp_path: Path) -> Settings:
    return copied(demo_home, tmp_path / "home")


def algorithms_are(monkeypatch: pytest.MonkeyPatch, **fitted: ToyModel | None) -> None:
    """Let the toy family have these algorithms; None is the ridge regression."""
    monkeypatch.setattr(
        TOY,
        "algorithms",
        {
            name: RIDGE if model is None else replace(RIDGE, fit=lambda *_, m=model: m)
            for name, model in fitted.items()
        },
    )


@dataclass(frozen=True)
class PlainPlan:
    """A plan with a field of its own."""

    rounds: int = 1


PLAIN = PlainPlan()
BLIND = ToyModel([0.0, 0.0, 0.0], 0.9)
SAME = ToyModel([0.6, 0.1, 0.02], 0.02)


def test_what_is_better_beyond_chance_should_serve(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithms_are(monkeypatch, blind=BLIND, ridge=None)

    told = Told(STEPS["train"])
    steps: dict[str, float] = {}  # as a job tells it, and its percent at the end of each
    seen: list[float] = []

    def progress(step: str, done: int, total: int) -> None:
        told.hear({"step": step, "done": done, "total": total})
        steps[step] = told.progress
        seen.append(told.progress)

    found = train_version(OPERATOR, home, "toy", algorithm="all", progress=progress)

    parts = {step: percent for step, percent in steps.items() if " of " in step}
    assert list(parts) == ["blind (1 of 2)", "ridge (2 of 2)"]
    assert parts["blind (1 of 2)"] < parts["ridge (2 of 2)"] == STEPS["train"]["train"]
    assert found["best"] == "ridge"
    ahead = found["table"][1]["ahead"]["mae"]
    assert ahead["high"] < 0 and found["table"][0]["ahead"] == {}
    versions = [each["version"] for each in found["table"]]
    assert versions == [folder.name for folder in registry.versions(home, "toy")]
    assert found["version"] == versions[1]
    noted = {entry.subject for entry in trail.entries(home, action=trail.TRAIN)}
    assert noted == {f"toy {version}" for version in versions}
    assert registry.chosen_version(home, "toy").name == versions[1]  # the best of the first ones
    (switch,) = registry.history(home, "toy")
    assert switch.reason == found["why"]


def test_a_better_one_does_not_take_the_place_of_what_serves_by_itself(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithms_are(monkeypatch, blind=BLIND, ridge=None)
    serving = train_version(OPERATOR, home, "toy")["version"]

    found = train_version(OPERATOR, home, "toy", algorithm="all")

    assert found["best"] == "ridge"
    assert registry.chosen_version(home, "toy").name == serving


def test_what_a_person_chose_during_the_training_stays(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithms_are(monkeypatch, blind=BLIND, ridge=None)

    def progress(step: str, done: int, total: int) -> None:
        if step == "compare" and done == 0:
            first = registry.versions(home, "toy")[0].name
            registry.activate(home, "toy", first, registry.Switch("ann", "ours"))

    found = train_version(OPERATOR, home, "toy", algorithm="all", progress=progress)

    assert found["best"] == "ridge"
    assert [each.reason for each in registry.history(home, "toy")] == ["ours"]


def test_the_best_does_not_serve_if_it_is_of_no_use(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithms_are(monkeypatch, blind=BLIND, ridge=None)
    said = "It does no better than guessing."
    monkeypatch.setattr(
        type(TOY), "no_better", lambda _, found: said if found.headline["mae"] < 0.2 else ""
    )

    found = train_version(OPERATOR, home, "toy", algorithm="all")

    useless = {each["algorithm"]: each["no_better"] for each in found["table"]}
    assert useless == {"blind": "", "ridge": said} and found["best"] == "ridge"
    assert registry.chosen_version(home, "toy").name == found["table"][0]["version"]


def test_a_measure_from_which_a_few_could_be_counted_decides_but_is_not_shown(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithms_are(monkeypatch, blind=BLIND, ridge=None)
    monkeypatch.setattr(type(TOY), "untold", lambda *_: ("mae",))

    found = train_version(OPERATOR, home, "toy", algorithm="all")

    assert found["best"] == "ridge"
    assert all("mae" not in each["metrics"] | each["ahead"] for each in found["table"])
    names = [each["version"] for each in found["table"]]
    paired = compare_versions(home, "toy", *names)["paired"]
    assert "mae" not in paired["metrics"]


def test_where_nothing_is_better_the_default_stays(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    algorithms_are(monkeypatch, first=SAME, second=SAME, blind=BLIND)

    found = train_version(OPERATOR, home, "toy", algorithm="all")

    assert found["best"] == "first"
    assert "beyond chance" in found["why"]
    assert found["confidence"] == pytest.approx(0.975)


def test_a_version_keeps_what_was_asked_who_asked_and_what_it_followed(home: Settings) -> None:
    asked = {"alpha": "3"}
    first = train_version(OPERATOR, home, "toy", hyperparameters=asked, version_tag="v", notes="n")

    second = train_version(OPERATOR, home, "toy", seed=7)

    made = registry.metrics_of(Path(first["folder"]))
    assert made["training"]["alpha"] == 3.0
    assert made["made"]["hyperparameters"] == asked
    assert (made["made"]["version_tag"], made["made"]["notes"]) == ("v", "n")
    assert made["made"]["created_by"] == "operator"
    assert {"rows", "validation_rows", "students", "seconds", "seed"} <= made["training"].keys()
    about = folders.header(Path(second["folder"]))
    assert about.parent == first["version"]
    assert about.code_version
    assert registry.metrics_of(Path(second["folder"]))["training"]["seed"] == 7


def test_the_settings_set_fields_and_a_request_sets_them_again(home: Settings) -> None:
    settings = load_settings(home=home.home, train={"toy": {"alpha": 5}})

    by_settings = train_version(OPERATOR, settings, "toy")
    by_request = train_version(OPERATOR, settings, "toy", hyperparameters={"alpha": 2})

    assert registry.metrics_of(Path(by_settings["folder"]))["training"]["alpha"] == 5
    assert registry.metrics_of(Path(by_request["folder"]))["training"]["alpha"] == 2


def test_the_settings_of_another_algorithm_are_left_aside(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = replace(RIDGE, plan=lambda: PLAIN)
    monkeypatch.setattr(TOY, "algorithms", {"plain": plain, "ridge": RIDGE})
    settings = load_settings(home=home.home, train={"toy": {"alpha": 5}})

    algorithms.check(settings, "toy", Asked(algorithm="plain"))

    with pytest.raises(InputError, match="no 'alpha' to set"):
        algorithms.check(settings, "toy", Asked("plain", hyperparameters={"alpha": 1}))
    algorithms.check(settings, "toy", Asked("all", hyperparameters={"alpha": 1}))


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (Asked(algorithm="forest"), MissingError, "no algorithm 'forest'; there are: ridge, and"),
        (Asked(plan="reference"), MissingError, "no plan 'reference'"),
        (Asked(hyperparameters={"beta": 1}), InputError, "no 'beta' to set; there are: alpha"),
        (Asked(hyperparameters={"alpha": "much"}), InputError, "alpha: 'much'"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_any_work(
    home: Settings, asked: Asked, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        algorithms.check(home, "toy", asked)


def test_a_field_in_the_settings_that_no_plan_has_is_named(home: Settings) -> None:
    settings = load_settings(home=home.home, train={"toy": {"beta": 5}})

    with pytest.raises(InputError, match=r"edupulse.toml, \[train.toy\]: no plan has 'beta'"):
        algorithms.check(settings, "toy", Asked())


def test_a_named_plan_is_used(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    stiff = replace(RIDGE, plans={"stiff": lambda: ToyPlan(alpha=100.0)})
    monkeypatch.setattr(TOY, "algorithms", {"ridge": stiff})

    made = train_version(OPERATOR, home, "toy", plan="stiff")

    assert registry.metrics_of(Path(made["folder"]))["training"]["alpha"] == 100
