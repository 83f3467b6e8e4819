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
)
