"""README says what the benchmarks kept, figure for figure; a rerun that moves one fails here."""

import json
import re
from itertools import chain
from typing import Any

import pytest

from edupulse_core.config import REPOSITORY, SHIPPED_MODELS

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PROSE = " ".join(README.replace("*", "").split())
RISK = SHIPPED_MODELS / "risk"
KEPT = json.loads((RISK / "benchmarks.json").read_text(encoding="utf-8"))

DAILY = "OULAD daily, by student, still registered"
DAILY_LATER = "OULAD daily, earlier to AAA-2014J, still registered"
DAILY_LOST = "OULAD daily: AUC lost on a later presentation"
SUMS = "OULAD sums, by student, all"
SUMS_LATER = "OULAD sums, earlier to 2014J, all"
SUMS_LOST = "OULAD sums: AUC lost on a later presentation"
HSLS = "HSLS:09, by student"

Row = dict[str, str]


def kept(benchmark: str, title: str) -> list[Row]:
    """The rows of a kept table."""
    (table,) = (table for table in KEPT[benchmark]["tables"] if table["title"] == title)
    return list(table["rows"])


def named(benchmark: str, title: str) -> dict[str, Row]:
    """The rows of a kept table by their first cell, which they lose."""
    found = {}
    for row in kept(benchmark, title):
        (_, name), *cells = row.items()
        found[name] = dict(cells)
    return found


def figures(*cells: Any) -> list[str]:
    """The numbers in some cells, without the zero before the point."""
    found = chain.from_iterable(re.findall(r"[+−]?[\d.,]*\d", str(cell)) for cell in cells)
    return [re.sub(r"^([+−]?)0\.", r"\1.", each) for each in found]


def rows(header: str) -> list[list[str]]:
    """The cells of README's table with this header, row by row."""
    lines = README.split(f"\n{header}")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def said(what: str) -> list[str]:
    """The figures in the row of README's first table of measurements that tells of this."""
    (cells,) = (cells for cells in rows("| what | measured |") if what in cells[0])
    return figures(*cells[1:])


def each(row: Row, columns: str = "", place: int = 0) -> list[str]:
    """The first figure, or that at another place, of a row's cells in columns of this beginning."""
    found = (figures(cell) for column, cell in row.items() if column.startswith(columns))
    return [cell[place] for cell in found if len(cell) > place]


def spread(found: list[str]) -> str:
    """The least and the greatest of some figures, in words."""
    ordered = sorted(found, key=lambda figure: float(figure.replace("−", "-")))
    return f"{ordered[0]} to {ordered[-1]}"


def test_networks_compared() -> None:
    columns = (
        *("AUC, any flag", "less the design, any flag", "less boosting, any flag"),
        *("AUC, high or critical", "less the design, high or critical"),
        *("ECE", "parameters", "time"),
    )
    measured = kept("networks", "Networks compared, sizes reduced alike")

    assert [figures(*cells[1:]) for cells in rows("| network |")] == [
        figures(*(row[column] for column in columns)) for row in measured
    ]


def test_networks_in_prose() -> None:
    compared, full, _ = KEPT["networks"]["tables"]
    seeds = PROSE.split("The design's three seeds are")[1].split(": attention between")[0]
    sizes = PROSE.split("the gain does not hold:")[1].split("; with rate")[0]
    design, cross, *_ = full["rows"]
    any_flag, high = "AUC, any flag", "AUC, high or critical"

    assert figures(seeds) == figures(compared["words"].split("other random numbers:")[1])
    assert figures(sizes) == figures(
        *(design[any_flag], design[high]),
        *(cross[any_flag], cross["less the design, any flag"], cross[high]),
    )


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("cross-modal attention", "do not differ for it: {} from the design"),
        ("masks and times", "masks {},"),
        ("logs, robust scale", "logarithms {},"),
        ("temporal convolutions", "convolutions {},"),
        ("Transformer encoder", "a Transformer {},"),
        ("several seeds of the design", "three seeds {} alike"),
        ("attention pooling", "attention pooling less: {}."),
    ],
)
def test_networks_on_real_students(network: str, words: str) -> None:
    by = named("networks", "On real students: OULAD with daily clicks, still registered")

    assert words.format(spread(each(by[network], "less the design"))) in PROSE


