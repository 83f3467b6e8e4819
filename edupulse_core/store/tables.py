"""What people did and were told: the store's tables, never rebuilt from the sources."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from edupulse_core.config import FIRST_FAMILY

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware in Python, naive UTC in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into naive UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Turn naive UTC into an aware moment."""
        return None if value is None else value.replace(tzinfo=UTC)


runs = Table(  # one row for each time a family answered; never changed
    "runs",
    metadata,
    Column("run_id", Integer, primary_key=True),
    Column("version", String(100), nullable=False),  # of the model; empty: plain indicators only
    Column("as_of", Date, nullable=False),  # the Sunday that ends the last known week
    Column("scored_at", UtcTime, nullable=False),
    Column("warehouse_version", String(100), nullable=False),
    Column("form", String(20), nullable=False),  # the engine's: eager, onnx, int8
    Column("n_students", Integer, nullable=False),
    Column("family", String(50), nullable=False, server_default=FIRST_FAMILY),
    Column("purpose", String(20), nullable=False, server_default="night"),  # night, asked, shadow
    Index("ix_runs_as_of", "as_of", "run_id"),
    Index("ix_runs_family", "family", "purpose", "as_of", "run_id"),
)

predictions = Table(  # the risk family's answers: one row a (run, student); never changed
    "predictions",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.run_id"), primary_key=True),
    Column("student_id", String(255), primary_key=True),
    Column("risk_score", Double),  # 0..1; null: not enough data
    Column("tier", String(20)),
    Column("p_low", Double),
    Column("p_medium", Double),
    Column("p_high", Double),
    Column("p_critical", Double),
    Column("factors", Text, nullable=False),  # JSON list, strongest first
    Index("ix_predictions_student", "student_id", "run_id"),
)

estimates = Table(  # other families' answers: one row a (run, subject, object); never changed
    "estimates",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.run_id"), primary_key=True),
    Column("subject", String(255), primary_key=True),  # a student
    Column("object", String(255), primary_key=True),  # a skill, a program; empty: the subject alone
    Column("rank", Integer),  # 1 is the best of the subject's objects
    Column("value", Double),
    Column("low", Double),  # the range that the value may lie in
    Column("high", Double),
    Column("label", String(100)),
    Column("details", Text, nullable=False),  # JSON object
    Index("ix_estimates_subject", "subject", "run_id"),
)

audit = Table(  # who did what to whom; append only
    "audit",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(255), nullable=False),  # the sign-in, or "operator"
    Column("role", String(100), nullable=False),
    Column("action", String(50), nullable=False),
    Column("subject", String(255)),  # a student, a file, a version
    Column("details", JSON, nullable=False),
    Index("ix_audit_subject", "subject", "entry_id"),
    Index("ix_audit_actor", "actor", "entry_id"),
)

