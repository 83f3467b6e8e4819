"""Runs the steps on the connection that `store.database` hands over, inside its transaction."""

from alembic import context

from edupulse_core.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
