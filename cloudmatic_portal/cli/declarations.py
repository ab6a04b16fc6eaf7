"""The operator's commands for what customers declare: look at it, and say that it is done."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.declaration import DECLARATION_STATES, Declaration
from cloudmatic_portal.services import declarations
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser(
        "declarations",
        help="list cancellations and withdrawals; open ones by deadline, others by age",
    )
    listing.add_argument("--state", choices=DECLARATION_STATES)
    listing.add_argument("--most", type=amounts.whole_number, default=50)
    add_json(listing)
    listing.set_defaults(operate=_list)
    one = commands.add_parser("declaration", help="look at a declaration, or settle it")
    verbs = one.add_subparsers(dest="verb", required=True)
    showing = verbs.add_parser("show", help="what was declared, and what has become of it")
    showing.add_argument("number", help="as in the list and on the receipt")
    showing.set_defaults(operate=_show)
    settling = verbs.add_parser("settle", help="note that all is done")
    settling.add_argument("number")
    settling.add_argument("--note", required=True, help="what was done")
    settling.set_defaults(operate=_settle)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await declarations.search(database, state=options.state, most=options.most)
    return listed(found, options, line=_line, facts=_facts, nothing="no declarations\n")


async def _show(database: Database, options: argparse.Namespace) -> str:
    declaration = await declarations.find(database, options.number)
    content = declaration.content
    facts = {
        "name": content.name,
        "identification": content.identification,
        "contract": content.contract,
        "cancellation": content.cancellation,
        "reason": content.reason,
        "to end on": content.ends_on,
        "e-mail": content.email,
        "outcome": declaration.outcome,
    }
    lines = [f"  {name}: {value}\n" for name, value in facts.items() if value]
    return _line(declaration) + "".join(lines)


async def _settle(database: Database, options: argparse.Namespace) -> str:
    await declarations.settle(database, options.number, options.note, edge.clock())
    return "settled\n"


def _line(declaration: Declaration) -> str:
    """Number, when it came, kind, state, account if that is certain, deadline."""
    facts = [
        declaration.number,
        formats.moment(declaration.received_at, "de"),
        declaration.content.kind,
        declaration.state,
        str(declaration.account_id or "-"),
    ]
    if declaration.deadline is not None and declaration.state == "open":
        facts.append(f"until {declaration.deadline}")
    return "  ".join(facts) + "\n"


def _facts(declaration: Declaration) -> dict[str, Any]:
    return {
        "number": declaration.number,
        "kind": declaration.content.kind,
        "state": declaration.state,
        "account": declaration.account_id,
        "received_at": declaration.received_at,
        "deadline": declaration.deadline,
    }
