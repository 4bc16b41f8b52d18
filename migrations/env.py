"""Alembic's side of the schema: runs on the connection that ``gatekeeper.schema`` hands over."""

from __future__ import annotations

from alembic import context

from gatekeeper.db import UtcTime
from gatekeeper.schema import load_models


def render_item(kind, item, autogen_context):
    """Moments are plain big integers in the database."""
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.BigInteger()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=load_models(),
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
