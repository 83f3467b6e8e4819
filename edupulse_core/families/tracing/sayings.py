"""What a mastery says in words, the same on a page, at the command line and by HTTP."""

LEVELS = {
    "mastered": "Mastered",
    "nearly": "Nearly there",
    "not yet": "Not yet",
    "not seen": "No answers yet",
}
SUBJECTS = {"social studies": "Social studies"}
DAYS_IN_WEEK = 7


def level(label: str) -> str:
    """The level of a skill."""
    return LEVELS.get(label, label.capitalize())


def subject(name: str | None) -> str:
    """A school subject as a heading; "Other" where it is not known."""
    return SUBJECTS.get(name or "other", (name or "other").capitalize())


def chance(value: float) -> str:
    """Such as "83%"."""
    return f"{value:.0%}"


def span(low: float, high: float) -> str:
    """Such as "71% to 92%"."""
    return f"{low:.0%} to {high:.0%}"


def evidence(answers: int, right: int) -> str:
    """Such as "12 of 15 answers right"."""
    if not answers:
        return "no answers yet"
    return f"{right:,} of {answers:,} {'answer' if answers == 1 else 'answers'} right"


def last_practiced(days: int | None) -> str:
    """Such as "3 days ago"."""
    if days is None:
        return "never"
    if days < 1:
        return "today"
    if days < 2 * DAYS_IN_WEEK:
        return f"{days} {'day' if days == 1 else 'days'} ago"
    return f"{days // DAYS_IN_WEEK} weeks ago"


def summary(levels: list[str]) -> str:
    """How many skills are on which level, such as "4 mastered, 2 not yet"."""
    counts = {name: levels.count(name) for name in LEVELS}
    told = [f"{n} {LEVELS[name].lower()}" for name, n in counts.items() if n]
    return ", ".join(told) or "no skills"
