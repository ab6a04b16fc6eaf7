"""The operator's commands for money: what arrived, left and was taken back, and where it is."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, as_json
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import OrderUnknown, PaymentUnknown
from cloudmatic_portal.domain.ledger import LONGEST_NOTE, LONGEST_SOURCE, Entry
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.trail import Step, Trail
from cloudmatic_portal.services import ledger, payments, trail
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    paying = commands.add_parser("pay", help="book a payment that has arrived")
    paying.add_argument("reference", help="number of the order or subscription")
    paying.add_argument("amount", type=amounts.money, help="in euros: 24,00")
    paying.add_argument("--on", type=date.fromisoformat, help="day of arrival; today by default")
    paying.add_argument(
        "--source",
        required=True,
        help="what names the payment, such as the bank's own number of it; booked once",
    )
    paying.set_defaults(operate=_pay)
    refunding = commands.add_parser("refund", help="note that balance was paid out to the customer")
    refunding.add_argument("account", type=amounts.account_id, help="CloudMatic-ID")
    refunding.add_argument("amount", type=amounts.money)
    refunding.add_argument("--source", required=True, help="what names the transfer; booked once")
    refunding.add_argument("--note", default="", help="why")
    refunding.set_defaults(operate=_refund)
    returning = commands.add_parser(
        "return-debit", help="note that a bank or PayPal has taken a payment back"
    )
    returning.add_argument("payment", help="the source of the payment, as it was booked")
    returning.add_argument("amount", type=amounts.money)
    returning.add_argument("--source", required=True, help="what names the return; booked once")
    returning.set_defaults(operate=_take_back)
    correcting = commands.add_parser("correct-balance", help="add to an account's balance")
    correcting.add_argument("account", type=amounts.account_id)
    correcting.add_argument("amount", type=amounts.money)
    correcting.add_argument("--take", action="store_true", help="take from it instead")
    correcting.add_argument("--source", required=True, help="what names it; booked once")
    correcting.add_argument("--note", required=True, help="why")
    correcting.set_defaults(operate=_correct)
    showing = commands.add_parser("ledger", help="list an account's entries, and its balance")
    showing.add_argument("account", type=amounts.account_id)
    showing.add_argument("--most", type=amounts.whole_number, default=50)
    add_json(showing)
    showing.set_defaults(operate=_ledger)
    trailing = commands.add_parser(
        "trail", help="all that happened to an order or a payment, in its order"
    )
    trailing.add_argument("number", help="of the order, or the source of the payment")
    trailing.set_defaults(operate=_trail)


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


async def _refund(database: Database, options: argparse.Namespace) -> str:
    if len(options.note) > LONGEST_NOTE:
        raise CommandRefused("a note has at most 200 characters")
    left = await ledger.refund(
        database, options.account, options.amount, _source(options), edge.clock(), options.note
    )
    return f"paid out; balance: {_money(left)}\n"


async def _take_back(database: Database, options: argparse.Namespace) -> str:
    account, left = await payments.return_debit(
        database, options.payment, options.amount, _source(options), edge.clock()
    )
    return f"taken back from account {account.account_id}; balance: {_money(left)}\n"


async def _correct(database: Database, options: argparse.Namespace) -> str:
    amount = Money(-options.amount.cents) if options.take else options.amount
    if not amount.cents or not 1 <= len(options.note) <= LONGEST_NOTE:
        raise CommandRefused("a correction has an amount and a note of 1 to 200 characters")
    left = await ledger.correct(
        database, options.account, amount, _source(options), options.note, edge.clock()
    )
    return f"corrected; balance: {_money(left)}\n"


async def _ledger(database: Database, options: argparse.Namespace) -> str:
    entries = await ledger.entries(database, options.account, options.most)
    left = await ledger.balance(database, options.account)
    if options.json:
        return as_json({"balance_cents": left.cents, "entries": list(map(_facts, entries))})
    return "".join(map(_entry, entries)) + f"balance: {_money(left)}\n"


async def _trail(database: Database, options: argparse.Namespace) -> str:
    try:
        found = await trail.of_order(database, options.number)
    except OrderUnknown:
        try:
            found = await trail.of_payment(database, options.number)
        except PaymentUnknown as error:
            raise CommandRefused(f"no order and no payment is called {options.number}") from error
    return _written(found)


def _written(found: Trail) -> str:
    numbers = ", ".join(found.orders) or "no order"
    lines = [f"account {found.account_id}, {numbers}; balance: {_money(found.balance)}\n"]
    lines += [
        f"ATTENTION: {number} is active though money for it was taken back\n"
        for number in found.taken_back
    ]
    return "".join([*lines, *map(_step, found.steps)])


def _step(step: Step) -> str:
    """One step: when, what, and what there is to say of it."""
    days = f"{step.days[0]} to {step.days[1]}" if step.days else ""
    amount = _money(step.amount) if step.amount else ""
    facts = (step.number, amount, days, step.source, step.note)
    moment = formats.moment(step.at, "de")
    return "  ".join([moment, step.kind, step.what, *filter(None, facts)]) + "\n"


def _entry(entry: Entry) -> str:
    """One entry: when, what, how much, of an order or the balance, and why."""
    where = entry.number or "balance"
    facts = (_money(entry.amount), where, entry.source, entry.note)
    moment = formats.moment(entry.booked_at, "de")
    return "  ".join([moment, entry.kind, *filter(None, facts)]) + "\n"


def _facts(entry: Entry) -> dict[str, Any]:
    return {
        "booked_at": entry.booked_at,
        "kind": entry.kind,
        "cents": entry.amount.cents,
        "currency": entry.amount.currency,
        "order": entry.number,
        "source": entry.source,
        "note": entry.note,
    }


def _source(options: argparse.Namespace) -> str:
    if not 1 <= len(options.source) <= LONGEST_SOURCE:
        raise CommandRefused("a source has 1 to 200 characters")
    return str(options.source)


def _money(amount: Money) -> str:
    return formats.money(amount, "de")
