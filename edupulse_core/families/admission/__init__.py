"""Admission: the odds that a student's application to a program is accepted."""

NAME = "admission"
