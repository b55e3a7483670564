"""Alembic's entry: works only on the connection that `app.migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from app.tables import metadata

connection = context.config.attributes["connection"]
if connection is None:
    raise SystemExit("Run migrations by `civis migrate` or app.migrations.upgrade(url).")
context.configure(connection=connection, target_metadata=metadata, include_schemas=True)
context.run_migrations()
