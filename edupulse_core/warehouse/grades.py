"""The order of grades, as students go through them."""

ORDER = (  # the codes of OneRoster, which are those of CEDS, and what else is seen for kindergarten
    *("IT", "PR", "PK", "TK", "KG", "K"),
    *map(str, range(14)),
    *("PS", "UG", "OTHER"),
)


def place_of(grade: str) -> tuple[int, str]:
    """What to sort grades by, "9" and "09" alike; what is no code comes last, "unknown" too."""
    code = str(int(grade)) if grade.isdecimal() else grade.upper()
    return (ORDER.index(code), "") if code in ORDER else (len(ORDER), grade)
