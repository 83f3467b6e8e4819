"""Hours in words: for the command line, the API and the pages alike."""

LABELS = {  # of the inputs
    "education_level": "Level of education",
    "learning_style": "Learning style",
    "subject": "Subject",
    "content_type": "Type of content",
    "study_method": "Study method",
    "environment": "Place of study",
    "age": "Age",
    "avg_focus_duration": "Minutes of focus",
    "difficulty": "Difficulty of the skill",
    "base_hours": "Base hours of the skill",
    "prerequisites": "Prerequisites of the skill",
    "time_of_day": "Time of day",
    "energy_level": "Energy",
    "distraction_level": "Distraction",
    "breaks_taken": "Breaks taken",
    "focus_ratio": "Difficulty by hours of focus",
    "energy_balance": "Energy less distraction",
    "sessions_before": "Earlier sessions",
    "last_hours": "Hours of the last session",
    "days_since": "Days since the last session",
}
SAME = 0.05  # share of the hours: a smaller difference from most students is not told


def as_time(hours: float) -> str:
    """Such as "1 h 35 min"; to five minutes from an hour on."""
    minutes = max(1, round(hours * 60))
    if minutes >= 60:
        minutes = 5 * round(minutes / 5)
    whole, rest = divmod(minutes, 60)
    parts = [f"{whole} h" if whole else "", f"{rest} min" if rest else ""]
    return " ".join(part for part in parts if part)


def interval(low: float, high: float) -> str:
    """Such as "1 h 10 min to 2 h 5 min"."""
    return f"{as_time(low)} to {as_time(high)}"


def expected(hours: float, low: float, high: float) -> str:
    """An answer in a sentence."""
    return f"About {as_time(hours)}; 9 in 10 such sessions take {interval(low, high)}."


def compared(sessions_before: int, pace: float) -> str:
    """What an answer rests on.  pace: how much longer than most the student takes; 1: as long."""
    if not sessions_before:
        return (
            "The student has no earlier sessions, so this is what such a session takes most "
            "students."
        )
    sessions = f"{sessions_before} earlier session{'s' if sessions_before > 1 else ''}"
    share = pace - 1
    if abs(share) < SAME:
        return f"Judging by {sessions}, the student takes about as long as most."
    way = "longer" if share > 0 else "less time"
    return f"Judging by {sessions}, the student takes about {abs(share):.0%} {way} than most."
