"""Checkpoints, legal holds, jobs, desks, issued reports

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("legal_holds", "ledger_checkpoints", "jobs", "desks", "issued_reports")
IMMUTABLE = ("ledger_checkpoints",)
GRANTS = {"ledger_checkpoints": ("SELECT", "SELECT, INSERT"), "legal_holds": ("SELECT", "SELECT, INSERT, UPDATE")}
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
OPEN_JOBS = sa.text("state IN ('waiting', 'running')")
REVEALS = sa.text("kind = 'reveal'")
PUT_OFF = sa.text("state IN ('waiting', 'attention')")


def _tenant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f(f"fk_{table}_enterprise_id")
    )


def upgrade() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("visits", sa.Text(), nullable=False),
        _tenant("legal_holds"),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_legal_holds")),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("heads", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        _tenant("ledger_checkpoints"),
        sa.PrimaryKeyConstraint("enterprise_id", "n", name=op.f("pk_ledger_checkpoints")),
    )
    op.create_table(
        "jobs",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=True),
        _tenant("jobs"),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_key",
        "jobs",
        ["enterprise_id", "kind", "key"],
        unique=True,
        postgresql_where=OPEN_JOBS,
        sqlite_where=OPEN_JOBS,
    )
    op.create_index("ix_jobs_open", "jobs", ["state", "made_at"], postgresql_where=OPEN_JOBS, sqlite_where=OPEN_JOBS)
    op.create_table(
        "desks",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        _tenant("desks"),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "gate_id"],
            ["gates.enterprise_id", "gates.id"],
            name=op.f("fk_desks_enterprise_id_gate_id"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_desks")),
    )
    op.create_table(
        "issued_reports",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("figures_digest", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("checkpoint", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("file_erased_at", sa.BigInteger(), nullable=True),
        _tenant("issued_reports"),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_issued_reports")),
    )
    op.create_index("ix_issued_reports_made_at", "issued_reports", ["enterprise_id", "made_at"])
    op.create_index("ix_issued_reports_expires_on", "issued_reports", ["enterprise_id", "expires_on"])
    with op.batch_alter_table("ledger_part") as batch_op:
        batch_op.add_column(sa.Column("hold_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_ledger_part_enterprise_id_hold_id"),
            "legal_holds",
            ["enterprise_id", "hold_id"],
            ["enterprise_id", "id"],
        )
        batch_op.create_index("ix_ledger_part_expires_on", ["enterprise_id", "expires_on"])
    with op.batch_alter_table("registrations") as batch_op:  # free text is a part of the book, never a plain column
        batch_op.drop_column("declined_reason")
        batch_op.add_column(sa.Column("declined_seq", sa.Integer(), nullable=True))
    op.create_index(
        "ix_ledger_entry_reveals",
        "ledger_entry",
        ["enterprise_id", "received_at"],
        postgresql_where=REVEALS,
        sqlite_where=REVEALS,
    )
    op.drop_index("ix_visit_events_event_id", "visit_events")  # an entry's id is found in the book
    op.create_index(
        "ix_visit_events_put_off",
        "visit_events",
        ["enterprise_id", "seq"],
        postgresql_where=PUT_OFF,
        sqlite_where=PUT_OFF,
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_up()
    else:
        for table in IMMUTABLE:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


def _postgresql_up() -> None:
    for table in IMMUTABLE:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION gate_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gate_append_only()"
        )
    for table in TABLES:
        _policies(table)
        app, platform = GRANTS.get(table, (EVERYTHING, EVERYTHING))
        op.execute(f"GRANT {app} ON {table} TO gate_app")
        op.execute(f"GRANT {platform} ON {table} TO gate_platform")


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
    op.create_index("ix_visit_events_event_id", "visit_events", ["enterprise_id", "event_id"])
    op.drop_index("ix_visit_events_put_off", "visit_events")
    with op.batch_alter_table("registrations") as batch_op:
        batch_op.drop_column("declined_seq")
        batch_op.add_column(sa.Column("declined_reason", sa.String(length=200), nullable=True))
    op.drop_index("ix_ledger_entry_reveals", "ledger_entry")
    with op.batch_alter_table("ledger_part") as batch_op:
        batch_op.drop_index("ix_ledger_part_expires_on")
        batch_op.drop_constraint(op.f("fk_ledger_part_enterprise_id_hold_id"), type_="foreignkey")
        batch_op.drop_column("hold_id")
    for table in reversed(TABLES):
        op.drop_table(table)
