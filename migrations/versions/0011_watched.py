"""Plates that a gate is told of at once: an enterprise's own and those of its township

Revision: 0011, after 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE = "watched_plates"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=6), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_by_name", sa.String(length=40), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_by_name", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f(f"fk_{TABLE}_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index("ix_watched_plates_plate", TABLE, ["enterprise_id", "plate"])
    if op.get_bind().dialect.name == "postgresql":
        _policies()
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {TABLE} TO gate_app, gate_platform")


def _policies() -> None:
    """As every published table has them: the township's rows are read by its enterprises."""
    own = "enterprise_id = gate_enterprise()"
    of_township = "enterprise_id IN (SELECT e.enterprise_id FROM enterprises e WHERE e.township_id = gate_township())"
    of_office = (
        "enterprise_id = (SELECT t.office_id FROM townships t JOIN enterprises e ON e.township_id = t.id "
        "WHERE e.enterprise_id = gate_enterprise())"
    )
    both = "TO gate_app, gate_platform"
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_read ON {TABLE} FOR SELECT {both} USING ({own} OR {of_township} OR {of_office})")
    op.execute(f"CREATE POLICY tenant_insert ON {TABLE} FOR INSERT {both} WITH CHECK ({own})")
    op.execute(f"CREATE POLICY tenant_update ON {TABLE} FOR UPDATE {both} USING ({own}) WITH CHECK ({own})")
    op.execute(f"CREATE POLICY tenant_delete ON {TABLE} FOR DELETE {both} USING ({own})")
    op.execute(
        f"CREATE POLICY platform_read ON {TABLE} FOR SELECT TO gate_platform "
        "USING (current_setting('app.scope', true) = 'platform')"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
