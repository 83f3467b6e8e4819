"""The life of a model: jobs, API tokens, experiments, alerts, checks of triggers, verdicts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LATER = ("jobs", "tokens", "experiments", "alerts", "trigger_checks", "watched", "verdicts")


def upgrade() -> None:
    """Add the tables, and to an activation its reason."""
    op.add_column("activations", sa.Column("reason", sa.Text()))
    op.add_column("activations", sa.Column("override_reason", sa.Text()))
    _add_work()
    _add_experiments()
    _add_watch()


def _add_work() -> None:
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("family", sa.String(50)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("step", sa.String(200), nullable=False),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.Text()),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_asked_at", sa.DateTime()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("not_before", sa.DateTime()),
        sa.Column("started_at", sa.DateTime()),
        sa.Column("beat_at", sa.DateTime()),
        sa.Column("completed_at", sa.DateTime()),
        sa.Column("worker", sa.String(255)),
        sa.Column("cpu_percent", sa.Double()),
        sa.Column("memory_mb", sa.Double()),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_status", "jobs", ["status", "created_at"])
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.String(32), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("schools", sa.JSON()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime()),
        sa.Column("revoked_by", sa.String(255)),
        sa.Column("used_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("token_id", name="pk_tokens"),
    )


def _add_experiments() -> None:
    op.create_table(
        "experiments",
        sa.Column("experiment_id", sa.String(32), nullable=False),
        sa.Column("family", sa.String(50), nullable=False),
        sa.Column("champion", sa.String(100), nullable=False),
        sa.Column("challenger", sa.String(100), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("started_by", sa.String(255), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("ended_by", sa.String(255)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("experiment_id", name="pk_experiments"),
    )
    op.create_index("ix_experiments_family", "experiments", ["family", "started_at"])
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("family", sa.String(50), nullable=False),
        sa.Column("version", sa.String(100)),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("school", sa.String(255)),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime()),
        sa.Column("acknowledged_by", sa.String(255)),
        sa.Column("closed_at", sa.DateTime()),
        sa.Column("closed_by", sa.String(255)),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_family", "alerts", ["family", "at"])


def _add_watch() -> None:
    op.create_table(
        "trigger_checks",
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("family", sa.String(50), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("fired", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.String(32)),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("check_id", name="pk_trigger_checks"),
    )
    op.create_index("ix_trigger_checks_family", "trigger_checks", ["family", "at"])
    op.create_table(
        "watched",
        sa.Column("watched_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("family", sa.String(50), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("watched_id", name="pk_watched"),
    )
    op.create_index("ix_watched_family", "watched", ["family", "as_of", "name"])
    op.create_table(
        "verdicts",
        sa.Column("verdict_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.Column("family", sa.String(50), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("student_id", sa.String(255), nullable=False),
        sa.Column("outcome", sa.String(30), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("verdict_id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_student", "verdicts", ["student_id", "at"])


def downgrade() -> None:
    """Step back; refuse where that would lose what a person did or was told."""
    for name in LATER:
        rows = op.get_bind().execute(sa.select(sa.func.count()).select_from(sa.table(name)))
        lost = rows.scalar_one()
        if lost:
            raise RuntimeError(f"the step back would lose {lost} rows of {name}")
    reasons = "select count(*) from activations where reason is not null"
    lost = op.get_bind().execute(sa.text(reasons)).scalar_one()
    if lost:
        raise RuntimeError(f"the step back would lose the reasons of {lost} activations")
    for name in reversed(LATER):
        op.drop_table(name)
    op.drop_column("activations", "override_reason")
    op.drop_column("activations", "reason")
