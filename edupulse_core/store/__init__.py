"""What people did or were told, kept for good (SQLAlchemy)."""
