"""Every table

Revision: 0001, after
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key_hash", name=op.f("pk_directory")),
    )
    op.create_table(
        "risk_lists",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("update_time", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("middle", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_risk_lists")),
    )
    op.create_table(
        "townships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_townships")),
        sa.UniqueConstraint("name", name=op.f("uq_townships_name")),
    )
    op.create_table(
        "enterprises",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=True),
        sa.Column("cluster", sa.String(length=40), nullable=True),
        sa.Column("size", sa.String(length=10), nullable=False),
        sa.Column("exporter", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["township_id"], ["townships.id"], name=op.f("fk_enterprises_township_id")),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_enterprises")),
    )
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprises_township_id"), ["township_id"], unique=False)

    op.create_table(
        "adoptions",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_hash", sa.String(length=64), nullable=False),
        sa.Column("update_time", sa.BigInteger(), nullable=False),
        sa.Column("adopted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_adoptions_enterprise_id")
        ),
        sa.ForeignKeyConstraint(["list_hash"], ["risk_lists.hash"], name=op.f("fk_adoptions_list_hash")),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_adoptions")),
    )
    with op.batch_alter_table("adoptions", schema=None) as batch_op:
        batch_op.create_index("ix_adoptions_adopted_at", ["enterprise_id", "adopted_at"], unique=False)

    op.create_table(
        "gates",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("accepts", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_gates_enterprise_id")),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_gates")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_ledger_entry_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "seq", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("enterprise_id", "event_id", name=op.f("uq_ledger_entry_enterprise_id_event_id")),
    )
    op.create_table(
        "ledger_head",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_ledger_head_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "registrations",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("origin", sa.String(length=9), nullable=True),
        sa.Column("cargo", sa.String(length=20), nullable=True),
        sa.Column("announced_at", sa.BigInteger(), nullable=False),
        sa.Column("announced_by", sa.Uuid(), nullable=False),
        sa.Column("needs_township", sa.Boolean(), nullable=False),
        sa.Column("enterprise_approved_at", sa.BigInteger(), nullable=True),
        sa.Column("enterprise_approved_by", sa.Uuid(), nullable=True),
        sa.Column("township_approved_at", sa.BigInteger(), nullable=True),
        sa.Column("township_approved_by", sa.Uuid(), nullable=True),
        sa.Column("declined_at", sa.BigInteger(), nullable=True),
        sa.Column("declined_reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_registrations_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_registrations")),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index("ix_registrations_day", ["enterprise_id", "day"], unique=False)
        batch_op.create_index("ix_registrations_plate_day", ["enterprise_id", "plate", "day"], unique=False)

    op.create_table(
        "rulebook_drafts",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_rulebook_drafts_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", name=op.f("pk_rulebook_drafts")),
    )
    op.create_table(
        "rulebook_versions",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=12), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("holds_from", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("published_by", sa.Uuid(), nullable=False),
        sa.Column("published_by_name", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_rulebook_versions_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_rulebook_versions")),
        sa.UniqueConstraint("enterprise_id", "number", name=op.f("uq_rulebook_versions_enterprise_id_number")),
    )
    with op.batch_alter_table("rulebook_versions", schema=None) as batch_op:
        batch_op.create_index("ix_rulebook_versions_holds_from", ["enterprise_id", "holds_from"], unique=False)

    op.create_table(
        "sign_in_tries",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_sign_in_tries_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_sign_in_tries")),
    )
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_tries_username", ["enterprise_id", "username_hash", "at"], unique=False)

    op.create_table(
        "users",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_users_enterprise_id")),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_users")),
    )
    op.create_table(
        "zones",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_zones_enterprise_id")),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_zones")),
        sa.UniqueConstraint("enterprise_id", "code", name=op.f("uq_zones_enterprise_id_code")),
    )
    op.create_table(
        "ledger_part",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("class", sa.String(length=12), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "seq"],
            ["ledger_entry.enterprise_id", "ledger_entry.seq"],
            name=op.f("fk_ledger_part_enterprise_id_seq"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "seq", "class", name=op.f("pk_ledger_part")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "user_id"],
            ["users.enterprise_id", "users.id"],
            name=op.f("fk_user_sessions_enterprise_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_user_sessions")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index("ix_user_sessions_user", ["enterprise_id", "user_id"], unique=False)

    op.create_table(
        "visit_events",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "seq"],
            ["ledger_entry.enterprise_id", "ledger_entry.seq"],
            name=op.f("fk_visit_events_enterprise_id_seq"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "visit_id", "seq", name=op.f("pk_visit_events")),
    )
    with op.batch_alter_table("visit_events", schema=None) as batch_op:
        batch_op.create_index("ix_visit_events_event_id", ["enterprise_id", "event_id"], unique=False)

    op.create_table(
        "visits",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=True),
        sa.Column("plate", sa.String(length=20), nullable=True),
        sa.Column("plate_class", sa.String(length=20), nullable=True),
        sa.Column("trailers", sa.String(length=80), nullable=False),
        sa.Column("origin", sa.String(length=9), nullable=True),
        sa.Column("risk_level", sa.String(length=8), nullable=True),
        sa.Column("cargo", sa.String(length=20), nullable=True),
        sa.Column("zone", sa.String(length=20), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("admitted_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("guard_id", sa.Uuid(), nullable=False),
        sa.Column("guard_name", sa.String(length=40), nullable=False),
        sa.Column("against_verdict", sa.Boolean(), nullable=False),
        sa.Column("overridden", sa.Boolean(), nullable=False),
        sa.Column("act_followed", sa.Boolean(), nullable=True),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("attention", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("township_version", sa.Uuid(), nullable=True),
        sa.Column("enterprise_version", sa.Uuid(), nullable=True),
        sa.Column("risk_list", sa.String(length=64), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "gate_id"],
            ["gates.enterprise_id", "gates.id"],
            name=op.f("fk_visits_enterprise_id_gate_id"),
        ),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.enterprise_id"], name=op.f("fk_visits_enterprise_id")),
        sa.PrimaryKeyConstraint("enterprise_id", "id", name=op.f("pk_visits")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_day", ["enterprise_id", "day", "arrived_at"], unique=False)
        batch_op.create_index("ix_visits_due_at", ["enterprise_id", "due_at"], unique=False)
        batch_op.create_index("ix_visits_plate", ["enterprise_id", "plate"], unique=False)
        batch_op.create_index("ix_visits_state", ["enterprise_id", "state", "arrived_at"], unique=False)

    op.create_table(
        "visit_occupants",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("name_mask", sa.String(length=40), nullable=True),
        sa.Column("phone_mask", sa.String(length=20), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("inside", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "visit_id"],
            ["visits.enterprise_id", "visits.id"],
            name=op.f("fk_visit_occupants_enterprise_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "visit_id", "subject", name=op.f("pk_visit_occupants")),
    )
    with op.batch_alter_table("visit_occupants", schema=None) as batch_op:
        batch_op.create_index("ix_visit_occupants_phone", ["enterprise_id", "phone_index"], unique=False)

    op.create_table(
        "visit_stages",
        sa.Column("enterprise_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id", "visit_id"],
            ["visits.enterprise_id", "visits.id"],
            name=op.f("fk_visit_stages_enterprise_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "visit_id", "stage", name=op.f("pk_visit_stages")),
    )


def downgrade() -> None:
    op.drop_table("visit_stages")
    with op.batch_alter_table("visit_occupants", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_occupants_phone")

    op.drop_table("visit_occupants")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_state")
        batch_op.drop_index("ix_visits_plate")
        batch_op.drop_index("ix_visits_due_at")
        batch_op.drop_index("ix_visits_day")

    op.drop_table("visits")
    with op.batch_alter_table("visit_events", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_events_event_id")

    op.drop_table("visit_events")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_index("ix_user_sessions_user")

    op.drop_table("user_sessions")
    op.drop_table("ledger_part")
    op.drop_table("zones")
    op.drop_table("users")
    with op.batch_alter_table("sign_in_tries", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_tries_username")

    op.drop_table("sign_in_tries")
    with op.batch_alter_table("rulebook_versions", schema=None) as batch_op:
        batch_op.drop_index("ix_rulebook_versions_holds_from")

    op.drop_table("rulebook_versions")
    op.drop_table("rulebook_drafts")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index("ix_registrations_plate_day")
        batch_op.drop_index("ix_registrations_day")

    op.drop_table("registrations")
    op.drop_table("ledger_head")
    op.drop_table("ledger_entry")
    op.drop_table("gates")
    with op.batch_alter_table("adoptions", schema=None) as batch_op:
        batch_op.drop_index("ix_adoptions_adopted_at")

    op.drop_table("adoptions")
    with op.batch_alter_table("enterprises", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprises_township_id"))

    op.drop_table("enterprises")
    op.drop_table("townships")
    op.drop_table("risk_lists")
    op.drop_table("directory")
