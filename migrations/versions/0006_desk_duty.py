"""PINs, who has which visit open, who is on duty at a gate; the acts of a book are found without its gate events

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("desk_presence", "duties")
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
ACTS = sa.text("kind = 'act'")


def _of(table: str, here: str, there: str, there_key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["enterprise_id", here],
        [f"{there}.enterprise_id", f"{there}.{there_key}"],
        name=op.f(f"fk_{table}_enterprise_id_{here}"),
    )


def upgrade() -> None:
    op.add_column("users", sa.Column("pin_hash", sa.String(length=200), nullable=True))
    op.create_index(
        "ix_ledger_entry_acts", "ledger_entry", ["enterprise_id", "seq"], postgresql_where=ACTS, sqlite_where=ACTS
    )
    op.create_table(
        "desk_presence",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _of("desk_presence", "desk_id", "desks"),
        sa.PrimaryKeyConstraint("enterprise_id", "desk_id", name=op.f("pk_desk_presence")),
    )
    op.create_table(
        "duties",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("handover_id", sa.Uuid(), nullable=True),
        sa.Column("supplies", sa.Text(), nullable=True),
        sa.Column("open_count", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        _of("duties", "desk_id", "desks"),
        _of("duties", "gate_id", "gates"),
        _of("duties", "user_id", "users"),
        _of("duties", "seq", "ledger_entry", "seq"),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_duties")),
    )
    op.create_index("ix_duties_at", "duties", ["enterprise_id", "at"])
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            _policies(table)
            op.execute(f"GRANT {EVERYTHING} ON {table} TO gate_app, gate_platform")


def _policies(table: str) -> None:
    """As every tenant table has them since 0002."""
    own = "enterprise_id = gate_enterprise()"
    of_township = "enterprise_id IN (SELECT e.enterprise_id FROM enterprises e WHERE e.township_id = gate_township())"
    both = "TO gate_app, gate_platform"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_read ON {table} FOR SELECT {both} USING ({own} OR {of_township})")
    op.execute(f"CREATE POLICY tenant_insert ON {table} FOR INSERT {both} WITH CHECK ({own})")
    op.execute(f"CREATE POLICY tenant_update ON {table} FOR UPDATE {both} USING ({own}) WITH CHECK ({own})")
    op.execute(f"CREATE POLICY tenant_delete ON {table} FOR DELETE {both} USING ({own})")
    op.execute(
        f"CREATE POLICY platform_read ON {table} FOR SELECT TO gate_platform "
        "USING (current_setting('app.scope', true) = 'platform')"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_ledger_entry_acts", "ledger_entry")
    op.drop_column("users", "pin_hash")
