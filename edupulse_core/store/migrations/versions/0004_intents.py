"""Intents: acts that began and have no line in the audit yet."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; a row goes when its act gets its line, so it has no guard."""
    op.create_table(
        "intents",
        sa.Column("intent_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("pointer", sa.String(255)),
        sa.Column("before", sa.String(255)),
        sa.PrimaryKeyConstraint("intent_id", name="pk_intents"),
    )


def downgrade() -> None:
    """Step back; refuse while an act has no line yet."""
    open_acts = op.get_bind().execute(sa.text("select count(*) from intents")).scalar_one()
    if open_acts:
        raise RuntimeError(f"the step back would lose {open_acts} acts that are not in the audit")
    op.drop_table("intents")
