"""The flags in words, and one line for a risk level that the flags contradict."""

from edupulse_core.features.flags import Flags


def letters(flags: Flags) -> str:
    """The flags that are up, such as "A C"; a question mark if the records are missing."""
    known = zip("ABC", (flags.a, flags.b, flags.c), strict=True)
    return " ".join(f"{name}?" if up is None else name for name, up in known if up is not False)


def against(level: str | None, flags: Flags) -> str:
    """What the records say if they contradict the level; empty if they agree."""
    if level is None or not flags.disagree(level):
        return ""
    if not flags.n:
        return f"{level.capitalize()}, but no flag is up now."
    now = [words for up, words in ((flags.a, _attendance(flags)), (flags.c, _courses(flags))) if up]
    said = [f"{' and '.join(now)} now"] if now else []
    said += [_behavior(flags)] if flags.b else []
    return f"{level.capitalize()}, but {', and '.join(said)}."


def described(flags: Flags) -> str:
    """The flags that are up, one by one, or "no flags"; "no known flags" if some are unknown."""
    said = (
        (flags.a, _attendance(flags)),
        (flags.c, _courses(flags)),
        (flags.b, _behavior(flags)),
    )
    found = [words for up, words in said if up]
    unknown = None in (flags.a, flags.b, flags.c)
    return "; ".join(found) or ("no known flags" if unknown else "no flags")


def _attendance(flags: Flags) -> str:
    return "chronically absent" if flags.is_chronic else "absent too often"


def _courses(flags: Flags) -> str:
    return f"failing {flags.courses_failing} course{'' if flags.courses_failing == 1 else 's'}"


def _behavior(flags: Flags) -> str:
    if flags.was_removed:
        return "suspended or expelled this year"
    return f"{flags.incidents} incident{'' if flags.incidents == 1 else 's'} this year"
