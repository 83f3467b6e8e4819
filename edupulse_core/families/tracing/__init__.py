"""Knowledge tracing: what each student has mastered, from every answer so far."""

NAME = "tracing"
