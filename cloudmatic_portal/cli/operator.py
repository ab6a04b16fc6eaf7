"""The operator's commands: catalogue, vouchers, orders, payments that have arrived."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from cloudmatic_portal.cli import edge
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import PortalError
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import ORDER_STATES, Order
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import catalogue, catalogue_file, orders, payments, vouchers
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
    listing.add_argument("--account", type=int, help="of this CloudMatic-ID only")
    listing.add_argument("--state", choices=ORDER_STATES)
    listing.add_argument("--most", type=int, default=50)
    listing.set_defaults(operate=_list_orders)
    paying = commands.add_parser("pay", help="book a payment that has arrived for an order")
    paying.add_argument("reference", help="the order's number, as on the bank statement")
    paying.add_argument("amount", type=_money, help="in euros: 24,00")
    paying.add_argument("--on", type=date.fromisoformat, help="day of arrival; today by default")
    paying.add_argument(
        "--source",
        required=True,
        help="what names the payment, such as the bank's own number of it; booked once",
    )
    paying.set_defaults(operate=_pay)
    cancelling = commands.add_parser("cancel-order", help="cancel an order that is not paid")
    cancelling.add_argument("reference")
    cancelling.set_defaults(operate=_cancel)


def _add_voucher(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="3 to 32 capitals, digits and hyphens")
    worth = parser.add_mutually_exclusive_group(required=True)
    worth.add_argument("--percent", type=_percent, help="off the price: 10 or 12,5")
    worth.add_argument("--amount", type=_money, help="off the price, in euros: 5,00")
    worth.add_argument("--months", type=int, help="free months on top of a package")
    parser.add_argument("--product", action="append", default=[], help="for this product only")
    parser.add_argument("--account", type=int, help="for this CloudMatic-ID only")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="today by default")
    parser.add_argument("--until", type=date.fromisoformat)
    parser.add_argument("--limit", type=int, help="how often in all; any number by default")
    parser.add_argument("--per-account", type=int, default=1, help="0: any number")
    parser.add_argument("--combinable", action="store_true", help="together with other vouchers")
    parser.set_defaults(operate=_make_voucher)


async def _load_catalogue(database: Database, options: argparse.Namespace) -> str:
    text = await asyncio.to_thread(options.file.read_text, "utf-8")
    added = await catalogue.load(database, catalogue_file.read(text))
    return f"{added.products} new products, {added.terms} new prices\n"


async def _make_voucher(database: Database, options: argparse.Namespace) -> str:
    kind, value = _worth(options)
    try:
        voucher = Voucher(
            code=options.code,
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
    except ValueError as error:
        raise CommandRefused(str(error)) from error
    await vouchers.make(database, voucher)
    return f"voucher {voucher.code} made\n"


async def _list_orders(database: Database, options: argparse.Namespace) -> str:
    found = await orders.search(
        database, account_id=options.account, state=options.state, most=options.most
    )
    return "".join(map(_line, found)) or "no orders\n"


async def _pay(database: Database, options: argparse.Namespace) -> str:
    now = edge.clock()
    try:
        payment = Payment(options.amount, options.on or berlin_day(now), options.source)
    except ValueError as error:
        raise CommandRefused(str(error)) from error
    booked = await payments.book(database, options.reference, payment, now)
    order = booked.order
    if order is None:
        result = f"no order of account {booked.account_id} waits"
    else:
        result = f"order {order.number} of account {order.account_id} is {order.state}"
        if booked.activated:
            result += " now"
        if order.due.cents:
            result += f"; still due: {formats.money(order.due, 'de')}"
    if booked.balance.cents:
        result += f"; to the balance: {formats.money(booked.balance, 'de')}"
    return f"{result}\n"


async def _cancel(database: Database, options: argparse.Namespace) -> str:
    await orders.cancel(database, None, options.reference, edge.clock())
    return "cancelled\n"


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


def _why(error: PortalError) -> str:
    return f"{error.reason.replace('-', ' ')}: {error}"


_AMOUNT: Final = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?")


def _money(text: str) -> Money:
    """`24`, `24,5` or `24.50` euros."""
    return Money(_hundredths(text))


def _percent(text: str) -> int:
    """`10` or `12,5` as basis points."""
    return _hundredths(text)


def _hundredths(text: str) -> int:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount such as 24,00")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
