"""EduPulse: who needs help this week, how strongly, and why."""

__version__ = "0.1.0"
