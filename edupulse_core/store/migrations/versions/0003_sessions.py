"""Sessions: a row for each sign-in, with when and why it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; its rows change as sessions are used, so it has no guard."""
    op.create_table(
        "sessions",
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("ended_why", sa.String(20)),
        sa.PrimaryKeyConstraint("session_id", name="pk_sessions"),
    )


def downgrade() -> None:
    """Step back; what sessions did is in the audit, and everyone signs in again."""
    op.drop_table("sessions")
