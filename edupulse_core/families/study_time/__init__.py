"""How many hours a student will need for a session on a skill."""

NAME = "study_time"
