"""An evaluation as one page that opens anywhere: no network, no script, every number with its n."""

from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk.goals import MAIN
from edupulse_core.families.risk.report import SHOWN
from edupulse_core.reports import benchmarks
from edupulse_core.reports.evaluation_gaps import gaps
from edupulse_core.reports.evaluation_importance import importance
from edupulse_core.reports.evaluation_words import (
    FEW_TESTED,
    GAPS,
    GRADE_TODAY,
    UNTOLD,
    figure_of,
    parts_of_curve,
    reached,
    wrong,
)
from edupulse_core.reports.markup import Html, curve, folded, interval, paragraph, ranged, table
from edupulse_core.training.evaluation import difference_in_words

_PAGE = Template(
    (files("edupulse_core.reports") / "evaluation_page.html").read_text(encoding="utf-8")
)
PREDICTORS = {
    "gru": "this version",
    "abc_rule": "ABC rule",
    "logistic": "logistic regression",
    "boosting": "gradient boosting",
    "ceiling": "oracle",
}
ALARM_NAMES = {"support": "Support", "intervention": "Intervention", "caseload": "Caseload"}
TOO_FEW = f"is hidden, as it would tell of fewer than {SMALLEST} students"
FAIRNESS = (
    "group",
    "recall",
    "false-positive rate",
    "precision",
    "had the outcome",
    "flagged",
    "weeks",
    "students",
)


def page(report: Mapping[str, Any]) -> str:
    """The whole page. report: what `retraining.evaluate_risk` returns."""
    title = f"Risk model {report['version']}: held-out evaluation"
    sections = [
        ("goals", "Goals", _goals(report)),
        ("baselines", "Beside the baselines", _baselines(report["test"])),
        ("calibration", "Calibration", _calibration(report["calibration"])),
        ("bands", "Bands", _bands(report["bands"])),
        ("tiers", "Tiers", _tiers(report["tiers"])),
        ("alarms", "Alarms", _alarms(report["fairness"])),
        ("fairness", "Fairness", _fairness(report["fairness"], report.get("ceiling"))),
    ]
    if report.get("importance"):
        drawn = importance(report["importance"], report.get("benchmarks", ()))
        sections.append(("importance", "Importance", drawn))
    if report.get("benchmarks"):
        sections.append(("benchmarks", "Benchmarks", benchmarks.sections(report["benchmarks"])))
    links = "".join(f'<a href="#{name}">{escape(words)}</a>' for name, words, _ in sections)
    body = [f"<h1>{escape(title)}</h1>", _facts(report), f"<nav>{links}</nav>"]
    for name, words, content in sections:
        body += [f'<section id="{name}">', f"<h2>{escape(words)}</h2>", *content, "</section>"]
    return _PAGE.substitute(title=escape(title), body="\n".join(body))


def _facts(report: Mapping[str, Any]) -> str:
    known = report["evaluated_on"]
    kind = " (made-up district)" if known.get("is_demo") else ""
    facts = {
        "Version": report["version"],
        "District": f"{known['district']}{kind}",
        "As of": f"weeks from {report['weeks'][0]} to {report['weeks'][1]}",
        "Held out": f"{report['rows']:,} student-weeks of {report['students']:,} students",
        "Grade": GRADE_TODAY,
        "Evaluated": report["evaluated_at"].replace("T", " ").replace("+00:00", " UTC"),
    }
    items = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in facts.items())
    return f"<dl>{items}</dl>"


def _goals(report: Mapping[str, Any]) -> list[str]:
    lines = []
    for each in report["goals"]:
        kind = {True: "met", False: "missed", None: "open"}[each["met"]]
        lines.append(
            f'<li><span class="{kind}">{reached(each)}</span>: {escape(each["goal"])}.'
            f"<br>{escape(each['found'])}</li>"
        )
    parts = [f'<ul class="goals">{"".join(lines)}</ul>']
    if report.get("ceiling"):
        parts.append(
            paragraph(
                "In a made-up district even the oracle has gaps between groups; they stand beside "
                "this version's under Fairness."
            )
        )
    return parts


