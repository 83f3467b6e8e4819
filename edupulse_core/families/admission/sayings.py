"""What odds mean, in words: for the command line, the API and the pages alike."""

from collections.abc import Mapping, Sequence

from edupulse_core import words

LEAST = 0.01  # odds below it, or this near to 1, are told as "under 1%" and "over 99%"
WIDE = 0.6  # a range that reaches from a reach into likely
REACH, LIKELY = 0.3, 0.7  # below, a reach; from here on, likely; between, a match
KINDS = ("reach", "match", "likely")
WARNING = (
    "Odds are the share of past applicants with records like these who were admitted. They are not "
    "a decision. They know nothing of interviews, money, or what a college looks for this year. "
    "Never use them to tell a student not to apply."
)
NOTHING = (
    "This student has not applied to a program yet, so there are no numbers to go by. Odds appear "
    "once an import of applications.csv brings a first application."
)
LABELS = {
    "gpa": "GPA",
    "test_score": "Test score",
    "language_score": "Language test score",
    "statement": "Personal statement (1 to 5)",
    "letters": "Letters of recommendation (1 to 5)",
    "research": "Research experience",
    "extracurriculars": "Extracurricular activities",
    "rank_in_class": "Rank in class",
    "program_tier": "Tier of the program",
    "minimum_gpa": "Minimum GPA of the program",
    "admit_rate": "Admit rate of the program",
    "gpa_minus_minimum": "GPA above the program's minimum",
}
_CHANGES = {
    "gpa": "a GPA of {then:.2f} instead of {now:.2f}",
    "test_score": "a test score of {then:g} instead of {now:g}",
    "statement": "a statement rated {then:g} instead of {now:g}",
    "extracurriculars": "{then:g} extracurricular activities instead of {now:g}",
}


def kind_of(chance: float) -> str:
    """Whether a program is a reach, a match or likely."""
    return KINDS[int(chance >= REACH) + int(chance >= LIKELY)]


def odds(value: float, low: float, high: float) -> str:
    """Such as "62% (48% to 75%)"; never 0% or 100%, which no record can promise."""
    said, ends = _percent(value), (_percent(low), _percent(high))
    return said if {*ends} == {said} else f"{said} ({ends[0]} to {ends[1]})"


def change(one: Mapping[str, object]) -> str:
    """What a student could change, such as "With a GPA of 3.40 instead of 3.30: 58%"."""
    said = _CHANGES[str(one["input"])].format(**one)
    return f"With {said}: {_percent(float(str(one['chance'])))}"


def notes(outside: Sequence[str], low: float, high: float) -> str:
    """What speaks against relying on odds, in sentences.  outside: inputs far beyond the usual."""
    said = []
    if outside:
        named = ", ".join(outside)
        said.append(f"Far from past applications ({named}): the odds are a guess. ")
    if high - low > WIDE:
        said.append("The range is too wide to tell a reach from a likely program. ")
    return "".join(said)


def _percent(share: float) -> str:
    if share < LEAST:
        return f"under {words.percent(LEAST)}"
    return f"over {words.percent(1 - LEAST)}" if share > 1 - LEAST else words.percent(share)
