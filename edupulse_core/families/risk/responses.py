"""What a school usually does about a tier and about what drives it."""

from collections.abc import Iterable

RESPONSES = {
    "low": (
        "Standard monitoring",
        ("Keep up what works; look again when next week's data are in.",),
    ),
    "medium": (
        "Proactive support",
        (
            "Talk with the student this week and ask what would help.",
            "Agree on one small step with a teacher who knows them, and look again in two weeks.",
        ),
    ),
    "high": (
        "Immediate intervention",
        (
            "Name one adult who is responsible, and contact the family within two school days.",
            "Bring the student to this week's support team and agree on a weekly check.",
        ),
    ),
    "critical": (
        "Emergency response",
        (
            "Reach the student and the family today, and tell the principal.",
            "Call the support team together within two days, and check in daily.",
        ),
    ),
}

_BY_MODALITY = {
    "att": (
        "Attendance: ask about what keeps the student away (transport, health, safety, sleep), "
        "and set up a morning check-in."
    ),
    "grd": (
        "Courses: go through missing work with the teachers, agree on what still counts, and offer "
        "tutoring in the lowest course."
    ),
    "dsc": (
        "Behaviour: look for where and when it happens, hear the student first, and choose a "
        "restorative step before a removal."
    ),
}


def suggested(tier: str, raising: Iterable[str]) -> tuple[str, list[str]]:
    """The response's name and its steps; raising: features that raise the score."""
    name, steps = RESPONSES[tier]
    families = dict.fromkeys(feature[:3] for feature in raising)
    drivers = [_BY_MODALITY[family] for family in families] if tier != "low" else []
    return name, [*steps, *drivers]
