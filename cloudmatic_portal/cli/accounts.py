"""The operator's commands for customers' accounts."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.audit import COMMAND_LINE, LONGEST_REASON, AuditEntry
from cloudmatic_portal.services import second_factor
from cloudmatic_portal.services.audit import Audited
from cloudmatic_portal.storage.database import Database


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    off = commands.add_parser(
        "switch-off-second-factor",
        help="let the password alone be enough for a customer who has lost phone and codes",
    )
    off.add_argument("account", type=amounts.account_id, help="its CloudMatic-ID")
    off.add_argument(
        "--reason", required=True, help="how you made sure who asks; stands in the audit log"
    )
    off.set_defaults(operate=_switch_off_second_factor)


async def _switch_off_second_factor(database: Database, options: argparse.Namespace) -> str:
    account_id, now = options.account, edge.clock()
    entry = AuditEntry(
        at=now,
        operator=COMMAND_LINE,
        operator_id=None,
        action="switch off second factor",
        object=f"account {account_id}",
        reason=_reason(options.reason),
    )
    await second_factor.withdraw(Audited(database, entry), account_id, now)
    return f"the second factor of account {account_id} is switched off\n"


def _reason(text: str) -> str:
    given = " ".join(text.split())
    if not 0 < len(given) <= LONGEST_REASON:
        raise CommandRefused(f"--reason: 1 to {LONGEST_REASON} characters, please")
    return given
