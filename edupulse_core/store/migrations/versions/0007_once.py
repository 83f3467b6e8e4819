"""One look at the triggers for each Sunday, and verdicts that can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the index that lets one worker alone look for a Sunday."""
    op.add_column("trigger_checks", sa.Column("slot", sa.DateTime()))
    op.create_index(
        "ix_trigger_checks_slot", "trigger_checks", ["family", "name", "slot"], unique=True
    )
    op.add_column("verdicts", sa.Column("withdrawn_at", sa.DateTime()))
    op.add_column("verdicts", sa.Column("withdrawn_by", sa.String(255)))


def downgrade() -> None:
    """Step back; refuse while a verdict is withdrawn: it would stand again."""
    kept = "select count(*) from verdicts where withdrawn_at is not null"
    lost = op.get_bind().execute(sa.text(kept)).scalar_one()
    if lost:
        raise RuntimeError(f"the step back would bring {lost} withdrawn verdicts back")
    op.drop_column("verdicts", "withdrawn_by")
    op.drop_column("verdicts", "withdrawn_at")
    op.drop_index("ix_trigger_checks_slot", "trigger_checks")
    op.drop_column("trigger_checks", "slot")
