"""Alembic's entry: run the migrations on the connection we are handed, all in its one transaction."""

from alembic import context

from rarescale.store.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
