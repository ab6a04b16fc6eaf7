"""Operators with a login of their own, and the log of what they did."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from cloudmatic_portal.storage.ddl import append_only_ddl

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: Final = sa.DateTime(timezone=True)
_CHECKS: Final = (
    ("role", "role IN ('support', 'accounting', 'admin')"),
    ("both_factors", "(password_hash IS NULL) = (totp_sealed IS NULL)"),
    ("totp_step", "(password_hash IS NULL) = (totp_step IS NULL)"),
    ("setup", "(setup_hash IS NULL) = (setup_expires_at IS NULL)"),
    ("setup_hash", "length(setup_hash) = 32"),
)


def upgrade() -> None:
    _create_operators()
    _create_operator_sessions()
    _create_audit_log()
    _create_statement_uploads()


def downgrade() -> None:
    raise NotImplementedError("what operators did is not dropped; restore the backup instead")


def _create_operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("setup_hash", sa.LargeBinary(), nullable=True),
        sa.Column("setup_expires_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("disabled_at", _INSTANT, nullable=True),
        *(sa.CheckConstraint(each, name=op.f(f"ck_operators_{name}")) for name, each in _CHECKS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("name", name=op.f("uq_operators_name")),
        sa.UniqueConstraint("setup_hash", name=op.f("uq_operators_setup_hash")),
    )


def _create_operator_sessions() -> None:
    op.create_table(
        "operator_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator_id", _BIG, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_operator_sessions_expires_at")),
        sa.CheckConstraint("length(token_hash) = 32", name=op.f("ck_operator_sessions_token_hash")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_operator_sessions_operator_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_operator_sessions")),
    )
    op.create_index(op.f("ix_operator_sessions_operator_id"), "operator_sessions", ["operator_id"])


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("operator_id", _BIG, nullable=True),
        sa.Column("operator", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("action <> ''", name=op.f("ck_audit_log_action")),
        sa.CheckConstraint("object <> ''", name=op.f("ck_audit_log_object")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_audit_log_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_object"), "audit_log", ["object"])
    op.create_index(op.f("ix_audit_log_operator_id"), "audit_log", ["operator_id"])
    for statement in append_only_ddl(op.get_bind().dialect.name, "audit_log"):
        op.execute(statement)


def _create_statement_uploads() -> None:
    op.create_table(
        "statement_uploads",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("operator_id", _BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", _INSTANT, nullable=False),
        sa.CheckConstraint("length(data) > 0", name=op.f("ck_statement_uploads_data")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name=op.f("fk_statement_uploads_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_uploads")),
    )
    op.create_index(op.f("ix_statement_uploads_operator_id"), "statement_uploads", ["operator_id"])
