"""Commands that stand in the audit log, because nothing else tells of them afterwards."""

from __future__ import annotations

from typing import Any

from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.audit import COMMAND_LINE, LONGEST_REASON, Action, AuditEntry
from cloudmatic_portal.services.audit import Audited
from cloudmatic_portal.storage.database import Database


def add_reason(parser: Any, help_: str) -> None:
    """Let the command want to know why."""
    parser.add_argument("--reason", required=True, help=f"{help_}; stands in the audit log")


def audited(
    database: Database, action: Action, about: str, reason: str, detail: str | None = None
) -> Audited:
    """The database for one action. Raises CommandRefused for a reason that is none."""
    given = " ".join(reason.split())
    if not 0 < len(given) <= LONGEST_REASON:
        raise CommandRefused(f"--reason: 1 to {LONGEST_REASON} characters, please")
    entry = AuditEntry(
        at=edge.clock(),
        operator=COMMAND_LINE,
        operator_id=None,
        action=action,
        object=about,
        detail=detail,
        reason=given,
    )
    return Audited(database, entry)
