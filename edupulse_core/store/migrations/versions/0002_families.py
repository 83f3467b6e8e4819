"""Families: a run says whose it is and what for; answers of other families get their own table."""

import sqlalchemy as sa
from alembic import op

from edupulse_core.config import FIRST_FAMILY

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_GUARDS = (
    """create trigger estimates_no_update before update on estimates
    begin select raise(abort, 'estimates is append-only'); end""",
    """create trigger estimates_no_delete before delete on estimates
    begin select raise(abort, 'estimates is append-only'); end""",
)
POSTGRESQL_GUARDS = (
    """create trigger estimates_append_only before update or delete or truncate on estimates
    for each statement execute function refuse_change()""",
)
LOST = """
select (select count(*) from estimates)
    + (select count(*) from runs where family <> :family or purpose <> 'night')
"""


def upgrade() -> None:
    """Add the columns, which older runs fill with their default, and the table with its guards."""
    family = sa.Column("family", sa.String(50), nullable=False, server_default=FIRST_FAMILY)
    purpose = sa.Column("purpose", sa.String(20), nullable=False, server_default="night")
    op.add_column("runs", family)
    op.add_column("runs", purpose)
    op.create_index("ix_runs_family", "runs", ["family", "purpose", "as_of", "run_id"])
    op.create_table(
        "estimates",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("object", sa.String(255), nullable=False),
        sa.Column("rank", sa.Integer()),
        sa.Column("value", sa.Double()),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        sa.Column("label", sa.String(100)),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "subject", "object", name="pk_estimates"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_estimates_run_id"),
    )
    op.create_index("ix_estimates_subject", "estimates", ["subject", "run_id"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    """Step back; refuse where that would lose what was answered."""
    lost = op.get_bind().execute(sa.text(LOST), {"family": FIRST_FAMILY}).scalar_one()
    if lost:
        raise RuntimeError(f"the step back would lose {lost} rows that the older store cannot hold")
    op.drop_table("estimates")
    op.drop_index("ix_runs_family", "runs")
    op.drop_column("runs", "purpose")
    op.drop_column("runs", "family")