def _baselines(test: Mapping[str, Any]) -> list[str]:
    names = [name for name in PREDICTORS if name in test["table"]]
    rows = [
        (words, *(figure_of(test, name, metric, "hidden") for name in names))
        for metric, words in SHOWN.items()
    ]
    against = [
        (SHOWN[metric], PREDICTORS[each["baseline"]], difference_in_words(each))
        for metric, each in test["against_best_baseline"].items()
    ]
    size, rates = _size(test), test["base_rates"]
    came = (
        FEW_TESTED
        if test.get("few")
        else f"{rates['any_flag']:.1%} came to any flag, {rates['high']:.1%} to high or critical."
    )
    return [
        paragraph(
            "The baselines learn from this district's earlier weeks, so this table counts only the "
            f"later weeks of students they did not learn from: {size}, {test['weeks'][0]} to "
            f"{test['weeks'][1]}. {came}"
        ),
        table(size, ("", *(PREDICTORS[name] for name in names)), rows),
        table(
            f"This version less the best baseline; 95 % intervals over students; {size}",
            ("", "best baseline", "difference"),
            against,
            prosaic=(1,),
        ),
    ]


def _calibration(found: Mapping[str, Any]) -> list[str]:
    whole, points = found["overall"], found["curve"]
    if whole["hidden"]:
        everyone = [paragraph(UNTOLD)]
    else:
        rows = [(f"{p['predicted']:.3f}", f"{p['observed']:.3f}", f"{p['rows']:,}") for p in points]
        everyone = [
            paragraph(
                f"Expected calibration error {whole['ece']:.4f} on {_size(whole)}. A perfectly "
                f"calibrated score of this size would stay under {whole['limit']:.4f} in 97.5 of "
                "100 draws."
            ),
            paragraph(parts_of_curve(points)),
            curve(points),
            table("The curve, part by part", ("predicted", "observed", "weeks"), rows),
        ]
    return [
        *everyone,
        paragraph("Of many groups, one in forty is over its limit by chance alone."),
        table(
            "Predicted less observed severity, and calibration error, by group",
            ("group", "predicted − observed", "error", "limit", "", "weeks", "students"),
            _all_lines(found, _calibrated, 6),
        ),
    ]


def _calibrated(each: Mapping[str, Any]) -> tuple[Any, ...]:
    judged = "at most .02" if each["judged_by"] == "goal" else "within its limit"
    said = judged if each["met"] else "over"
    return (
        interval(each["off"], "{:+.3f}"),
        f"{each['ece']:.4f}",
        f"{each['limit']:.4f}",
        Html(f'<span class="{"met" if each["met"] else "missed"}">{said}</span>'),
        *_count(each),
    )


