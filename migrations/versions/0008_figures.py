"""Figures of a day are kept, in step with the book; the entries of visits are found by their place in it

Revision: 0008, after 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("day_figures_head", "day_figures")
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
COUNTS = (
    *("visits", "voided", "people", "admitted", "turned_away", "at_gate", "inside", "overdue", "counted", "compliant"),
    *("unanswered", "not_followed", "against_verdict", "overridden", "corrected", "late", "attention", "over_limit"),
    *("held", "refused"),
)


def upgrade() -> None:
    _day_figures()
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            _policies(table)
            op.execute(f"GRANT {EVERYTHING} ON {table} TO gate_app, gate_platform")


def _day_figures() -> None:
    op.create_index("ix_visit_events_seq", "visit_events", ["enterprise_id", "seq"])
    op.drop_index("ix_visit_events_put_off", "visit_events")
    _put_off("enterprise_id", "state", "seq")  # else SQLite takes the new one for the few that are put off
    op.create_table(
        "day_figures_head",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Integer(), nullable=False),
        _of_enterprise("day_figures_head"),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_day_figures_head")),
    )
    op.create_table(
        "day_figures",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("nested", sa.Text(), nullable=False),
        _of_enterprise("day_figures"),
        sa.PrimaryKeyConstraint("enterprise_id", "day", name=op.f("pk_day_figures")),
    )


def _put_off(*columns: str) -> None:
    where = sa.text("state IN ('waiting', 'attention')")
    op.create_index(
        "ix_visit_events_put_off", "visit_events", list(columns), postgresql_where=where, sqlite_where=where
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
    op.drop_index("ix_visit_events_put_off", "visit_events")
    _put_off("enterprise_id", "seq")
    op.drop_index("ix_visit_events_seq", "visit_events")
