import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edupulse_core.families.risk.examples import Examples
from edupulse_core.families.risk.network import RiskConfig
from edupulse_core.features.catalogue import NAMES
from edupulse_core.training.loop import LoopOptions
from tests.benchmarks import bench_networks
from tests.benchmarks.bench_networks import Answers, Task
from tests.benchmarks.kept import show
from tests.benchmarks.networks import ARCHITECTURES, INPUTS

TINY = RiskConfig(hidden=2, layers=1, projection=8, heads=2, fusion=(8, 8), head=8, length=4)

FOUND: dict[str, Any] = {
    "candidates": 2,
    "worth": 0.0005,
    "train_rows": 1,
    "test_rows": 1,
    "test_students": 1,
    "rows": [
        {
            "name": "design",
            "auc": {"any": 0.8, "high": 0.9},
            "ece": 0.01,
            "design": {},
            "boosting": {},
        }
    ],
    "full": [],
    "seeds": {"design": [0.8, 0.81]},
}
OULAD = [
    {"name": "design", "auc": {"4": 0.79}, "design": {}},
    {
        "name": "attention pooling",
        "auc": {"4": 0.8},
        "design": {"4": {"difference": 0.01, "low": -0.01, "high": 0.03}},
    },
]


def examples(n: int, seed: int) -> Examples:
    """Two rows a student, whose absence tells a part of what comes."""
    rng = np.random.default_rng(seed)
    severity = rng.choice([0.0, 0.3, 0.6, 1.0], n, p=[0.5, 0.2, 0.2, 0.1])
    values = rng.normal(size=(n, 4, len(NAMES))).astype(np.float32)
    values[:, :, NAMES.index("att_absence_rate_4w")] += 3 * severity[:, None]
    students = np.repeat(np.arange(n // 2), 2).astype(str)
    weeks = np.tile(np.array(["2026-01-05", "2026-02-02"], "datetime64[D]"), n // 2)
    return Examples(values, np.ones((n, 4), bool), students, weeks, severity)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    loop = LoopOptions(epochs=2, batch=50, schedule="cosine")
    test = examples(160, 2)
    kept = tmp_path_factory.mktemp("networks")
    return Task(examples(300, 0), examples(160, 1), test, test.severity, TINY, TINY, loop, kept)


@pytest.fixture(scope="module")
def measured(task: Task) -> dict[str, Any]:
    """All figures of the task, measured once for the tests that read them."""
    return bench_networks.measure(task, full=True)


def test_every_variant_has_a_row_with_its_distance_and_cost(measured: dict[str, Any]) -> None:
    found = measured

    told = bench_networks.tables(found)
    names = [row["network"] for row in told[0]["rows"]]
    both = next(name for name in names if " + " in name and "boosting" not in name)
    assert {*both.split(" + ")} < {*INPUTS, *ARCHITECTURES}
    assert names == [
        "design", *INPUTS, *ARCHITECTURES, both,
        *(f"three seeds, {name}" for name in found["seeds"]),
        *(f"{name} + boosting" for name in found["seeds"]),
        "abc rule", "logistic", "boosting", "ceiling",
    ]  # fmt: skip
    by_name = {row["name"]: row for row in found["rows"]}
    assert by_name["ceiling"]["auc"]["any"] == 1.0
    assert by_name["design"]["design"] == {} and by_name["design"]["times"] == 1.0
    pooling = by_name["attention pooling"]
    away = pooling["auc"]["any"] - by_name["design"]["auc"]["any"]
    assert pooling["design"]["any"]["difference"] == pytest.approx(away, abs=1e-6)
    assert pooling["design"]["any"]["low"] <= away <= pooling["design"]["any"]["high"]
    ensemble = by_name["three seeds, design"]
    assert ensemble["parameters"] == 3 * by_name["design"]["parameters"]
    assert found["seeds"]["design"][0] == by_name["design"]["auc"]["any"]
    single = found["rows"][: names.index(both) + 1]
    best = max(single, key=lambda row: float(row["validation_auc"]))["name"]
    assert best != "design"
    assert list(found["seeds"]) == ["design", best]
    assert [row["name"] for row in found["full"]] == ["design", best, "boosting", "ceiling"]
    show(told)


def test_no_choice_reads_what_came_of_the_test_rows(task: Task, measured: dict[str, Any]) -> None:
    severity = 1.0 - task.test.severity
    other = replace(
        task,
        test=replace(task.test, severity=severity),
        ceiling=severity,
        kept=task.kept / "other",
    )

    one, two = measured, bench_networks.measure(other, full=True)

    def chosen(found: dict[str, Any], part: str) -> list[tuple[Any, ...]]:
        return [
            tuple(row.get(what) for what in ("name", "choice", "validation_auc", "parameters"))
            for row in found[part]
        ]

    assert one["full"]
    assert chosen(one, "rows") == chosen(two, "rows")
    assert chosen(one, "full") == chosen(two, "full")
    assert list(one["seeds"]) == list(two["seeds"])
    before, after = (found["rows"][0]["auc"]["any"] - 0.5 for found in (one, two))
    assert abs(before) > 0.05 and before * after < 0


def test_what_is_trained_is_found_again(
    task: Task, measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_networks.risk_fit, "learn", None)

    assert bench_networks.measure(task) == measured | {"full": []}


@pytest.mark.parametrize("part", ["train", "validation", "test"])
@pytest.mark.parametrize("what", ["values", "observed", "severity"])
def test_what_is_trained_on_other_data_is_not(task: Task, part: str, what: str) -> None:
    rows = getattr(task, part)
    changed = getattr(rows, what).copy()
    changed[0] = 1 - changed[0] if what != "observed" else ~changed[0]

    other = replace(task, **{part: replace(rows, **{what: changed})})

    assert (changed != getattr(rows, what)).any()
    assert other.fingerprint != task.fingerprint


def test_baselines_choose_among_candidates_too(task: Task) -> None:
    told: list[str] = []

    found = bench_networks._others(task, told.append)

    assert [line.split(":")[0] for line in told] == [
        "abc_rule, ", "logistic, C 0.1", "logistic, C 0.01",
        "boosting, rate 0.08, 200 trees", "boosting, rate 0.05, 300 trees",
    ]  # fmt: skip
    for name in ("logistic", "boosting"):
        tried = {
            line.split(": ")[0]: float(line.rsplit(" ", 1)[1])
            for line in told
            if line.startswith(name)
        }
        assert f"{name}, {found[name].choice}" == max(tried, key=tried.__getitem__)


def test_small_sizes_are_not_kept_and_the_command_says_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EDUPULSE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(bench_networks, "_task", lambda work, quick: None)
    monkeypatch.setattr(bench_networks, "measure", lambda *_, full: {**FOUND})
    file = tmp_path / "home" / "models" / "risk" / "benchmarks.json"

    assert bench_networks.main(["--quick", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["quick"]
    assert not file.exists()

    monkeypatch.setattr(bench_networks, "_on_real_students", lambda *_: OULAD)
    (tmp_path / "oulad").mkdir()
    assert bench_networks.main(["--full", "--data", str(tmp_path)]) == 0
    assert "Networks compared" in capsys.readouterr().out
    kept = json.loads(file.read_text(encoding="utf-8"))["networks"]
    assert kept["command"] == "edupulse bench networks --full --data DIR"
    assert len(kept["tables"]) == 2


def test_what_passes_the_design_on_the_validation_rows_is_combined(task: Task) -> None:
    came = task.validation.severity > 0
    noise = np.random.default_rng(3).normal(size=len(came))
    single = {
        name: Answers(came * strength + noise, noise)
        for name, strength in {
            "design": 1.0,
            "masks and times": 0.9,
            "logs, robust scale": 1.1,
            "attention pooling": 1.2,
            "cross-modal attention": 1.4,
            "Transformer encoder": 1.3,
        }.items()
    }

    assert bench_networks._won(task, single) == [
        "cross-modal attention", "attention pooling", "logs, robust scale",
    ]  # fmt: skip
    single["design"] = Answers(came * 5.0 + noise, noise)
    assert bench_networks._won(task, single) == ["cross-modal attention", "attention pooling"]


def test_real_students_have_a_table_of_their_own() -> None:
    told = bench_networks.tables(FOUND | {"oulad": OULAD})

    assert "0.8000 to 0.8100" in told[0]["words"]
    assert "the design by 0.0005" in told[0]["words"]
    assert told[-1]["rows"] == [
        {"network": "design", "week 4": "0.7900", "less the design, week 4": "–"},
        {
            "network": "attention pooling",
            "week 4": "0.8000",
            "less the design, week 4": "+0.0100 (−0.0100 to +0.0300)",
        },
    ]