def _bands(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return [paragraph("This version was saved without bands, so none is shown.")]
    whole, widths = found["overall"], found["widths"]

    def cells(each: Mapping[str, Any]) -> tuple[Any, ...]:
        return (
            ranged(each["coverage"], (0.8, 1.0), goal=0.88),
            f"{each['width']:.2f}",
            f"{each['uncertain']:.1%}",
            *_count(each),
        )

    uncertain = (
        f": {whole['uncertain']:.1%} of {_size(whole)}." if not whole["hidden"] else f". {UNTOLD}"
    )
    if widths is None:
        by_width = paragraph(f"How many bands are how wide {TOO_FEW}.")
    else:
        rows = [(n, f"{k:,}", f"{k / sum(widths):.1%}") for n, k in enumerate(widths, 1)]
        by_width = table("Width of the bands, in tiers", ("tiers", "weeks", "share"), rows)
    return [
        paragraph(
            f"A {found['level']:.0%} band is the run of tiers around the one shown that should "
            f"hold what comes for {found['level']:.0%} of students. It was calibrated on "
            f"{_size(found['calibrated_on'])}, none of them counted here. Three tiers or "
            f"more are called uncertain{uncertain}"
        ),
        by_width,
        table(
            "Share of outcomes inside the band, 95 % interval over students; axis 80 % to 100 %, "
            "line at 88 %",
            ("group", "inside", "mean width", "uncertain", "weeks", "students"),
            _all_lines(found, cells, 5),
        ),
    ]


def _tiers(found: Mapping[str, Any]) -> list[str]:
    parts = [paragraph("High and critical count as one where few students would be told of.")]
    for name, words in (
        ("shown", "the tier that is shown (the score's band)"),
        ("likeliest", "the likeliest tier by the second output"),
    ):
        each = found[name]
        if each["confusion"] is None:
            parts.append(paragraph(f"The count by {words} {TOO_FEW}."))
            continue
        rows = []
        for names, counts in zip(each["came"], each["confusion"], strict=True):
            total = sum(counts)
            rows.append((" or ".join(names), *(_heat(n, total) for n in counts), f"{total:,}"))
        total = sum(map(sum, each["confusion"]))
        parts.append(
            table(
                f"What came, a line each, by {words}, a column each: {each['accuracy']:.1%} of "
                f"{total:,} student-weeks agree",
                ("came", *map(" or ".join, each["said"]), "weeks"),
                rows,
            )
        )
    return parts


def _heat(count: int, total: int) -> Html:
    share = count / total if total else 0.0
    return Html(
        f'<div class="heat" style="--share: {share * 55:.0f}%">{count:,} '
        f"<small>{share:.0%}</small></div>"
    )


def _alarms(found: Mapping[str, Any]) -> list[str]:
    overall = [
        (
            *_line(ALARM_NAMES[name], each["overall"], _alarm_cells, 5),
            f"{each['flagged']}; right if {each['outcome']} came",
        )
        for name, each in found.items()
    ]
    main = found[MAIN]
    dark = any(each["overall"]["hidden"] for each in found.values())
    return [
        paragraph(
            "Of those flagged, how many had the outcome; and for whom alarms were wrong. An alarm "
            "is a student-week: a student may be flagged in many." + (f" {UNTOLD}" if dark else "")
        ),
        table(
            "Alarms of everyone",
            ("alarm", "share wrong", "alarms", "right", "wrong", "missed", "who is flagged"),
            overall,
            prosaic=(6,),
        ),
        table(
            f"{ALARM_NAMES[MAIN]} alarms by group ({main['flagged']}; outcome: {main['outcome']})",
            ("group", "share wrong", "alarms", "right", "wrong", "missed"),
            _lines(main["groups"], _alarm_cells, 5),
        ),
    ]


def _alarm_cells(each: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        ranged(wrong(each["precision"]), (0.0, 0.6)),
        f"{each['alarms']:,}",
        f"{each['right']:,}",
        f"{each['false']:,}",
        f"{each['missed']:,}",
    )


def _fairness(found: Mapping[str, Any], ceiling: Mapping[str, Any] | None) -> list[str]:
    parts = [
        paragraph(
            "Race, sex, language, disability and meal status never enter the model; they are read "
            "here only. Recall: of those with the outcome, the share flagged. False-positive "
            "rate: of those without, the share flagged. Groups with few students in a cell are "
            "hidden, and so is what would give them away. Grade is today's."
        ),
        paragraph(GAPS),
    ]
    if ceiling is not None:
        parts.append(
            paragraph(
                "The oracle of this made-up district knows every student's hidden state and means "
                "what it says in every group. The gaps that it still has come from how often the "
                "outcome comes in each group, not from the score. It answers for "
                f"{_size(ceiling)}; the last two columns of the gaps are taken on those."
            )
        )
    for name, each in found.items():
        parts.append(
            f"<h3>{escape(ALARM_NAMES[name])}: {escape(each['flagged'])}; "
            f"outcome: {escape(each['outcome'])}</h3>"
        )
        parts.append(gaps(name, each["gaps"], ceiling))
        lines = table(
            "By group, with 95 % intervals over students; axes 0 to 100 % and 0 to 30 %",
            FAIRNESS,
            _all_lines(each, _fair_cells, 7),
        )
        parts.append(lines if name == MAIN else folded("Every group", lines))
    return parts


def _fair_cells(each: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        ranged(each["recall"], (0.0, 1.0)),
        ranged(each["fpr"], (0.0, 0.3)),
        interval(each["precision"]),
        interval(each["base_rate"]),
        interval(each["selection"]),
        *_count(each),
    )


def _all_lines(found: Mapping[str, Any], cells: Any, width: int) -> Iterable[tuple[Any, ...]]:
    """A row for everyone, and those of every group."""
    yield _line("everyone", found["overall"], cells, width)
    yield from _lines(found["groups"], cells, width)


def _lines(groups: Mapping[str, Any], cells: Any, width: int) -> Iterable[tuple[Any, ...]]:
    """A row for each group of each attribute."""
    for attribute, lines in groups.items():
        yield (attribute,)
        for each in lines:
            yield _line(each["group"], each, cells, width)


def _line(name: str, each: Mapping[str, Any], cells: Any, width: int) -> tuple[Any, ...]:
    """One row; one that is hidden says so."""
    return (name, *(("hidden",) * width if each["hidden"] else cells(each)))


def _count(each: Mapping[str, Any]) -> tuple[str, str]:
    students = each["students"]  # not told where a student may be in two of the groups
    return f"{each['rows']:,}", "–" if students is None else f"{students:,}"


def _size(found: Mapping[str, Any]) -> str:
    return f"{found['rows']:,} student-weeks of {found['students']:,} students"
