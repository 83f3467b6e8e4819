"""How hard a text is to read, from level 1 to level 5."""

NAME = "difficulty"
