"""What speaks against training on a home's data, in words."""

from edupulse_core.families.family import Family
from edupulse_core.lifecycle.quality import TARGET, Finding, Quality


def issues(quality: Quality, family: Family) -> list[str]:
    """A sentence for each finding, errors first."""
    return [sentence(each, family) for each in quality.findings]


def recommendations(quality: Quality, family: Family) -> list[str]:
    """What to do, each once."""
    return list(dict.fromkeys(advice(each, family) for each in quality.findings))


def refusal(quality: Quality, family: Family) -> str:
    """Why nothing is trained on these data, and what to do."""
    few = [each for each in quality.errors if each.check in ("rows", "students")]
    errors = few or quality.errors  # of a handful of cases, nothing else is worth a word
    said = [sentence(each, family) for each in errors]
    advised = dict.fromkeys(advice(each, family) for each in errors)
    return " ".join([f"The {family.title} model is not trained on these data.", *said, *advised])


def sentence(found: Finding, family: Family) -> str:
    """What was found."""
    value, limit, name = found.value or 0.0, found.limit or 0.0, name_of(found.column, family)
    match found.check:
        case "rows":
            there = "is 1 case" if value == 1 else f"are {value:,.0f} cases"
            if found.severity == "warning":
                return (
                    f"There {there} with a known outcome. Figures from fewer than {limit:,.0f} "
                    "are unsure."
                )
            return f"There {there} with a known outcome; {limit:,.0f} are needed."
        case "students":
            whose = family.whose.removesuffix("s") if value == 1 else family.whose
            return f"The cases come from {value:,.0f} {whose}; {limit:,.0f} are needed."
        case "missing":
            return f"{name} is unknown in {value:.0%} of the cases."
        case "range":
            return f"{name} has a value that cannot be: {value:g}. The limit is {limit:g}."
        case "duplicates":
            return f"{value:,.0f} cases are there twice, with the same student, day and inputs."
        case "outliers":
            return f"{value:.0%} of the values of {name} lie far from the rest."
        case "balance" if found.severity == "error":
            return "The outcome is the same in every case: there is nothing to learn."
        case "balance":
            return f"Only {value:.1%} of the cases have the rarer outcome."
        case "age":
            return f"The newest case with a known outcome is {value:,.0f} days old."
        case "drift":
            return f"{name} is spread differently than in the last training data (PSI {value:.2f})."
        case "leak":
            return f"{name} alone tells the outcome almost surely (AUC {value:.3f})."


def advice(found: Finding, family: Family) -> str:
    """What to do about it."""
    match found.check:
        case "rows" | "students":
            return bring_more(family)
        case "missing":
            return "Check on the Data page whether every school sends this kind of record."
        case "range":
            return "Check the district's rules (points, minutes a day) and the rejected rows."
        case "duplicates":
            return "Look for students who are in the source system twice."
        case "outliers":
            return "Compare the schools: a unit or a scale may differ between them."
        case "balance":
            return "Check that no records with other outcomes are missing."
        case "age":
            return "Import this year's records before you train."
        case "drift":
            return "Train a new version, and compare it with the one that serves."
        case "leak":
            return "Check that this input is dated before the outcome and is no copy of it."


def bring_more(family: Family) -> str:
    """What to do where there are too few cases."""
    if family.whose != "students":  # texts, say, of which no later week makes more
        return f"Import more {family.whose} whose outcome is known."
    return "Import more records, such as earlier school years, or wait for more outcomes."


def name_of(column: str, family: Family) -> str:
    """An input, or the outcome, in words."""
    return "The outcome" if column == TARGET else family.labels.get(column, column)
