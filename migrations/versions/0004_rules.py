"""The township's switch: packs switched on, whom for, ended early, acknowledged; alert levels; steps of a draft

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PUBLISHED = ("pack_switches", "pack_switch_targets", "pack_switch_ends", "alert_levels")
IMMUTABLE = (*PUBLISHED, "acknowledgements")
TABLES = (*IMMUTABLE, "rulebook_draft_steps")
APPEND = "SELECT, INSERT"
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
ADDED = (
    ("rulebook_versions", "origin", sa.Text()),
    ("rulebook_drafts", "origin", sa.Text()),
    ("visits", "switches", sa.Text()),
    ("visits", "alert_level", sa.Integer()),
    ("registrations", "risk_level", sa.String(length=8)),
    ("registrations", "risk_list", sa.String(length=64)),
    ("registrations", "township_asked", sa.Boolean()),
)


def _tenant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f(f"fk_{table}_enterprise_id")
    )


def _of_switch(table: str, owner: str = "enterprise_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [owner, "switch_id"],
        ["pack_switches.enterprise_id", "pack_switches.id"],
        name=op.f(f"fk_{table}_{owner}_switch_id"),
    )


def upgrade() -> None:
    op.create_table(
        "pack_switches",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pack", sa.String(length=40), nullable=False),
        sa.Column("reach", sa.String(length=10), nullable=False),
        sa.Column("cluster", sa.String(length=40), nullable=True),
        sa.Column("holds_from", sa.BigInteger(), nullable=False),
        sa.Column("holds_until", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_by_name", sa.String(length=40), nullable=False),
        _tenant("pack_switches"),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_pack_switches")),
    )
    op.create_index("ix_pack_switches_holds_from", "pack_switches", ["enterprise_id", "holds_from"])
    op.create_table(
        "pack_switch_targets",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("switch_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        _of_switch("pack_switch_targets"),
        sa.ForeignKeyConstraint(
            ["target_id"], ["enterprises.enterprise_id"], name=op.f("fk_pack_switch_targets_target_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "switch_id", "target_id", name=op.f("pk_pack_switch_targets")),
    )
    op.create_table(
        "pack_switch_ends",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("switch_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=False),
        sa.Column("ended_by_name", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        _of_switch("pack_switch_ends"),
        sa.PrimaryKeyConstraint("enterprise_id", "switch_id", name=op.f("pk_pack_switch_ends")),
    )
    op.create_table(
        "alert_levels",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("holds_from", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_by_name", sa.String(length=40), nullable=False),
        _tenant("alert_levels"),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_alert_levels")),
    )
    op.create_index("ix_alert_levels_holds_from", "alert_levels", ["enterprise_id", "holds_from"])
    op.create_table(
        "acknowledgements",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("owner_enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("switch_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.String(length=40), nullable=False),
        _tenant("acknowledgements"),
        _of_switch("acknowledgements", "owner_enterprise_id"),
        sa.PrimaryKeyConstraint("enterprise_id", "owner_enterprise_id", "switch_id", name=op.f("pk_acknowledgements")),
    )
    op.create_table(
        "rulebook_draft_steps",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["rulebook_drafts.enterprise_id"], name=op.f("fk_rulebook_draft_steps_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "revision", name=op.f("pk_rulebook_draft_steps")),
    )
    for table, name, kind in ADDED:  # one by one: a table that SQLite makes anew loses its triggers
        op.add_column(table, sa.Column(name, kind, nullable=True))
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
        grant = APPEND if table in IMMUTABLE else EVERYTHING
        op.execute(f"GRANT {grant} ON {table} TO gate_app, gate_platform")


def _policies(table: str) -> None:
    """As every tenant table has them since 0002; what an office publishes is read by its enterprises."""
    own = "enterprise_id = gate_enterprise()"
    of_township = "enterprise_id IN (SELECT e.enterprise_id FROM enterprises e WHERE e.township_id = gate_township())"
    readable = f"{own} OR {of_township}"
    if table in PUBLISHED:
        readable += (
            " OR enterprise_id = (SELECT t.office_id FROM townships t JOIN enterprises e ON e.township_id = t.id "
            "WHERE e.enterprise_id = gate_enterprise())"
        )
    both = "TO gate_app, gate_platform"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_read ON {table} FOR SELECT {both} USING ({readable})")
    op.execute(f"CREATE POLICY tenant_insert ON {table} FOR INSERT {both} WITH CHECK ({own})")
    op.execute(f"CREATE POLICY tenant_update ON {table} FOR UPDATE {both} USING ({own}) WITH CHECK ({own})")
    op.execute(f"CREATE POLICY tenant_delete ON {table} FOR DELETE {both} USING ({own})")
    op.execute(
        f"CREATE POLICY platform_read ON {table} FOR SELECT TO gate_platform "
        "USING (current_setting('app.scope', true) = 'platform')"
    )


def downgrade() -> None:
    for table, name, _ in reversed(ADDED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table in reversed(TABLES):
        op.drop_table(table)
