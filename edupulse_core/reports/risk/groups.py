"""What an evaluation says about each group of students: calibration, bands, alarms and gaps."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from edupulse_core.config import SMALLEST
from edupulse_core.families.risk.measured import RiskEvaluation
from edupulse_core.families.risk.results import (
    BandCheck,
    Bands,
    Calibration,
    Ceiling,
    RiskAlarm,
)
from edupulse_core.reports import figures
from edupulse_core.reports.blocks import Block, Cell, Choice, Heading, Section, Table, Text
from edupulse_core.training.conformal import COVERAGE_GOAL, JUDGED
from edupulse_core.training.fairness import Gap
from edupulse_core.training.reliability import ENOUGH, GOAL
from edupulse_core.training.results import Hidden, Told

L = TypeVar("L", bound=Told)
Row = Sequence[str | Cell]

ATTRIBUTES = {
    "race": "Race and ethnicity",
    "sex": "Sex",
    "language": "Language",
    "disability": "Disability",
    "meal": "Meal status",
    "school": "School",
    "grade": "Grade today",
}
ALARMS = {
    "support": "Risk level Medium or above",
    "intervention": "Risk level High or above",
    "caseload": "Top of the list",
}
OUTCOMES = {"support": "a flag", "intervention": "High or Critical", "caseload": "a flag"}
RATES = {
    "recall": "Found, of those who had the outcome (recall)",
    "fpr": "Flagged, of those without it (false-positive rate)",
}
GRADE_TODAY = (
    "Grades are today's, even for weeks of earlier years, because an import keeps only a student's "
    "newest grade. Students who have left keep their last one."
)
GAPS = (
    "A gap is the highest rate minus the lowest, in percentage points, among groups of 30 students "
    "or more. Groups drawn by lot differ too: 95 of 100 such draws stay under the chance figure. "
    "Judge a gap by that figure, not by its interval, which is about the two groups furthest "
    "apart. From the scores alone: the gap if every outcome came true as often as predicted."
)


def attribute(name: str) -> str:
    """The attribute by which students are grouped, in words."""
    return ATTRIBUTES.get(name, name.capitalize())


def for_whom(found: RiskEvaluation) -> Section:
    """The same questions for each group: calibration, bands, alarms."""
    intro = Text(
        "Ranges are 95% intervals over students. Groups with fewer than "
        f"{SMALLEST} students in a cell are hidden, and so are others that would give them away. "
        "Race, sex, language, disability and meal status never enter the model: they are read for "
        "this page only."
    )
    options = {attribute(by): _by(found, by) for by in found.calibration.groups}
    return Section("groups", "For whom is it right?", [intro, Choice("By", options)])


def _by(found: RiskEvaluation, by: str) -> list[Block]:
    return [
        *([Text(GRADE_TODAY)] if by == "grade" else []),
        *_calibration(found.calibration, by),
        *(_bands(found.bands, by) if found.bands else []),
        *_alarms(found.fairness, by),
    ]


def _calibration(found: Calibration, by: str) -> list[Block]:
    return [
        Heading("Does a score mean the same for each group?"),
        Text(
            "Too high by: the mean score minus the mean severity that followed; below 0, scores "
            f"are too low. A group of {ENOUGH:,} weeks or more is in range with an error of at "
            f"most {GOAL:.2f}. A smaller one is in range if chance alone could make the error of a "
            "perfect score as large; that fails for one group in forty."
        ),
        _table(
            f"Calibration by {attribute(by).lower()}",
            ("Too high by", "Error", "At most", "In range"),
            found.lines(by),
            lambda each: (
                figures.spread(each.off.value, each.off.low, each.off.high, "{:+.3f}"),
                f"{each.ece:.3f}",
                f"{each.most:.3f}",
                _in_range(each.met),
            ),
        ),
    ]


def _bands(found: Bands, by: str) -> list[Block]:
    return [
        Heading("Is the range of levels right for each group?"),
        Text(
            f"The range is meant to be right in {found.level:.0%} of weeks. A group of {JUDGED} "
            f"weeks or more is in range if it was right in at least {COVERAGE_GOAL:.0%}."
        ),
        _table(
            f"Ranges of levels by {attribute(by).lower()}",
            ("Right", "In range", "Width in levels", "Uncertain"),
            found.lines(by),
            lambda each: (
                figures.ranged(each.coverage, (0.8, 1.0), COVERAGE_GOAL),
                _in_range(_holds(each)),
                f"{each.width:.1f}",
                f"{each.uncertain:.0%}",
            ),
        ),
    ]


def _holds(line: BandCheck) -> bool | None:
    """Whether the band is right often enough; None if there are too few weeks to say."""
    if line.rows < JUDGED or line.coverage.value is None:
        return None
    return line.coverage.value >= COVERAGE_GOAL


def _alarms(found: Mapping[str, RiskAlarm], by: str) -> list[Block]:
    return [
        Heading("Who is flagged, and how often is that wrong?"),
        Choice("Flagged", {ALARMS[name]: _alarm(name, each, by) for name, each in found.items()}),
    ]


def _alarm(name: str, found: RiskAlarm, by: str) -> list[Block]:
    label, lines = attribute(by).lower(), found.lines(by)
    return [
        Text(
            f"Correct means that {OUTCOMES[name]} followed in the next weeks. Missed: it followed "
            "for a student who was not flagged. Counts are student-weeks, so a student may count "
            "many times."
        ),
        _table(
            f"Alarms by {label}",
            (
                "False, of those flagged",
                "Recall",
                "False-positive rate",
                "Had the outcome",
                "Flagged, of all",
            ),
            lines,
            lambda each: (
                figures.ranged(each.precision.complement, (0.0, 0.6)),
                figures.ranged(each.recall, (0.0, 1.0)),
                figures.ranged(each.fpr, (0.0, 0.3)),
                figures.percents(each.base_rate),
                figures.percents(each.selection),
            ),
        ),
        _table(
            f"Alarms by {label}, counts",
            ("Flagged", "Correct", "False", "Missed"),
            lines,
            lambda each: (
                f"{each.alarms:,}",
                f"{each.right:,}",
                f"{each.false:,}",
                f"{each.missed:,}",
            ),
        ),
    ]


def _table(
    title: str,
    head: tuple[str, ...],
    lines: Sequence[Hidden | L],
    cells: Callable[[L], Row],
) -> Table:
    """A row for each group, with its size; a hidden group shows only its name."""
    told = [each for each in lines if not isinstance(each, Hidden)]
    by_weeks = any(each.students is None for each in told)  # a student may be in two of the groups
    rows: list[Row] = []
    for each in lines:
        name = figures.group(each.group)
        if isinstance(each, Hidden):
            rows.append((name, *[figures.HIDDEN] * (len(head) + 1)))
        else:
            count = each.rows if by_weeks else each.students
            rows.append((name, *cells(each), figures.number(count)))
    return Table(title, ("Group", *head, "Weeks" if by_weeks else "Students"), rows)


def _in_range(met: bool | None) -> str:
    if met is None:
        return "– (too few)"
    return "✓ in range" if met else "✗ out of range"


def how_far_apart(found: Mapping[str, RiskAlarm], ceiling: Ceiling | None) -> Section:
    """How far apart the groups of each attribute are, and how far chance alone would put them."""
    blocks: list[Block] = [Text(GAPS)]
    if ceiling is not None:
        blocks.append(
            Text(
                "The best possible model of this fictional district knows every student's hidden "
                "state. Gaps that it still has come from how often the outcome follows in each "
                "group, not from the score. The last two columns cover the "
                f"{figures.size(ceiling.rows, ceiling.students)} that it was asked about."
            )
        )
    options = {ALARMS[name]: _gaps(name, each, ceiling) for name, each in found.items()}
    return Section("gaps", "How far apart are the groups?", [*blocks, Choice("Flagged", options)])


def _gaps(name: str, found: RiskAlarm, ceiling: Ceiling | None) -> list[Block]:
    blocks: list[Block] = []
    for rate, words in RATES.items():
        known: dict[str, Gap | None] = {by: getattr(gaps, rate) for by, gaps in found.gaps.items()}
        rows = []
        for by, gap in known.items():
            if gap is None:
                continue
            both = [] if ceiling is None else [
                _points(getattr(ceiling.gaps[who][name][by], rate)) for who in ("version", "oracle")
            ]  # fmt: skip
            rows.append((attribute(by), *_gap(gap), *both))
        head = ("Groups by", "Gap, points", "Highest", "Lowest", "Chance, up to")
        more = ("More than chance", "From the scores alone")
        oracle = () if ceiling is None else ("This model, same weeks", "Best possible, same weeks")
        if rows:
            blocks.append(Table(f"Gaps: {words}", (*head, *more, *oracle), rows))
        if few := [attribute(by).lower() for by, gap in known.items() if gap is None]:
            blocks.append(Text(f"{words}: too few groups to compare by {', '.join(few)}."))
    return blocks


def _gap(gap: Gap) -> Row:
    return (
        _points(gap),
        figures.group(gap.most),
        figures.group(gap.least),
        figures.points(gap.by_chance),
        "yes" if gap.value > gap.by_chance else "no",
        figures.points(gap.implied),
    )


def _points(gap: Gap | None) -> str:
    if gap is None:
        return figures.NOTHING
    return figures.spread(100 * gap.value, 100 * gap.low, 100 * gap.high, "{:.1f}")
