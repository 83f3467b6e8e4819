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

Row = dict[str, str]


def kept(benchmark: str, title: str) -> list[Row]:
    """The rows of a kept table."""
    (table,) = (each for each in KEPT[benchmark]["tables"] if each["title"] == title)
    return list(table["rows"])


def named(benchmark: str, title: str) -> dict[str, Row]:
    """The rows of a kept table, by their first cell."""
    return {next(iter(row.values())): row for row in kept(benchmark, title)}


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


def test_real_outcomes_week_by_week() -> None:
    by = named("outcomes", "OULAD daily, by student, still registered")
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
        ("HSLS:09, by student", "blend", "blend {} (goal"),
        ("HSLS:09, by student", "boosting", "boosting {}, logistic"),
        ("HSLS:09, by student", "logistic", "logistic {}, GRU"),
        ("HSLS:09, by student", "GRU", "GRU {};"),
        ("OULAD sums, by student, all", "blend", "blend {} (goal"),
        ("OULAD sums, by student, all", "boosting", "boosting {}, logistic"),
        ("OULAD sums, by student, all", "logistic", "logistic {}, one network"),
        ("OULAD sums, by student, all", "GRU", "one network {};"),
        ("OULAD sums, by student, all", "published", "published LightGBM {}."),
        ("OULAD sums, earlier to 2014J, all", "boosting", "2014J: boosting {}, blend"),
        ("OULAD sums, earlier to 2014J, all", "blend", "blend {} (less boosting"),
        ("OULAD sums, earlier to 2014J, all", "GRU", "network {}, published"),
        ("OULAD sums, earlier to 2014J, all", "published", "published {}."),
        ("OULAD sums: AUC lost on a later presentation", "blend", "it loses {} against"),
        ("OULAD sums: AUC lost on a later presentation", "boosting", "boosting {}: weeks"),
    ],
)
def test_real_outcomes_in_prose(title: str, model: str, words: str) -> None:
    _, *cells = named("outcomes", title)[model].values()
    first = [figures(cell)[0].lstrip("+") for cell in cells if figures(cell)]

    assert words.format(", ".join(first)) in PROSE


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
