from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from duckdb import DuckDBPyConnection

from edupulse_core.config import load_settings
from edupulse_core.families.risk import checkpoint
from edupulse_core.families.risk.checkpoint import RiskModel
from edupulse_core.lifecycle import registry
from edupulse_core.training.evaluation import auc
from tests.benchmarks import bench_peers
from tests.benchmarks.outcomes.weekly import Case, Weekly
from tests.benchmarks.peers import districts, graph, network, oulad
from tests.benchmarks.peers.network import Graph, Way
from tests.features.district import District, day, random_district
from tests.features.test_leak import forget


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Matrices this small only wait for other threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> RiskModel:
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    return checkpoint.load(registry.active_version(settings, "risk"))


def search_path(con: DuckDBPyConnection) -> DuckDBPyConnection:
    con.execute("set search_path = 'memory.main,warehouse.main,features.main'")
    return con


def four() -> District:
    """Ana and Ben share two sections; Cy one with Ben, from week 5 one with Ana; Dee is far."""
    district = District(weeks=8, students=())
    district.school("south", (day(week, n) for week in range(1, 9) for n in range(5)))
    district.enrol("ana", courses=["math", "english", "other"])
    district.enrol("ben", courses=["math", "english", "science"])
    district.enrol("cy", courses=["science"], end=day(5))
    district.enrol("cy", courses=["other"], start=day(5))
    district.enrol("dee", "south", courses=["math", "english"])
    for student in ("ana", "ben", "cy", "dee"):
        district.mark(day(8, 4), student=student)
    return district.imported_on(day(9)).derive().build()


def test_ties_count_the_sections_shared_in_the_week_within_a_school() -> None:
    con = search_path(four().con)

    north, south = graph.schools(con, day(4))
    (later, _) = graph.schools(con, day(5))

    assert north.students.tolist() == ["ana", "ben", "cy"]
    assert north.ties.tolist() == [[0, 2, 0], [2, 0, 1], [0, 1, 0]]
    assert south.students.tolist() == ["dee"] and south.ties.tolist() == [[0]]
    assert later.ties.tolist() == [[0, 2, 1], [2, 0, 0], [1, 0, 0]]


def test_classmates_means_weigh_by_sections_and_skip_what_is_unknown() -> None:
    ties = torch.tensor([[0, 2, 1], [2, 0, 0], [1, 0, 0]], dtype=torch.uint8)
    values = np.array([[9.0, 1.0], [3.0, np.nan], [6.0, 5.0]], np.float32)

    found = graph.means(values, ties)

    assert found[0].tolist() == [4.0, 5.0]  # twice 3 and once 6; of the second column Cy alone
    assert found[1].tolist() == [9.0, 1.0]
    assert np.isnan(graph.means(values, torch.zeros(3, 3, dtype=torch.uint8))).all()


def test_the_placebo_keeps_each_number_of_ties_and_nobody_leaves_the_grade() -> None:
    ties = graph.ties_of([{"a", "b"}, {"a", "b"}, {"b"}, {"z"}, {"z"}])
    grade = np.array(["06", "06", "06", "07", "07"])

    dealt = graph.dealt(ties, grade, np.random.default_rng(1))

    assert (dealt.diagonal() == 0).all() and (dealt == dealt.T).all()
    assert sorted(dealt[:3, :3].flatten().tolist()) == sorted(ties[:3, :3].flatten().tolist())
    assert dealt[3, 4] == 1 and (dealt[:3, 3:] == 0).all()


@pytest.mark.parametrize("seed", range(100, 106))
def test_what_is_dated_after_the_week_changes_no_tie_and_no_state(
    seed: int, model: RiskModel
) -> None:
    week = 5 + 3 * (seed % 6)
    whole = random_district(seed).build()
    sunday = day(week) + timedelta(days=6)
    cut = forget(random_district(seed), sunday).build(last_day=sunday)

    (all_schools, all_states), (then_schools, then_states) = (
        (
            list(graph.schools(search_path(each.con), day(week))),
            districts.states_of(each.con, model, day(week)),
        )
        for each in (whole, cut)
    )

    assert len(all_schools) == len(then_schools) > 0
    for now, then in zip(all_schools, then_schools, strict=True):
        assert now.students.tolist() == then.students.tolist()
        assert torch.equal(now.ties, then.ties)
    assert all_states[0] == then_states[0]
    assert torch.allclose(all_states[1][0], then_states[1][0], atol=1e-5)


