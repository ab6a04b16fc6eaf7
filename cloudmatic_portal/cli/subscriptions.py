"""The operator's commands for subscriptions."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.services import subscriptions
from cloudmatic_portal.services.subscriptions import Standing
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("subscriptions", help="list the subscriptions of an account")
    listing.add_argument("account", type=amounts.account_id, help="its CloudMatic-ID")
    add_json(listing)
    listing.set_defaults(operate=_list)
    ending = commands.add_parser(
        "cancel-subscription", help="end a subscription with the period that is paid"
    )
    ending.add_argument("account", type=amounts.account_id)
    ending.add_argument("subscription", type=amounts.listed, help="its number in the list")
    ending.set_defaults(operate=_cancel)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await subscriptions.of_account(database, options.account)
    nothing = "no subscriptions that go on\n"
    return listed(found, options, line=_line, facts=_facts, nothing=nothing)


async def _cancel(database: Database, options: argparse.Namespace) -> str:
    account, number = options.account, options.subscription
    standing, _ = await subscriptions.find(database, account, number)
    await subscriptions.cancel(database, account, number, edge.clock())
    ends = f" with {standing.paid_until}" if standing.paid_until else ""
    return f"subscription {number} of account {account} ends{ends}\n"


def _line(standing: Standing) -> str:
    """One subscription: number, state, package, term, price, paid until, order that waits."""
    mine, plan = standing.subscription, standing.subscription.plan
    facts = [
        str(mine.subscription_id),
        mine.state,
        f"{standing.subscribed.name} × {plan.months}",
        formats.money(plan.price.gross, "de"),
        f"paid until {standing.paid_until}",
    ]
    if standing.waiting:
        facts.append(f"waits for the payment of {grouped(standing.waiting)}")
    return "  ".join(facts) + "\n"


def _facts(standing: Standing) -> dict[str, Any]:
    mine, plan = standing.subscription, standing.subscription.plan
    return {
        "subscription": mine.subscription_id,
        "reference": grouped(standing.subscribed.reference),
        "state": mine.state,
        "product": plan.product,
        "months": plan.months,
        "price_cents": plan.price.gross.cents,
        "currency": plan.price.gross.currency,
        "paid_until": standing.paid_until,
        "waits_for": grouped(standing.waiting) if standing.waiting else None,
    }
