"""What an operator books on an account's balance: that it was paid out, or that it is another.

A form, then a look at what the ledger will say, then the booking. The form carries a key of its
own, which is part of the entry's name in the ledger: sent twice, it is booked once.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES
from cloudmatic_portal.domain.audit import Action
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import (
    BalanceTooSmall,
    FieldsUnfit,
    PaymentBookedBefore,
)
from cloudmatic_portal.domain.ledger import LONGEST_NOTE, Entry
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import ledger, payments
from cloudmatic_portal.services.audit import Audited
from cloudmatic_portal.services.ledger import Standing
from cloudmatic_portal.web import formats, forms, i18n
from cloudmatic_portal.web.admin import acting, fields, words
from cloudmatic_portal.web.admin.accounts import named_account
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.reading import Reader
from cloudmatic_portal.web.admin.refusals import cannot
from cloudmatic_portal.web.forms import Form

_MOST: Final = 5
"""How many entries stand below the one that will be booked."""
_KEY: Final = re.compile(r"[A-Z2-7]{8}")
_FIELDS: Final = ("key", "amount", "means", "paid_on", "direction", "reason")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the balance is to change by, how that is called for ever, and why it is."""

    change: Money
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class _Way:
    """One of the two: how its form is read, and what books it."""

    kind: Literal["refund", "correction"]
    action: Action
    read: Callable[[Form, date], _Wanted]
    book: Callable[[Audited, int, _Wanted, web.Request], Awaitable[Any]]


async def show_refund(request: web.Request, _: Operator) -> web.Response:
    return await _empty(request, _REFUND)


async def refund(request: web.Request, operator: Operator) -> web.Response:
    return await _step(request, operator, _REFUND)


async def show_correction(request: web.Request, _: Operator) -> web.Response:
    return await _empty(request, _CORRECTION)


async def correct(request: web.Request, operator: Operator) -> web.Response:
    return await _step(request, operator, _CORRECTION)


async def _empty(request: web.Request, way: _Way) -> web.Response:
    found = await _standing(request)
    today = berlin_day(request.app[CLOCK]()).isoformat()
    return _form(request, way, found, {"paid_on": today, "means": "transfer"})


async def _step(request: web.Request, operator: Operator, way: _Way) -> web.Response:
    form = await forms.read(request)
    try:
        wanted = way.read(form, berlin_day(request.app[CLOCK]()))
        return await _chosen(request, operator, way, form, wanted)
    except FieldsUnfit as error:
        found = await _standing(request)
        return _form(request, way, found, form, status=422, faults=error.faults)
    except BalanceTooSmall as error:
        found = await _standing(request)
        return _form(request, way, found, form, status=409, refused=cannot(error))


async def _chosen(
    request: web.Request, operator: Operator, way: _Way, form: Form, wanted: _Wanted
) -> web.Response:
    """Show what it leads to, or book what was looked at. Raises BalanceTooSmall."""
    found, step = await _standing(request, wanted.source), form.get("step")
    if not found.booked:
        if step == "change":
            return _form(request, way, found, form)
        if way.kind == "refund" and found.balance.cents + wanted.change.cents < 0:
            raise BalanceTooSmall(found.account.account_id, found.balance.cents)
        if step != "book" or form.get("balance") != str(found.balance.cents):
            return _look(request, way, found, form, wanted)
        await _book(request, operator, way, wanted)
    return _done(found)


async def _book(request: web.Request, operator: Operator, way: _Way, wanted: _Wanted) -> None:
    """Book it unless that was done. Raises BalanceTooSmall."""
    account, detail = named_account(request), formats.money(wanted.change, "de")
    audited = acting.audited(
        request,
        operator,
        way.action,
        f"account {account}",
        why=wanted.why,
        detail=f"{detail}, {wanted.source}",
    )
    with suppress(PaymentBookedBefore):
        await way.book(audited, account, wanted, request)


async def _refund(audited: Audited, account: int, wanted: _Wanted, request: web.Request) -> None:
    now, amount = request.app[CLOCK](), Money(-wanted.change.cents)
    await payments.refund(audited, account, amount, wanted.source, now, wanted.why)


