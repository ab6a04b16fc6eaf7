"""The operator's commands: catalogue, vouchers, orders."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import PortalError
from cloudmatic_portal.domain.order import ORDER_STATES, Order
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import catalogue, catalogue_file, orders, vouchers
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database, parse_url
from cloudmatic_portal.storage.schema import require_current
from cloudmatic_portal.web import formats

Command = Callable[[Database, argparse.Namespace], Awaitable[str]]


class CommandRefused(Exception):
    """A command that changed nothing; the message says why."""


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """Run the operator's command that was chosen and print what it did.

    Raises CommandRefused, CatalogueUnreadable or SchemaOutdated.
    """
    command: Command = options.operate
    options.settings = settings
    database = Database(parse_url(settings.database))
    try:
        await require_current(database)
        sys.stdout.write(await command(database, options))
    except PortalError as error:
        raise CommandRefused(_why(error)) from error
    finally:
        await database.close()


def add_commands(commands: Any) -> None:
    """Add the operator's commands to argparse's `commands`."""
    loading = commands.add_parser("load-catalogue", help="add products and prices from a TOML file")
    loading.add_argument("file", type=Path)
    loading.set_defaults(operate=_load_catalogue)
    _add_voucher(commands.add_parser("add-voucher", help="make a voucher"))
    listing = commands.add_parser("orders", help="list orders, the newest first")
    listing.add_argument("--account", type=amounts.account_id, help="of this CloudMatic-ID only")
    listing.add_argument("--state", choices=ORDER_STATES)
    listing.add_argument("--most", type=amounts.whole_number, default=50)
    add_json(listing)
    listing.set_defaults(operate=_list_orders)
    cancelling = commands.add_parser("cancel-order", help="cancel an order that is not paid")
    cancelling.add_argument("reference")
    cancelling.set_defaults(operate=_cancel)
    refunding = commands.add_parser(
        "refund-order", help="take back an order that is active: its price becomes balance"
    )
    refunding.add_argument("reference")
    refunding.set_defaults(operate=_refund)


def _add_voucher(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="3 to 32 capitals, digits and hyphens")
    add_voucher_terms(parser)
    parser.set_defaults(operate=_make_voucher)


def add_voucher_terms(parser: argparse.ArgumentParser, limit: int | None = None) -> None:
    """What a voucher is worth, for whom, when and how often: `limit` times if nothing is said."""
    usual = "any number by default" if limit is None else f"{limit} by default"
    worth = parser.add_mutually_exclusive_group(required=True)
    worth.add_argument("--percent", type=amounts.percent, help="off the price: 10 or 12,5")
    worth.add_argument("--amount", type=amounts.money, help="off the price, in euros: 5,00")
    worth.add_argument(
        "--months", type=amounts.whole_number, help="free months on top of a package"
    )
    parser.add_argument("--product", action="append", default=[], help="for this product only")
    parser.add_argument("--account", type=amounts.account_id, help="for this CloudMatic-ID only")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="today by default")
    parser.add_argument("--until", type=date.fromisoformat)
    parser.add_argument(
        "--limit", type=amounts.whole_number, default=limit, help=f"how often in all; {usual}"
    )
    parser.add_argument("--per-account", type=amounts.whole_number, default=1, help="0: any number")
    parser.add_argument("--combinable", action="store_true", help="together with other vouchers")


async def _load_catalogue(database: Database, options: argparse.Namespace) -> str:
    text = await asyncio.to_thread(options.file.read_text, "utf-8")
    added = await catalogue.load(database, catalogue_file.read(text))
    return f"{added.products} new products, {added.terms} new prices\n"


async def _make_voucher(database: Database, options: argparse.Namespace) -> str:
    try:
        voucher = voucher_of(options, options.code)
    except ValueError as error:
        raise CommandRefused(str(error)) from error
    await vouchers.make(database, voucher)
    return f"voucher {voucher.code} made\n"


def voucher_of(options: argparse.Namespace, code: str) -> Voucher:
    """The voucher that the options describe. Raises ValueError."""
    kind, value = _worth(options)
    return Voucher(
        code=code,
        kind=kind,
        value=value,
        valid_from=options.first or berlin_day(edge.clock()),
        valid_until=options.until,
        products=frozenset(options.product),
        account_id=options.account,
        limit=options.limit,
        per_account=options.per_account or None,
        combinable=options.combinable,
    )


async def _list_orders(database: Database, options: argparse.Namespace) -> str:
    found = await orders.search(
        database, account_id=options.account, state=options.state, most=options.most
    )
    return listed(found, options, line=_line, facts=order_facts, nothing="no orders\n")


async def _cancel(database: Database, options: argparse.Namespace) -> str:
    await orders.cancel(database, None, options.reference, edge.clock())
    return "cancelled\n"


async def _refund(database: Database, options: argparse.Namespace) -> str:
    order = await orders.refund(database, options.reference, edge.clock())
    price = formats.money(order.total.gross, "de")
    return f"order {order.number} is refunded; to the balance: {price}\n"


def _worth(options: argparse.Namespace) -> tuple[Any, int]:
    if options.percent is not None:
        return "percent", options.percent
    if options.amount is not None:
        return "amount", options.amount.cents
    return "months", options.months


def _line(order: Order) -> str:
    """One order: number, account, state, amount, what is due until when, articles."""
    due = (
        f" due {formats.money(order.due, 'de')} until {order.pay_until}" if order.due.cents else ""
    )
    articles = ", ".join(f"{line.name} × {line.quantity}" for line in order.lines)
    total = formats.money(order.total.gross, "de")
    return f"{order.number}  {order.account_id}  {order.state}  {total}{due}  {articles}\n"


def order_facts(order: Order) -> dict[str, Any]:
    """An order for machines."""
    return {
        "number": order.number,
        "account": order.account_id,
        "state": order.state,
        "method": order.method,
        "created_at": order.created_at,
        "pay_until": order.pay_until,
        "total_cents": order.total.gross.cents,
        "due_cents": order.due.cents,
        "currency": order.total.gross.currency,
        "lines": [
            {
                "product": line.product,
                "name": line.name,
                "quantity": line.quantity,
                "kind": line.kind,
            }
            for line in order.lines
        ],
    }


def _why(error: PortalError) -> str:
    return f"{error.reason.replace('-', ' ')}: {error}"
