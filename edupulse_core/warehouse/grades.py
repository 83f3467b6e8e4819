"""The order of grade levels, from preschool to grade 13 and beyond."""

ORDER = (  # OneRoster's codes (the same as CEDS) and other ways to write kindergarten
    *("IT", "PR", "PK", "TK", "KG", "K"),
    *map(str, range(14)),
    *("PS", "UG", "OTHER"),
)


def place_of(grade: str) -> tuple[int, str]:
    """A sort key for grade levels. "9" equals "09"; words that are no grade code come last."""
    code = str(int(grade)) if grade.isdecimal() else grade.upper()
    return (ORDER.index(code), "") if code in ORDER else (len(ORDER), grade)
