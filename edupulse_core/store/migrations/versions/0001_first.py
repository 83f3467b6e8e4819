"""The first shape: runs, predictions, audit, imports and activations, all append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE_GUARDS = (
    """create trigger audit_no_update before update on audit
    begin select raise(abort, 'audit is append-only'); end""",
    """create trigger audit_no_delete before delete on audit
    begin select raise(abort, 'audit is append-only'); end""",
    """create trigger runs_no_update before update on runs
    begin select raise(abort, 'runs is append-only'); end""",
    """create trigger runs_no_delete before delete on runs
    begin select raise(abort, 'runs is append-only'); end""",
    """create trigger predictions_no_update before update on predictions
    begin select raise(abort, 'predictions is append-only'); end""",
    """create trigger predictions_no_delete before delete on predictions
    begin select raise(abort, 'predictions is append-only'); end""",
    """create trigger district_imports_no_update before update on district_imports
    begin select raise(abort, 'district_imports is append-only'); end""",
    """create trigger district_imports_no_delete before delete on district_imports
    begin select raise(abort, 'district_imports is append-only'); end""",
    """create trigger activations_no_update before update on activations
    begin select raise(abort, 'activations is append-only'); end""",
    """create trigger activations_no_delete before delete on activations
    begin select raise(abort, 'activations is append-only'); end""",
)

POSTGRESQL_GUARDS = (
    """create function refuse_change() returns trigger language plpgsql as $$
    begin raise exception '% is append-only', tg_table_name; end $$""",
    """create trigger audit_append_only before update or delete or truncate on audit
    for each statement execute function refuse_change()""",
    """create trigger predictions_append_only before update or delete or truncate on predictions
    for each statement execute function refuse_change()""",
    """create trigger runs_append_only before update or delete or truncate on runs
    for each statement execute function refuse_change()""",
    """create trigger imports_append_only before update or delete or truncate on district_imports
    for each statement execute function refuse_change()""",
    """create trigger activations_append_only before update or delete or truncate on activations
    for each statement execute function refuse_change()""",
)


def upgrade() -> None:
    """Make the tables, then the guards."""
    _make_predictions()
    _make_audit()
    op.create_table(
        "district_imports",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("district", sa.String(255), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", name="pk_district_imports"),
    )
    op.create_table(
        "activations",
        sa.Column("activation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("family", sa.String(50), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("previous", sa.String(100)),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("activation_id", name="pk_activations"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: what people did and were told is not thrown away."""
    raise RuntimeError("the store keeps what it holds; there is no step before the first")


def _make_predictions() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("scored_at", sa.DateTime(), nullable=False),
        sa.Column("warehouse_version", sa.String(100), nullable=False),
        sa.Column("form", sa.String(20), nullable=False),
        sa.Column("n_students", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_as_of", "runs", ["as_of", "run_id"])
    op.create_table(
        "predictions",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(255), nullable=False),
        sa.Column("risk_score", sa.Double()),
        sa.Column("tier", sa.String(20)),
        sa.Column("p_low", sa.Double()),
        sa.Column("p_medium", sa.Double()),
        sa.Column("p_high", sa.Double()),
        sa.Column("p_critical", sa.Double()),
        sa.Column("factors", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "student_id", name="pk_predictions"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_predictions_run_id"),
    )
    op.create_index("ix_predictions_student", "predictions", ["student_id", "run_id"])


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("subject", sa.String(255)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "entry_id"])
    op.create_index("ix_audit_actor", "audit", ["actor", "entry_id"])
