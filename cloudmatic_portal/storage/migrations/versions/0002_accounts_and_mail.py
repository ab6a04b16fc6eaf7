"""The outbox, the throttle, and what registrations and forgotten passwords need."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("accounts", sa.Column("devices_valid_from", _INSTANT, nullable=True))
    _create_mails()
    _create_attempts()
    _create_registrations()
    _create_password_resets()


def _create_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("account_id", _BIG, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.CheckConstraint("key <> ''", name=op.f("ck_mails_key")),
        sa.CheckConstraint("length(message_id) = 32", name=op.f("ck_mails_message_id")),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_mails_kind")),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_mails_language")),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'uncertain', 'failed')",
            name=op.f("ck_mails_state"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mails_sent_at")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mails_attempts")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_mails_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mails_message_id")),
    )
    waiting = sa.text("state IN ('queued', 'sending')")
    op.create_index(
        "ix_mails_due",
        "mails",
        ["due_at"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_mails_account_id", "mails", ["account_id"], unique=False)


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.Column("free_at", _INSTANT, nullable=False),
        sa.CheckConstraint("length(subject) = 32", name=op.f("ck_attempts_subject")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_attempts_failures")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_last_at", "attempts", ["last_at"], unique=False)


def _create_registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_folded", sa.String(length=508), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_registrations_token_hash")),
        sa.CheckConstraint(
            "password_hash LIKE '$argon2id$%'", name=op.f("ck_registrations_password_hash")
        ),
        sa.CheckConstraint(
            "(used_at IS NULL) = (password_hash IS NOT NULL)",
            name=op.f("ck_registrations_used_at"),
        ),
        sa.CheckConstraint("language IN ('de', 'en')", name=op.f("ck_registrations_language")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_registrations_expires_at")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_registrations")),
    )
    op.create_index(
        "ix_registrations_email_folded", "registrations", ["email_folded"], unique=False
    )
    op.create_index("ix_registrations_expires_at", "registrations", ["expires_at"], unique=False)


def _create_password_resets() -> None:
    op.create_table(
        "password_resets",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_password_resets_token_hash")),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_password_resets_expires_at")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_password_resets_account_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_password_resets")),
    )
    op.create_index("ix_password_resets_account_id", "password_resets", ["account_id"])
    op.create_index("ix_password_resets_expires_at", "password_resets", ["expires_at"])


def downgrade() -> None:
    raise NotImplementedError("customers' data is not dropped; restore the backup instead")