intents = Table(  # acts that began; a row goes when its act gets its line in the audit
    "intents",
    metadata,
    Column("intent_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("role", String(100), nullable=False),
    Column("action", String(50), nullable=False),
    Column("subjects", JSON, nullable=False),  # a line for each
    Column("details", JSON, nullable=False),
    Column("pointer", String(255)),  # a file in the home, whose version changes with the act
    Column("before", String(255)),  # that version when the act began
)

sessions = Table(  # one row for each sign-in; once ended, it never opens again
    "sessions",
    metadata,
    Column("session_id", String(64), primary_key=True),  # a hash: a copy of the store opens nothing
    Column("actor", String(255), nullable=False),  # the sign-in
    Column("role", String(100), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),  # last used, to the minute
    Column("ended_at", UtcTime),
    Column("ended_why", String(20)),  # sign_out, idle, age
)

district_imports = Table(  # every district this store has ever seen
    "district_imports",
    metadata,
    Column("import_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("district", String(255), nullable=False),
    Column("is_demo", Boolean, nullable=False),
)

activations = Table(  # which model version served from when on
    "activations",
    metadata,
    Column("activation_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("family", String(50), nullable=False),
    Column("version", String(100), nullable=False),
    Column("previous", String(100)),
    Column("actor", String(255), nullable=False),
    Column("reason", Text),
    Column("override_reason", Text),  # why a person passed the gate that refused it
)

jobs = Table(  # one row for each long task; the queue carries the key alone
    "jobs",
    metadata,
    Column("job_id", String(32), primary_key=True),
    Column("kind", String(30), nullable=False),  # train, tune, evaluate, score, import, report
    Column("family", String(50)),
    Column("status", String(20), nullable=False),  # pending, running, completed, failed, cancelled
    Column("priority", Integer, nullable=False),  # a higher one goes first
    Column("config", JSON, nullable=False),  # what was asked
    Column("progress", Double, nullable=False),  # 0..100
    Column("step", String(200), nullable=False),
    Column("result", JSON),
    Column("error", Text),
    Column("warnings", JSON, nullable=False),  # a list of sentences
    Column("log", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("cancel_asked_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("role", String(100), nullable=False),
    Column("not_before", UtcTime),  # a retry waits until then
    Column("started_at", UtcTime),
    Column("beat_at", UtcTime),  # when its worker was last heard from
    Column("completed_at", UtcTime),
    Column("worker", String(255)),
    Column("cpu_percent", Double),
    Column("memory_mb", Double),  # at most
    Index("ix_jobs_status", "status", "created_at"),
)

tokens = Table(  # one row for each key to the HTTP API
    "tokens",
    metadata,
    Column("token_id", String(32), primary_key=True),
    Column("secret", String(64), nullable=False),  # a hash: a copy of the store opens nothing
    Column("name", String(200), nullable=False),
    Column("role", String(100), nullable=False),
    Column("schools", JSON),  # a list of schools' IDs; null: every school
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("revoked_by", String(255)),
    Column("used_at", UtcTime),  # last used, to the minute
)

experiments = Table(  # a challenger beside the champion
    "experiments",
    metadata,
    Column("experiment_id", String(32), primary_key=True),
    Column("family", String(50), nullable=False),
    Column("champion", String(100), nullable=False),
    Column("challenger", String(100), nullable=False),
    Column("mode", String(20), nullable=False),  # shadow, ab
    Column("share", Double, nullable=False),  # of the students to whom the challenger is shown
    Column("started_at", UtcTime, nullable=False),
    Column("started_by", String(255), nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by", String(255)),
    Column("outcome", String(20)),  # promoted, stopped
    Column("reason", Text),
    Index("ix_experiments_family", "family", "started_at"),
)

alerts = Table(  # what monitoring found; a person acknowledges and closes it
    "alerts",
    metadata,
    Column("alert_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("family", String(50), nullable=False),
    Column("version", String(100)),
    Column("kind", String(50), nullable=False),
    Column("school", String(255)),
    Column("severity", String(20), nullable=False),  # info, warning, critical
    Column("details", JSON, nullable=False),  # fields; the sentence is made where it is shown
    Column("acknowledged_at", UtcTime),
    Column("acknowledged_by", String(255)),
    Column("closed_at", UtcTime),
    Column("closed_by", String(255)),
    Column("note", Text),
    Index("ix_alerts_family", "family", "at"),
)

trigger_checks = Table(  # each time a reason to train again was looked at; never changed
    "trigger_checks",
    metadata,
    Column("check_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("family", String(50), nullable=False),
    Column("name", String(50), nullable=False),  # new_labels, age, error, drift
    Column("value", Double),  # null: not known
    Column("threshold", Double, nullable=False),
    Column("fired", Boolean, nullable=False),
    Column("job_id", String(32)),  # the training that it began
    Column("details", JSON, nullable=False),
    Column("slot", UtcTime),  # the Sunday that it was for; null: somebody asked
    Index("ix_trigger_checks_family", "family", "at"),
    Index("ix_trigger_checks_slot", "family", "name", "slot", unique=True),  # one worker does it
)

watched = Table(  # what monitoring measured, a row for each number; never changed
    "watched",
    metadata,
    Column("watched_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("family", String(50), nullable=False),
    Column("version", String(100), nullable=False),
    Column("name", String(100), nullable=False),  # volume, latency, psi, ks, auc, mae
    Column("subject", String(255), nullable=False),  # an input or a school; empty: the whole
    Column("value", Double),
    Column("details", JSON, nullable=False),
    Index("ix_watched_family", "family", "as_of", "name"),
)

verdicts = Table(  # what staff said about a prediction; a row changes only once, to withdraw
    "verdicts",
    metadata,
    Column("verdict_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("role", String(100), nullable=False),
    Column("family", String(50), nullable=False),
    Column("version", String(100), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("student_id", String(255), nullable=False),
    Column("outcome", String(30), nullable=False),  # true_positive, false_positive, …
    Column("notes", Text, nullable=False),
    Column("withdrawn_at", UtcTime),
    Column("withdrawn_by", String(255)),
    Index("ix_verdicts_student", "student_id", "at"),
)

assignments = Table(  # resources that staff gave to a student; a row changes only once, to withdraw
    "assignments",
    metadata,
    Column("assignment_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(255), nullable=False),
    Column("role", String(100), nullable=False),
    Column("student_id", String(255), nullable=False),
    Column("resource_id", String(255), nullable=False),
    Column("run_id", Integer),  # that suggested it; null: somebody chose it themselves
    Column("withdrawn_at", UtcTime),
    Column("withdrawn_by", String(255)),
    Index("ix_assignments_student", "student_id", "at"),
    Index(  # nobody has the same resource twice
        "ix_assignments_standing",
        "student_id",
        "resource_id",
        unique=True,
        sqlite_where=text("withdrawn_at IS NULL"),
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
)

questions = Table(  # what a teacher asked a class, with a model answer; theirs alone
    "questions",
    metadata,
    Column("question_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("author", String(255), nullable=False),  # users.user_id of the teacher
    Column("actor", String(255), nullable=False),
    Column("class_id", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("key", Text, nullable=False),  # what a right answer says
    Column("points", Double, nullable=False),  # the most that an answer can get
    Index("ix_questions_author", "author", "at"),
)

short_answers = Table(  # what a student answered; nothing but the mark of a row ever changes
    "short_answers",
    metadata,
    Column("answer_id", String(32), primary_key=True),
    Column("question_id", String(32), ForeignKey("questions.question_id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("student_id", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("mark", Double),  # points; null: the teacher has not confirmed one
    Column("marked_at", UtcTime),
    Column("marked_by", String(255)),
    Index("ix_short_answers_question", "question_id", "student_id", unique=True),
)
