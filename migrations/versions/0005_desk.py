"""Invitations by which a phone is enrolled at a gate

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("desk_invitations",)
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    op.create_table(
        "desk_invitations",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_desk_invitations_enterprise_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "gate_id"],
            ["gates.enterprise_id", "gates.id"],
            name=op.f("fk_desk_invitations_enterprise_id_gate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "desk_id"],
            ["desks.enterprise_id", "desks.id"],
            name=op.f("fk_desk_invitations_enterprise_id_desk_id"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_desk_invitations")),
    )
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