async def _correct(audited: Audited, account: int, wanted: _Wanted, request: web.Request) -> None:
    now = request.app[CLOCK]()
    await payments.correct(audited, account, wanted.change, wanted.source, wanted.why, now)


def _read_refund(form: Form, today: date) -> _Wanted:
    """Raises FieldsUnfit."""
    reader = Reader(form)
    reader.read("key", _key)
    amount, why = reader.read("amount", fields.amount), reader.read("reason", _note)
    means = reader.read("means", _means)
    day = reader.needed("paid_on", fields.day, "day")
    if day is not None and day > today:
        reader.faults["paid_on"] = "future"
    if reader.faults or amount is None or why is None or means is None or day is None:
        raise FieldsUnfit(reader.faults)
    return _Wanted(Money(-amount.cents), _source(words.PAYOUT_MEANS[means], day, form), why)


def _read_correction(form: Form, today: date) -> _Wanted:
    """Raises FieldsUnfit."""
    reader = Reader(form)
    reader.read("key", _key)
    amount, why = reader.read("amount", fields.amount), reader.read("reason", _note)
    direction = form.get("direction", "")
    if direction not in words.DIRECTIONS:
        reader.faults["direction"] = "choose"
    if reader.faults or amount is None or why is None:
        raise FieldsUnfit(reader.faults)
    change = amount if direction == "add" else Money(-amount.cents)
    return _Wanted(change, _source(words.ENTRY_KINDS["correction"], today, form), why)


_REFUND: Final = _Way("refund", "pay out balance", _read_refund, _refund)
_CORRECTION: Final = _Way("correction", "correct balance", _read_correction, _correct)


def _new_key(request: web.Request) -> str:
    return base64.b32encode(request.app[RANDOM_BYTES](5)).decode("ascii")


def _source(what: str, day: date, form: Form) -> str:
    """The entry's name, in German as all that operators write: `Überweisung 26.11.2026 (K…)`."""
    german = i18n.load("de").gettext(what)
    return f"{german} {formats.day(day, 'de')} ({form['key']})"


def _key(name: str, text: str) -> str:
    if not _KEY.fullmatch(text):
        raise FieldsUnfit({name: "form"})
    return text


def _note(name: str, text: str) -> str:
    """Why, as short as the ledger wants it. Raises FieldsUnfit."""
    written = text.strip()
    if not written:
        raise FieldsUnfit({name: "missing"})
    if len(written) > LONGEST_NOTE:
        raise FieldsUnfit({name: "note"})
    return written


def _means(name: str, text: str) -> str:
    if text not in words.PAYOUT_MEANS:
        raise FieldsUnfit({name: "choose"})
    return text


async def _standing(request: web.Request, source: str = "") -> Standing:
    return await ledger.standing(request.app[DATABASE], named_account(request), source, _MOST)


def _form(
    request: web.Request,
    way: _Way,
    found: Standing,
    typed: Mapping[str, str],
    *,
    status: int = 200,
    **context: Any,
) -> web.Response:
    return page(
        request,
        "balance.html",
        status=status,
        kind=way.kind,
        found=found,
        typed={name: typed.get(name, "") for name in _FIELDS},
        key=typed["key"] if _KEY.fullmatch(typed.get("key", "")) else _new_key(request),
        **{"faults": {}, "refused": None, **context},
    )


def _look(
    request: web.Request, way: _Way, found: Standing, form: Form, wanted: _Wanted
) -> web.Response:
    """What the ledger will say. Changes nothing."""
    entry = Entry(
        kind=way.kind,
        account_id=found.account.account_id,
        amount=wanted.change,
        booked_at=request.app[CLOCK](),
        source=wanted.source,
        note=wanted.why,
    )
    return page(
        request,
        "balance_look.html",
        kind=way.kind,
        found=found,
        entry=entry,
        left=found.balance + wanted.change,
        typed={name: form.get(name, "") for name in _FIELDS},
        changed=form.get("step") == "book",
    )


def _done(found: Standing) -> web.Response:
    """To the account's page; a deleted one has none but those of its balance."""
    page_of = f"/admin/accounts/{found.account.account_id}"
    address = f"{page_of}/refund" if found.account.deleted else f"{page_of}#ledger"
    return web.Response(status=303, headers={"Location": address})
