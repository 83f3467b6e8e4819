"""Resources for a student: which of the district's materials to take next, and why."""

NAME = "recommend"
