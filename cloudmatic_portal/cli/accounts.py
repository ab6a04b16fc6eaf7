"""The operator's commands for customers' accounts."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.audit import COMMAND_LINE, LONGEST_REASON, AuditEntry
from cloudmatic_portal.services import desk, second_factor
from cloudmatic_portal.services.audit import Audited
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    finding = commands.add_parser(
        "accounts", help="find accounts by whatever a customer says on the phone"
    )
    finding.add_argument(
        "text",
        help="CloudMatic-ID, user name or e-mail address or how they begin, order number, "
        "subscription's reference, hub's serial number",
    )
    add_json(finding)
    finding.set_defaults(operate=_find)
    off = commands.add_parser(
        "switch-off-second-factor",
        help="let the password alone be enough for a customer who has lost phone and codes",
    )
    off.add_argument("account", type=amounts.account_id, help="its CloudMatic-ID")
    off.add_argument(
        "--reason", required=True, help="how you made sure who asks; stands in the audit log"
    )
    off.set_defaults(operate=_switch_off_second_factor)


async def _find(database: Database, options: argparse.Namespace) -> str:
    # No name has control characters, and PostgreSQL takes no NUL.
    text = "".join(filter(str.isprintable, options.text))
    found = await desk.find_accounts(database, text)
    return listed(found, options, line=_line, facts=_facts, nothing="no accounts\n")


def _line(account: Account) -> str:
    since = f"since {formats.moment(account.created_at, 'de')}"
    gone = ("deleted",) if account.deleted else ()
    return (
        "  ".join((str(account.account_id), account.user_name, account.email, since, *gone)) + "\n"
    )


def _facts(account: Account) -> dict[str, Any]:
    return {
        "account": account.account_id,
        "user_name": account.user_name,
        "email": account.email,
        "language": account.language,
        "created_at": account.created_at,
        "deleted": account.deleted,
    }


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
