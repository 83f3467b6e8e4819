"""Assignments: resources that staff gave to a student."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("student_id", sa.String(255), nullable=False),
        sa.Column("resource_id", sa.String(255), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("withdrawn_at", sa.DateTime()),
        sa.Column("withdrawn_by", sa.String(255)),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_assignments"),
    )
    op.create_index("ix_assignments_student", "assignments", ["student_id", "at"])


def downgrade() -> None:
    """Step back; refuse while there is an assignment."""
    kept = op.get_bind().execute(sa.text("select count(*) from assignments")).scalar_one()
    if kept:
        raise RuntimeError(f"the step back would lose {kept} assignments")
    op.drop_table("assignments")