@pytest.mark.parametrize("known", [True, False])
def test_no_outcome_reaches_the_inputs_of_anybody(known: bool, model: RiskModel) -> None:
    con = search_path(random_district(101).build().con)
    _, (states, summary) = districts.states_of(con, model, day(8))
    before = list(graph.schools(con, day(8)))

    assert before
    con.execute(
        "update features.outcomes set severity = if($known, 1 - coalesce(severity, 0), null)",
        {"known": known},
    )

    _, (then_states, then_summary) = districts.states_of(con, model, day(8))
    assert torch.equal(states, then_states)
    assert np.array_equal(summary, then_summary, equal_nan=True)
    for now, then in zip(before, graph.schools(con, day(8)), strict=True):
        assert now.students.tolist() == then.students.tolist()  # also who has no outcome
        assert torch.equal(now.ties, then.ties)


def only_classmates_know(n_graphs: int, seed: int) -> tuple[list[Graph], list[Graph]]:
    """Schools in which a student's outcome is what four classmates' first input says; and dealt."""
    rng = np.random.default_rng(seed)
    true, random = [], []
    for _ in range(n_graphs):
        room = rng.permutation(np.arange(60) // 5)
        ties = graph.ties_of([{str(name)} for name in room])
        states = torch.from_numpy(rng.standard_normal((60, 6)).astype(np.float32))
        target = (ties.float() @ states[:, 0] > 0).float()
        grade = np.full(60, "07")
        true.append(Graph(states, ties, target))
        random.append(Graph(states, graph.dealt(ties, grade, rng), target))
    return true, random


def test_networks_that_look_at_classmates_find_what_only_they_know(one_thread: None) -> None:
    train, train_random = only_classmates_know(24, 1)
    test, test_random = only_classmates_know(16, 2)
    came = torch.cat([each.target for each in test]).numpy() > 0

    def reached(way: Way, given: list[Graph], asked: list[Graph]) -> float:
        fitted, _ = network.fit(given, given[:5], way, learning_rate=1e-2, dropout=0.0, epochs=10)
        return auc(network.logits(fitted, asked), came)

    assert reached("mean", train, test) > 0.95
    assert reached("attention", train, test) > 0.95
    assert 0.45 < reached("none", train, test) < 0.55
    assert 0.45 < reached("mean", train_random, test_random) < 0.56
    assert 0.45 < reached("attention", train_random, test_random) < 0.56


def test_a_student_without_classmates_has_a_finite_score() -> None:
    alone = Graph(torch.randn(3, 4), torch.zeros(3, 3, dtype=torch.uint8), torch.rand(3))

    for way in ("mean", "attention"):
        fitted, _ = network.fit([alone], [alone], way, learning_rate=1e-3, dropout=0.0, epochs=1)

        assert np.isfinite(network.logits(fitted, [alone])).all()


def test_a_districts_rows_are_its_students_with_a_target_in_the_graphs_order(
    model: RiskModel,
) -> None:
    part = districts.read(model, 3, students=120, futures=2)

    targets = torch.cat([each.target for each in part.graphs()])
    known = ~targets.isnan()
    assert targets[known].numpy() == pytest.approx(part.truth[:, 1], abs=1e-6)
    assert len(part.students) == len(part.truth) < len(targets)  # others stay as classmates
    assert part.columns("around").shape == (len(part.truth), 2 * part.columns(None).shape[1])
    assert np.isfinite(part.columns("planted")[:, -6:-1]).all()


def test_a_win_is_beyond_chance_against_the_model_alone_and_the_placebo() -> None:
    def cell(alone: float, random: float) -> dict[str, dict[str, float]]:
        return {"alone": {"low": alone}, "random": {"low": random}}

    assert bench_peers.wins({"any": cell(0.001, 0.001), "high": cell(0.001, 0.001)})
    assert not bench_peers.wins({"any": cell(0.001, 0.001), "high": cell(0.001, -0.001)})
    assert not bench_peers.wins({"any": cell(0.0, 0.001), "high": cell(0.001, 0.001)})


ANA, BEN, CY, DEE = range(4)
CLICKS = pd.DataFrame(
    [(ANA, 9, -2), (ANA, 9, 0), (ANA, 8, 0), (ANA, 9, 15), (BEN, 8, 1), (CY, 8, 2), (DEE, 8, 1)],
    columns=["id_student", "id_site", "date"],
).assign(code_module="AAA", code_presentation="2013J")


def three() -> Weekly:
    """Ana, Ben and Cy, who left in the second week; four steps. Dee is in another presentation."""
    registered = np.ones((3, 4), dtype=bool)
    registered[CY, 2:] = False
    return Weekly(
        np.zeros((3, 4, 1), np.float32),
        np.ones((3, 4), dtype=bool),
        registered,
        np.arange(3),
        np.arange(3),
        np.full(3, "AAA-2013J", dtype=object),
        ("a",),
        (1,),
    )


def near(clicks: pd.DataFrame, step: int) -> list[list[int]]:
    return [row[row >= 0].tolist() for row in oulad.neighbours(clicks, three(), step)]


def test_neighbours_opened_the_same_sites_and_are_still_registered() -> None:
    assert near(CLICKS, 0) == [[], [], []]  # Ana alone clicked before the start
    assert near(CLICKS, 1) == [[BEN, CY], [CY, ANA], [BEN, ANA]]
    assert near(CLICKS, 2) == [[BEN], [ANA], []]


@pytest.mark.parametrize("step", [0, 1, 2])
def test_no_later_click_makes_a_neighbour(step: int) -> None:
    assert near(CLICKS[CLICKS["date"] <= 7 * step - 1], step) == near(CLICKS, step)


def test_neighbours_at_random_are_as_many_and_never_oneself() -> None:
    nearest = oulad.neighbours(CLICKS, three(), 2)

    dealt = oulad.at_random(nearest, three(), 2, seed=0)

    assert ((dealt >= 0) == (nearest >= 0)).all()
    assert set(dealt[ANA][dealt[ANA] >= 0]) == {BEN} and set(dealt[BEN][dealt[BEN] >= 0]) == {ANA}


def test_an_outcome_reaches_neither_the_own_logit_nor_anybodys_if_tested(one_thread: None) -> None:
    rng = np.random.default_rng(3)
    everywhere = np.ones((30, 4), dtype=bool)
    weekly = Weekly(
        rng.standard_normal((30, 4, 3)).astype(np.float32),
        everywhere,
        everywhere,
        rng.integers(0, 4, 30),
        np.arange(30),
        np.full(30, "AAA-2013J", dtype=object),
        ("a", "b", "c"),
        (3,),
    )
    case = Case("made up", weekly, {"1": 1}, everywhere)
    test = np.arange(30) < 6

    def logits(*flipped: int) -> np.ndarray:
        result = weekly.result.copy()
        result[list(flipped)] = 3 - result[list(flipped)]
        other = replace(case, weekly=replace(weekly, result=result))
        return oulad.out_of_fold(other, test, epochs=2)

    before = logits()

    assert np.array_equal(logits(*range(6)), before)
    after = logits(20)
    assert np.array_equal(after[20], before[20]) and not np.array_equal(after[:6], before[:6])


def test_real_data_that_is_not_there_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench_peers.main(["--data", str(tmp_path)]) == 3
    assert "no folder" in capsys.readouterr().err


def test_what_was_kept_with_real_students_stays_when_a_run_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "oulad").mkdir()
    monkeypatch.setattr(bench_peers, "_districts", lambda *_: {"version": "v7"})
    monkeypatch.setattr(oulad, "run", lambda *_, **__: {})

    settings = load_settings()

    assert bench_peers.run(settings)["partial"]
    found = bench_peers.run(settings, data=tmp_path)
    assert not found["partial"]
    assert found["command"] == "edupulse bench peers --data DIR"
