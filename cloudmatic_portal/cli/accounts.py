"""The operator's commands for customers' accounts."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.auditing import add_reason, audited
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.services import desk, second_factor
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
    add_reason(off, "how you made sure who asks")
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
    about = f"account {options.account}"
    noted = audited(database, "switch off second factor", about, options.reason)
    await second_factor.withdraw(noted, options.account, edge.clock())
    return f"the second factor of {about} is switched off\n"
