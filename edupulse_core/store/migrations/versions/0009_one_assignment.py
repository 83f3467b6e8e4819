"""No student has the same resource twice, even where two people give it at the same moment."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STANDS = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    """Take back what was given twice, but for the first time, and add the index.

    What is taken back here stays in the table, withdrawn by "EduPulse".
    """
    op.execute(
        "update assignments set withdrawn_at = at, withdrawn_by = 'EduPulse'"
        " where withdrawn_at is null and exists ("
        "select 1 from assignments as earlier where earlier.withdrawn_at is null"
        " and earlier.student_id = assignments.student_id"
        " and earlier.resource_id = assignments.resource_id"
        " and (earlier.at < assignments.at or (earlier.at = assignments.at"
        " and earlier.assignment_id < assignments.assignment_id)))"
    )
    op.create_index(
        "ix_assignments_standing",
        "assignments",
        ["student_id", "resource_id"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def downgrade() -> None:
    """Step back; what was taken back stays so."""
    op.drop_index("ix_assignments_standing", "assignments")
