"""Teachers' questions, and students' short answers with the marks that a teacher confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "questions",
        sa.Column("question_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(255), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("class_id", sa.String(255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_questions"),
    )
    op.create_index("ix_questions_author", "questions", ["author", "at"])
    op.create_table(
        "short_answers",
        sa.Column("answer_id", sa.String(32), nullable=False),
        sa.Column("question_id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("student_id", sa.String(255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mark", sa.Double()),
        sa.Column("marked_at", sa.DateTime()),
        sa.Column("marked_by", sa.String(255)),
        sa.PrimaryKeyConstraint("answer_id", name="pk_short_answers"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.question_id"], name="fk_short_answers_question_id"
        ),
    )
    op.create_index(
        "ix_short_answers_question", "short_answers", ["question_id", "student_id"], unique=True
    )


def downgrade() -> None:
    """Step back; refuse while there is a question."""
    kept = op.get_bind().execute(sa.text("select count(*) from questions")).scalar_one()
    if kept:
        raise RuntimeError(f"the step back would lose {kept} questions and their answers")
    op.drop_table("short_answers")
    op.drop_table("questions")
