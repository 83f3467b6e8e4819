"""Resources for a student: which of the district's materials to take next, and why."""

NAME = "recommend"
NONE_YET = (
    "There are no resources yet: bring resources.csv and ratings.csv; data/README.md has the "
    "columns."
)
