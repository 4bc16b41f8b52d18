"""The database's own guards: append-only triggers, row-level security, grants, and the platform's row.

Revision: 0002, after 0001
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT = (
    *("enterprises", "gates", "zones", "users", "user_sessions", "sign_in_tries"),
    *("ledger_entry", "ledger_head", "ledger_part", "adoptions", "rulebook_versions", "rulebook_drafts"),
    *("registrations", "visits", "visit_occupants", "visit_stages", "visit_events"),
)
PUBLISHED = ("adoptions", "rulebook_versions")
IMMUTABLE = ("ledger_entry", "adoptions", "rulebook_versions", "risk_lists")
UNSCOPED = ("directory", "townships", "risk_lists")
PLATFORM = "00000000-0000-7000-8000-000000000000"

GRANTS = {
    "ledger_entry": ("SELECT, INSERT", "SELECT, INSERT"),
    "ledger_part": ("SELECT, INSERT", "SELECT, INSERT, UPDATE, DELETE"),
    "adoptions": ("SELECT, INSERT", "SELECT, INSERT"),
    "rulebook_versions": ("SELECT, INSERT", "SELECT, INSERT"),
    "risk_lists": ("SELECT, INSERT", "SELECT, INSERT"),
    "townships": ("SELECT", "SELECT, INSERT, UPDATE"),
}
EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_up()
    else:
        _sqlite_up()
    enterprises = sa.table(
        "enterprises",
        sa.column("enterprise_id", sa.Uuid()),
        sa.column("kind"),
        sa.column("slug"),
        sa.column("name"),
        sa.column("size"),
        sa.column("exporter", sa.Boolean()),
        sa.column("created_at"),
    )
    op.bulk_insert(
        enterprises,
        [
            {
                "enterprise_id": UUID(PLATFORM),
                "kind": "platform",
                "slug": "platform",
                "name": "平台",
                "size": "small",
                "exporter": False,
                "created_at": 0,
            }
        ],
    )


def _sqlite_up() -> None:
    for table in IMMUTABLE:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _postgresql_up() -> None:
    op.execute(
        "CREATE FUNCTION gate_enterprise() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT CASE "
        "WHEN left(current_setting('app.scope', true), 2) = 'e:' "
        "THEN substr(current_setting('app.scope', true), 3)::uuid END $$"
    )
    op.execute(
        "CREATE FUNCTION gate_township() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT CASE "
        "WHEN left(current_setting('app.scope', true), 2) = 't:' "
        "THEN substr(current_setting('app.scope', true), 3)::uuid END $$"
    )
    op.execute(
        "CREATE FUNCTION gate_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in IMMUTABLE:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION gate_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gate_append_only()"
        )
    for table in TENANT:
        _policies(table)
    for table in (*TENANT, *UNSCOPED):
        app, platform = GRANTS.get(table, (EVERYTHING, EVERYTHING))
        op.execute(f"GRANT {app} ON {table} TO gate_app")
        op.execute(f"GRANT {platform} ON {table} TO gate_platform")
    op.execute("GRANT SELECT ON alembic_version TO gate_app, gate_platform")


def _policies(table: str) -> None:
    if table == "enterprises":
        township = "township_id = gate_township()"
    else:
        township = "enterprise_id IN (SELECT e.enterprise_id FROM enterprises e WHERE e.township_id = gate_township())"
    readable = f"enterprise_id = gate_enterprise() OR {township}"
    if table in PUBLISHED:
        readable += (
            " OR enterprise_id = (SELECT t.office_id FROM townships t JOIN enterprises e ON e.township_id = t.id "
            "WHERE e.enterprise_id = gate_enterprise())"
        )
    own = "enterprise_id = gate_enterprise()"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_read ON {table} FOR SELECT TO gate_app, gate_platform USING ({readable})")
    op.execute(f"CREATE POLICY tenant_insert ON {table} FOR INSERT TO gate_app, gate_platform WITH CHECK ({own})")
    op.execute(
        f"CREATE POLICY tenant_update ON {table} FOR UPDATE TO gate_app, gate_platform USING ({own}) WITH CHECK ({own})"
    )
    op.execute(f"CREATE POLICY tenant_delete ON {table} FOR DELETE TO gate_app, gate_platform USING ({own})")
    op.execute(
        f"CREATE POLICY platform_read ON {table} FOR SELECT TO gate_platform "
        "USING (current_setting('app.scope', true) = 'platform')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM enterprises WHERE kind = 'platform'")
    if op.get_bind().dialect.name != "postgresql":
        for table in IMMUTABLE:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
        return
    op.execute("REVOKE ALL ON alembic_version FROM gate_app, gate_platform")
    for table in (*TENANT, *UNSCOPED):
        op.execute(f"REVOKE ALL ON {table} FROM gate_app, gate_platform")
    for table in TENANT:
        for policy in ("tenant_read", "tenant_insert", "tenant_update", "tenant_delete", "platform_read"):
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in IMMUTABLE:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    for function in ("gate_append_only", "gate_township", "gate_enterprise"):
        op.execute(f"DROP FUNCTION {function}()")
