"""Path: which skills a student works on next, in which order, and why."""

NAME = "path"
BRING = (
    "There are no {what} yet: bring skills.csv, items.csv and interactions.csv; data/README.md "
    "has the columns"
)
