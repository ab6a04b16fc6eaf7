"""Bank lines that nobody but the operator can decide about: what they may be for, and deciding."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.books import Books
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import (
    BankLineCannot,
    BankLineUnknown,
    OrderUnknown,
    PaymentUnknown,
    SharesDoNotAddUp,
    SharesInAnotherCurrency,
    SharesUnfit,
    TakenBackBeyond,
)
from cloudmatic_portal.domain.matching import CURRENCY, Suggestion, clues, suggestions
from cloudmatic_portal.domain.money import Money, euros
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.reference import read_reference
from cloudmatic_portal.domain.spotting import Nearby
from cloudmatic_portal.domain.statement import StoredLine
from cloudmatic_portal.services import payments
from cloudmatic_portal.services.payments import Booked, Share
from cloudmatic_portal.services.statement_plan import is_payment, look_around
from cloudmatic_portal.storage import books as stored_books
from cloudmatic_portal.storage import statement as stored_statement
from cloudmatic_portal.storage.database import Database

MOST_NOTE: Final = 500
MOST_ORIGINALS: Final = 8

_CHOICE: Final = re.compile(
    r"(?:(?:account|konto):([1-9][0-9]{0,9})|([A-Za-z0-9][A-Za-z0-9 -]{7,15}))"
    r"(?:=([0-9.,]+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A line that waits, and what it may be for. Of one that takes money back: from which lines."""

    stored: StoredLine
    suggestions: tuple[Suggestion, ...] = ()
    originals: tuple[StoredLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the operator says that a line, or a part of it, is for.

    `reference` is an order's or a subscription's, in any spelling; without it the money becomes
    the balance of `account_id`. Without `amount` it is what the order waits for, or all if it is
    the only choice.
    """

    reference: str | None = None
    account_id: int | None = None
    amount: Money | None = None


def read_choice(text: str) -> Choice | None:
    """`K7Q-X4M-P9R`, `K7Q-X4M-P9R=24,00` or `account:4711=3,00`, in euros; None if it is none."""
    found = _CHOICE.fullmatch(text)
    if found is None:
        return None
    account, reference, said = found.groups()
    amount = euros(said) if said else None
    if said and amount is None:
        return None
    named = int(account) if account else None
    return Choice(reference=reference, account_id=named, amount=amount)


async def tasks(
    database: Database, now: datetime, *, after: int = 0, most: int = 50
) -> tuple[Task, ...]:
    """The lines that wait, the oldest first, with suggestions as things stand now."""
    async with database.reading() as connection:
        found = await stored_statement.search(connection, state="open", after=after, most=most)
        return await _tasks(connection, found, now)


async def task(database: Database, line_id: int, now: datetime) -> Task:
    """One line, whatever its state. Raises BankLineUnknown."""
    async with database.reading() as connection:
        found = await stored_statement.find(connection, line_id)
        if found is None:
            raise BankLineUnknown(line_id)
        return (await _tasks(connection, [found], now))[0]


async def assign(
    database: Database, line_id: int, choices: Sequence[Choice], now: datetime
) -> tuple[Booked, ...]:
    """Book a line as the operator says. The payer's bank account is remembered with the customer.

    Raises BankLineUnknown, BankLineCannot, OrderUnknown or SharesUnfit; nothing is changed then.
    """
    async with database.writing() as connection:
        stored = await _held(connection, line_id)
        line = stored.line
        if not line.incoming:
            raise SharesUnfit("the line is money that went out")
        if line.amount.currency != CURRENCY:
            raise SharesInAnotherCurrency(line.amount.currency)
        by_account = await _shares(connection, choices, line.amount)
        booked: list[Booked] = []
        for account_id, shares in sorted(by_account.items()):
            total = Money(sum(share.amount.cents for share in shares), line.amount.currency)
            source = stored.source if len(by_account) == 1 else f"{stored.source}/{account_id}"
            payment = Payment(total, line.day, source)
            booked += await payments.book_within(connection, account_id, payment, shares, now)
        account_id = min(by_account)
        await stored_statement.settle(
            connection, line_id, "booked", "hand", now, account_id=account_id
        )
        if line.iban and len(by_account) == 1:
            await stored_statement.remember_payer(connection, line.iban, account_id, now)
    return tuple(booked)


async def take_back(database: Database, line_id: int, original_id: int, now: datetime) -> None:
    """Say that the line takes back what `original_id` brought.

    Raises BankLineUnknown, BankLineCannot or SharesUnfit; nothing is changed then.
    """
    async with database.writing() as connection:
        stored = await _held(connection, line_id)
        original = await stored_statement.find(connection, original_id, hold=True)
        if original is None:
            raise BankLineUnknown(original_id)
        if original.state != "booked" or original.account_id is None:
            raise BankLineCannot(original_id, original.state)
        amount = Money(-stored.line.amount.cents, stored.line.amount.currency)
        if stored.line.incoming or amount != original.line.amount:
            raise SharesUnfit("the line does not take back what the other one brought")
        if await stored_statement.is_taken_back(connection, original_id):
            raise BankLineCannot(original_id, "taken back")
        try:
            await payments.take_back(
                connection, original.source, amount, "return_debit", stored.source, now
            )
        except (PaymentUnknown, TakenBackBeyond) as error:
            # Split over several accounts, or taken back by somebody's word.
            raise SharesUnfit("what the other line brought is not there as a whole") from error
        await stored_statement.settle(
            connection,
            line_id,
            "booked",
            "hand",
            now,
            account_id=original.account_id,
            returns=original_id,
        )


async def ignore(database: Database, line_id: int, why: str, now: datetime) -> None:
    """Take a line off the list that is not for us. Raises BankLineUnknown or BankLineCannot."""
    async with database.writing() as connection:
        await _held(connection, line_id)
        note = why[:MOST_NOTE]
        await stored_statement.settle(connection, line_id, "ignored", "hand", now, note=note)


async def _held(connection: AsyncConnection, line_id: int) -> StoredLine:
    stored = await stored_statement.find(connection, line_id, hold=True)
    if stored is None:
        raise BankLineUnknown(line_id)
    if stored.state == "booked":
        raise BankLineCannot(line_id, stored.state)
    return stored


async def _tasks(
    connection: AsyncConnection, found: Sequence[StoredLine], now: datetime
) -> tuple[Task, ...]:
    books = Books()
    lines = {each.line_id: each.line for each in found if is_payment(each.line)}
    nearby = None
    if lines:
        nearby = Nearby(await stored_books.waiting_references(connection, berlin_day(now)))
    said = {line_id: clues(line, nearby) for line_id, line in lines.items()}
    await look_around(connection, books, lines, said)
    tasks_ = []
    for each in found:
        if each.line_id in lines:
            likely = suggestions(each.line, said[each.line_id], books)
            tasks_.append(Task(stored=each, suggestions=likely))
        else:
            originals = await _originals(connection, each)
            tasks_.append(Task(stored=each, originals=originals))
    return tuple(tasks_)


async def _originals(connection: AsyncConnection, stored: StoredLine) -> tuple[StoredLine, ...]:
    """What a line that takes money back may be about."""
    line = stored.line
    if line.incoming or not line.returned:
        return ()
    amount = Money(-line.amount.cents, line.amount.currency)
    found = await stored_statement.returnable(connection, line.account, amount)
    likely = sorted(found, key=lambda each: each.line.iban != line.iban)
    return tuple(likely[:MOST_ORIGINALS])


async def _shares(
    connection: AsyncConnection, choices: Sequence[Choice], amount: Money
) -> dict[int, list[Share]]:
    """The shares of each account. Raises OrderUnknown or SharesUnfit."""
    books = Books()
    named = {each: _reference(each) for each in choices if each.reference is not None}
    await stored_books.add_references(connection, books, list(named.values()))
    found: dict[int, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    for choice in choices:
        account_id, order_id = _target(choice, named, books)
        part = choice.amount
        if part is None and len(choices) == 1:
            part = amount
        if part is None and order_id is not None:
            part = books.due(order_id)
        if part is None or part.cents <= 0:
            raise SharesUnfit("each part needs an amount")
        found[account_id][order_id] += part.cents
    total = sum(cents for parts in found.values() for cents in parts.values())
    if total != amount.cents:
        raise SharesDoNotAddUp(total, amount.cents)
    return {
        account_id: [Share(order_id, Money(cents)) for order_id, cents in parts.items()]
        for account_id, parts in found.items()
    }


def _reference(choice: Choice) -> str:
    known = read_reference(choice.reference or "")
    if known is None:
        raise OrderUnknown(choice.reference or "")
    return known


def _target(choice: Choice, named: dict[Choice, str], books: Books) -> tuple[int, int | None]:
    if choice not in named:
        if choice.account_id is None:
            raise SharesUnfit("a part is for an order or for an account")
        return choice.account_id, None
    found = books.named(named[choice])
    if not found:
        raise OrderUnknown(choice.reference or "")
    account_id, order_id = found[0]
    return account_id, order_id if order_id is None else books.meant(order_id)
