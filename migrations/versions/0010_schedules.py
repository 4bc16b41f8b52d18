"""Reports made by the calendar, and by which definitions an issued one was made

Revision: 0010, after 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("report_schedules",)
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    _schedules()
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            _policies(table)
            op.execute(f"GRANT {EVERYTHING} ON {table} TO gate_app, gate_platform")


def _schedules() -> None:
    op.add_column("issued_reports", sa.Column("made_as", sa.String(length=20), nullable=True))
    op.create_table(
        "report_schedules",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("every", sa.String(length=5), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("done_until", sa.Date(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        _of_enterprise("report_schedules"),
        sa.PrimaryKeyConstraint("enterprise_id", "every", name=op.f("pk_report_schedules")),
    )


def _of_enterprise(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f(f"fk_{table}_enterprise_id")
    )


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
    op.drop_column("issued_reports", "made_as")
