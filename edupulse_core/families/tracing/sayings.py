"""What a mastery says in words, the same on a page, at the command line and by HTTP."""

from edupulse_core import words

LEVELS = {
    "mastered": "Mastered",
    "nearly": "Nearly there",
    "not yet": "Not yet",
    "not seen": "No answers yet",
}
MEANING = (
    "The percentage is the chance of a right answer to a typical question on the skill. It is not "
    "a grade."
)
RANGE = (
    "The range beside the chance holds the student's own rate for 9 in 10 students. It can lie "
    "above or below the share of right answers so far: the chance is about today, so recent "
    "answers and answers on other skills count too."
)
LABELS = {  # of the inputs
    "answers": "Answers so far",
    "right_answers": "Right answers so far",
    "skill_answers": "Answers to the skill so far",
    "skill_right_answers": "Right answers to the skill so far",
    "item_answers": "Answers to the item so far",
    "skills_of_item": "Skills of the item",
    "days_since_skill": "Days since the skill was last practiced",
}
DAYS_IN_WEEK = 7


def level(label: str) -> str:
    """The level of a skill."""
    return LEVELS.get(label, label.capitalize())


def chance(value: float) -> str:
    """Such as "83%"."""
    return words.percent(value)


def span(low: float, high: float) -> str:
    """Such as "71% to 92%"."""
    return f"{words.percent(low)} to {words.percent(high)}"


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
