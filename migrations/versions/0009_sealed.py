"""Reports that anybody can check: what was signed with what, and that one was withdrawn

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ON_ISSUED_REPORTS = (
    ("payload_digest", sa.String(length=64)),
    ("certificate", sa.String(length=64)),
    ("withdrawn_at", sa.BigInteger()),
    ("withdrawn_by", sa.Uuid()),
    ("withdrawn_why", sa.String(length=20)),
)


def upgrade() -> None:
    for name, kind in ON_ISSUED_REPORTS:
        op.add_column("issued_reports", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _ in reversed(ON_ISSUED_REPORTS):
        op.drop_column("issued_reports", name)
