"""Run by Alembic; the connection comes from `cloudmatic_portal.storage.schema`."""

from __future__ import annotations

from alembic import context

from cloudmatic_portal.storage.tables import metadata

# The caller owns the transaction: a migration that fails halfway leaves nothing behind.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
