"""Who runs the portal: made, set up again and disabled on its machine only."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.operator import ROLES, SETUP_LIFETIME, Operator
from cloudmatic_portal.services import operators
from cloudmatic_portal.storage.database import Database


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    adding = commands.add_parser("add-operator", help="let somebody come in at /admin")
    adding.add_argument("name", help="3 to 40 small letters, digits, dots and hyphens")
    adding.add_argument("--role", choices=ROLES, required=True)
    adding.add_argument(
        "--again",
        action="store_true",
        help="a new link for somebody who is there: password and second factor are forgotten",
    )
    adding.set_defaults(operate=_add)
    disabling = commands.add_parser("disable-operator", help="let somebody in no more, at once")
    disabling.add_argument("name")
    disabling.set_defaults(operate=_disable)
    listing = commands.add_parser("operators", help="list the operators")
    add_json(listing)
    listing.set_defaults(operate=_list)


async def _add(database: Database, options: argparse.Namespace) -> str:
    make = operators.add_again if options.again else operators.add
    token = await make(
        database,
        options.name,
        options.role,
        now=edge.clock(),
        random_bytes=edge.random_bytes,
    )
    hours = SETUP_LIFETIME.total_seconds() / 3600
    address = f"{options.settings.origin}/admin/setup?token={token}"
    return (
        f"{options.name} chooses a password and a second factor here, once, within {hours:.0f} "
        f"hours:\n{address}\n"
    )


async def _disable(database: Database, options: argparse.Namespace) -> str:
    await operators.disable(database, options.name, edge.clock())
    return f"{options.name} cannot come in any more\n"


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await operators.every(database)
    return listed(found, options, line=_line, facts=_facts, nothing="no operators\n")


def _line(operator: Operator) -> str:
    return f"{operator.name}  {operator.role}  {_state(operator)}\n"


def _facts(operator: Operator) -> dict[str, Any]:
    return {
        "name": operator.name,
        "role": operator.role,
        "state": _state(operator).replace(" ", "_"),
        "disabled_at": operator.disabled_at,
    }


def _state(operator: Operator) -> str:
    return "disabled" if operator.disabled_at else "ready" if operator.ready else "to be set up"