def test_real_outcomes_week_by_week() -> None:
    by = named("outcomes", DAILY)
    models = (
        *("students (at risk)", "ABC-like rule", "logistic", "boosting", "GRU (designed)"),
        *("GRU (designed, full size)", "GRU (served)", "GRU", "GRU ensemble", "blend"),
    )
    for cells in rows("| week | students |"):
        at = {model: figures(row[f"week {cells[0]}"]) for model, row in by.items()}

        assert figures(*cells[1:]) == [
            *(at[model][0] for model in models),
            *(*at["blend"][1:], *at["blend, other courses"][1:]),
            *(*at["other courses' input, to boosting"], *at["published"]),
        ]


@pytest.mark.parametrize(
    ("title", "model", "words"),
    [
        (HSLS, "blend", "blend {} (goal"),
        (HSLS, "boosting", "boosting {}, logistic"),
        (HSLS, "logistic", "logistic {}, GRU"),
        (HSLS, "GRU", "GRU {};"),
        (SUMS, "blend", "blend {} (goal"),
        (SUMS, "boosting", "boosting {}, logistic"),
        (SUMS, "logistic", "logistic {}, one network"),
        (SUMS, "GRU", "one network {};"),
        (SUMS, "published", "published LightGBM {}."),
        (SUMS_LATER, "boosting", "2014J: boosting {}, blend"),
        (SUMS_LATER, "blend", "blend {} (less boosting"),
        (SUMS_LATER, "GRU", "network {}, published"),
        (SUMS_LATER, "published", "published {}."),
        (SUMS_LOST, "blend", "it loses {} against"),
        (SUMS_LOST, "boosting", "boosting {}: weeks"),
    ],
)
def test_real_outcomes_in_prose(title: str, model: str, words: str) -> None:
    found = ", ".join(each(named("outcomes", title)[model])).replace("+", "")

    assert words.format(found) in PROSE


@pytest.mark.parametrize(
    ("title", "model", "place", "words"),
    [
        (DAILY, "blend", 1, "both ways: {} without"),
        (DAILY, "blend, other courses", 1, "without and {} with"),
        (DAILY, "other courses' input, to boosting", 0, "boosting alone {}. One"),
        (DAILY_LOST, "blend", 0, "the blend loses {} against"),
        (DAILY_LOST, "blend, other courses", 0, "with other courses {}, but there"),
        (DAILY_LATER, "blend", 1, "blend less boosting {}, in week 8"),
        (DAILY_LATER, "blend, other courses", 1, "with other courses both, {}."),
    ],
)
def test_spreads_of_real_outcomes(title: str, model: str, place: int, words: str) -> None:
    found = spread(each(named("outcomes", title)[model], place=place))

    assert words.format(found) in PROSE


def test_recall_of_real_outcomes() -> None:
    by, gaps = (
        [row for row in kept("outcomes", f"HSLS:09: {what}") if row["model"] == "blend"]
        for what in ("recall by sex and race", "gaps in recall")
    )
    lower, higher, asian, black, without, given, _, white = (row["recall"] for row in by)
    told = PROSE.split("the blend's recall is")[1].split(": uneven")[0]

    assert figures(told) == figures(
        *(lower, higher, asian, white, given, black, without),
        *(row["gap"].removeprefix("+") for row in gaps),
        spread([row["false alarms"] for row in by]),
    )


def test_classmates() -> None:
    measured = kept("peers", "Classmates, made-up districts")

    assert [figures(*cells[1:]) for cells in rows("| AUC of the score |")] == [
        figures(*list(row.values())[1:]) for row in measured
    ]


