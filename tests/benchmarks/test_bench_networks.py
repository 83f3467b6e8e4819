from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edupulse_core.features.catalogue import NAMES
from edupulse_core.models.risk import RiskConfig
from edupulse_core.models.risk_examples import Examples
from edupulse_core.training.loop import LoopOptions
from tests.benchmarks import bench_networks
from tests.benchmarks.bench_networks import Answers, Task
from tests.benchmarks.networks import ARCHITECTURES, INPUTS

TINY = RiskConfig(hidden=2, layers=1, projection=8, heads=2, fusion=(8, 8), head=8, length=4)


def examples(n: int, seed: int) -> Examples:
    """Two rows a student, whose absence tells a part of what comes."""
    rng = np.random.default_rng(seed)
    severity = rng.choice([0.0, 0.3, 0.6, 1.0], n, p=[0.5, 0.2, 0.2, 0.1])
    values = rng.normal(size=(n, 4, len(NAMES))).astype(np.float32)
    values[:, :, NAMES.index("att_absence_rate_4w")] += 3 * severity[:, None]
    students = np.repeat(np.arange(n // 2), 2).astype(str)
    weeks = np.tile(np.array(["2026-01-05", "2026-02-02"], "datetime64[D]"), n // 2)
    return Examples(values, np.ones((n, 4), bool), students, weeks, severity)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    loop = LoopOptions(epochs=2, batch=50, schedule="cosine")
    test = examples(200, 2)
    return Task(examples(400, 0), examples(200, 1), test, test.severity, TINY, TINY, loop, tmp_path)


def test_every_variant_has_a_row_with_its_distance_and_cost(task: Task) -> None:
    found = bench_networks.measure(task)

    told = bench_networks.tables(found)
    names = [row["network"] for row in told[0]["rows"]]
    both = next(name for name in names if " + " in name and "boosting" not in name)
    assert {*both.split(" + ")} < {*INPUTS, *ARCHITECTURES}
    assert names == [
        "design", *INPUTS, *ARCHITECTURES, both, "three seeds of the design", "design + boosting",
        "abc rule", "logistic", "boosting", "ceiling",
    ]  # fmt: skip
    by_name = {row["name"]: row for row in found["rows"]}
    assert by_name["ceiling"]["auc"]["any"] == 1.0
    assert by_name["design"]["design"] == {} and by_name["design"]["times"] == 1.0
    pooling = by_name["attention pooling"]
    away = pooling["auc"]["any"] - by_name["design"]["auc"]["any"]
    assert pooling["design"]["any"]["difference"] == pytest.approx(away, abs=1e-6)
    assert pooling["design"]["any"]["low"] <= away <= pooling["design"]["any"]["high"]
    ensemble = by_name["three seeds of the design"]
    assert ensemble["parameters"] == 3 * by_name["design"]["parameters"]
    assert found["seeds"]["design"][0] == by_name["design"]["auc"]["any"]
    bench_networks.show(found)


def test_no_choice_reads_what_came_of_the_test_rows(task: Task) -> None:
    other = replace(task, test=replace(task.test, severity=1.0 - task.test.severity))

    one, two = (bench_networks.measure(each)["rows"] for each in (task, other))

    assert [row.get("choice") for row in one] == [row.get("choice") for row in two]
    assert [row["name"] for row in one] == [row["name"] for row in two]
    design = one[0]["auc"]["any"] - 0.5
    assert abs(design) > 0.05 and design * (two[0]["auc"]["any"] - 0.5) < 0


def test_what_is_trained_is_found_again(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    one = bench_networks.measure(task)
    monkeypatch.setattr(bench_networks.loop, "train", None)

    assert bench_networks.measure(task) == one


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
    apart = {"difference": 0.01, "low": -0.01, "high": 0.03}
    found = {
        "candidates": 2, "train_rows": 1, "test_rows": 1, "test_students": 1, "rows": [],
        "full": [], "seeds": {"design": [0.8, 0.81]},
        "oulad": [
            {"name": "design", "auc": {"4": 0.79}, "design": {}},
            {"name": "attention pooling", "auc": {"4": 0.8}, "design": {"4": apart}},
        ],
    }  # fmt: skip

    told = bench_networks.tables(found)

    assert "0.8000 to 0.8100" in told[0]["words"]
    assert told[-1]["rows"] == [
        {"network": "design", "week 4": "0.7900", "less the design, week 4": "–"},
        {
            "network": "attention pooling",
            "week 4": "0.8000",
            "less the design, week 4": "+0.0100 (-0.0100 to +0.0300)",
        },
    ]