def test_neighbours() -> None:
    measured = kept("peers", "Neighbours, real students")
    for week, *cells in rows("| week | logistic alone |"):
        by = {row["model"]: row for row in measured if str(row["week"]) == week}

        assert figures(*cells) == [
            figure
            for model in ("logistic", "GRU")
            for figure in figures(
                by[f"{model}, alone"]["failed or withdrew"],
                by[f"{model}, neighbours"]["less alone"],
                by[f"{model}, neighbours"]["less at random"],
            )
        ]


def test_explanations() -> None:
    served = named("explanations", "Explanations as they are served")
    groups = named("explanations", "Ways to explain, by group")
    weeks = named("explanations", "Ways to explain, by week")
    ways = ("Integrated Gradients", "attention", "attention rollout", "random")
    lost = ("lost without the strongest", "lost with nothing else")
    badges = named("explanations", "Badges")
    given = (badges["stable"], badges["partly"])
    alike, _, *others = said("at most five reasons")

    assert said("score lost without") == figures(*(weeks[way][how] for way in ways for how in lost))
    assert [alike, *others] == figures(
        served["Reasons alike after two trainings"]["measured"],
        served["The same of single features"]["measured"],
        groups["random"]["like another training"],
    )
    assert said("network of random weights") == figures(
        groups["Integrated Gradients"]["like random weights"]
    )
    assert said("badge") == figures(
        *(badge["top three told again"] for badge in given),
        *(badge["of the students"] for badge in given),
    )


def test_planted_causes() -> None:
    by = named("explanations", "Planted causes among the top three")
    told, ranked = by["reasons as told"], by["Integrated Gradients, last 8 weeks"]
    alone, ceiling = by["three features alone"], by["ceiling"]
    strongest, shown = "strongest cause", "if the week's records show it"

    assert said("strongest planted cause") == figures(
        *(told[strongest], "1,500", told[shown], ranked[strongest], ranked[shown]),
        *(alone[strongest], alone[shown], by["random"][strongest]),
        *(ceiling[strongest], ceiling[shown], told["up to three causes"]),
    )


def test_equal_errors() -> None:
    cost = named("fairness", "What equal errors would cost")
    recall = named("fairness", "Gaps in recall, in points")
    alarms = named("fairness", "Gaps in false-positive rate, in points")
    groups = ("race", "meal", "school", "grade")

    def lost(trained: str) -> str:
        return f"−{float(cost['as it is']['AUC']) - float(cost[trained]['AUC']):.4f}"

    def points(gaps: Row, *groups: str) -> list[str]:
        return [f"{float(gaps[group]):.0f}" for group in groups]

    race, *others = points(recall["as it is"], *groups)
    assert said("gap in recall") == figures(
        *(race, "30", *others, *points(recall["as it is"], "sex", "language", "disability")),
        *("1.5", lost("penalty, 1.5"), *points(recall["penalty, 1.5"], *groups)),
        *(lost("penalty, 4"), *points(recall["penalty, 4"], *groups)),
    )
    assert said("false-positive rate by race") == figures(
        *points(alarms["as it is"], *groups),
        *points(alarms["penalty, 1.5"], *groups),
        *(lost("penalty, 4"), *points(alarms["penalty, 4"], *groups)),
    )


@pytest.mark.parametrize(
    ("outcome", "what"),
    [
        ("any flag", "AUC of the score, any flag"),
        ("high or critical", "the same, high or critical"),
    ],
)
def test_the_shipped_version_on_the_demo_district(outcome: str, what: str) -> None:
    shown = f"AUC of the score, {outcome}"
    card = (RISK / "risk-4" / "card.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| {shown} \|(.*)$", card, re.MULTILINE)
    (less,) = re.findall(rf"^\* {shown}, less boosting:(.*)$", card, re.MULTILINE)
    network, rule, logistic, boosting, ceiling = figures(row)

    assert said(what) == [network, boosting, *figures(less), logistic, rule, ceiling]
