"""What an operator books on an account's balance: that it was paid out, or that it is another.

A form, then a look at what the ledger will say, then the booking. The form carries a key of its
own, which is part of the entry's name in the ledger: sent twice, it is booked once.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from aiohttp import web

from cloudmatic_portal.app_keys import CLOCK, DATABASE, RANDOM_BYTES
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.errors import (
    BalanceNotAsSeen,
    BalanceTooSmall,
    FieldsUnfit,
    PaymentBookedBefore,
)
from cloudmatic_portal.domain.ledger import Entry
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.operator import Operator
from cloudmatic_portal.services import ledger
from cloudmatic_portal.services.ledger import Standing
from cloudmatic_portal.web import formats, forms, i18n
from cloudmatic_portal.web.admin import acting, fields, words
from cloudmatic_portal.web.admin.accounts import named_account
from cloudmatic_portal.web.admin.pages import page
from cloudmatic_portal.web.admin.reading import Reader
from cloudmatic_portal.web.admin.refusals import Cannot, cannot
from cloudmatic_portal.web.forms import Form
from cloudmatic_portal.web.i18n import N_

_MOST: Final = 5
"""How many entries stand below the one that will be booked."""
_KEY: Final = re.compile(r"[A-Z2-7]{8}")
_CENTS: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")
_FIELDS: Final = ("key", "amount", "means", "paid_on", "direction", "reason")
_OTHER: Final = N_(
    "Something else was booked by this form already: %(amount)s for account %(number)s. What "
    "stands here now is not booked. If it is to be booked as well, please look at it."
)

_Kind = Literal["refund", "correction"]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the balance is to change by, how that is called for ever, and why it is."""

    change: Money
    source: str
    why: str


async def show_refund(request: web.Request, _: Operator) -> web.Response:
    return await _empty(request, "refund")


async def refund(request: web.Request, operator: Operator) -> web.Response:
    return await _step(request, operator, "refund")


async def show_correction(request: web.Request, _: Operator) -> web.Response:
    return await _empty(request, "correction")


async def correct(request: web.Request, operator: Operator) -> web.Response:
    return await _step(request, operator, "correction")


async def _empty(request: web.Request, kind: _Kind) -> web.Response:
    found = await _standing(request)
    today = berlin_day(request.app[CLOCK]()).isoformat()
    return _form(request, kind, found, {"paid_on": today, "means": "transfer"})


async def _step(request: web.Request, operator: Operator, kind: _Kind) -> web.Response:
    form = await forms.read(request)
    try:
        today = berlin_day(request.app[CLOCK]())
        wanted = _read_refund(form, today) if kind == "refund" else _read_correction(form)
        return await _chosen(request, operator, kind, form, wanted)
    except FieldsUnfit as error:
        found = await _standing(request)
        return _form(request, kind, found, form, status=422, faults=error.faults)
    except BalanceTooSmall as error:
        found = await _standing(request)
        return _form(request, kind, found, form, status=409, refused=cannot(error))


async def _chosen(
    request: web.Request, operator: Operator, kind: _Kind, form: Form, wanted: _Wanted
) -> web.Response:
    """Book what was looked at, or show what it leads to. Raises BalanceTooSmall."""
    step, seen = form.get("step"), _CENTS.fullmatch(form.get("balance", ""))
    if step == "book" and seen:
        # Why it is not booked is seen by what is there now.
        with suppress(PaymentBookedBefore, BalanceNotAsSeen):
            await _book(request, operator, kind, wanted, Money(int(seen[0])))
    found = await _standing(request, wanted.source)
    if found.booked is not None:
        return _booked(request, kind, found, form, wanted, found.booked)
    if step == "change":
        return _form(request, kind, found, form)
    if kind == "refund" and found.balance.cents + wanted.change.cents < 0:
        raise BalanceTooSmall(found.account.account_id, found.balance.cents)
    return _look(request, kind, found, form, wanted)


async def _book(
    request: web.Request, operator: Operator, kind: _Kind, wanted: _Wanted, seen: Money
) -> None:
    """Raises PaymentBookedBefore, BalanceNotAsSeen or BalanceTooSmall."""
    account, detail = named_account(request), formats.money(wanted.change, "de")
    source, why, now = wanted.source, wanted.why, request.app[CLOCK]()
    audited = acting.audited(
        request,
        operator,
        "pay out balance" if kind == "refund" else "correct balance",
        f"account {account}",
        why=why,
        detail=f"{detail}, {source}",
    )
    if kind == "refund":
        amount = Money(-wanted.change.cents)
        await ledger.refund(audited, account, amount, source, now, why, seen=seen)
    else:
        await ledger.correct(audited, account, wanted.change, source, why, now, seen=seen)


def _read_refund(form: Form, today: date) -> _Wanted:
    """Raises FieldsUnfit."""
    reader = Reader(form)
    reader.read("key", _key)
    amount, why = reader.read("amount", fields.amount), reader.note()
    means = reader.read("means", _one_of(words.PAYOUT_MEANS))
    day = reader.needed("paid_on", fields.day, "day")
    if day is not None and day > today:
        reader.faults["paid_on"] = "future"
    if reader.faults or amount is None or means is None or day is None:
        raise FieldsUnfit(reader.faults)
    what = f"{_german(words.PAYOUT_MEANS[means])} {formats.day(day, 'de')}"
    return _Wanted(Money(-amount.cents), f"{what} ({form['key']})", why)


def _read_correction(form: Form) -> _Wanted:
    """Raises FieldsUnfit."""
    reader = Reader(form)
    reader.read("key", _key)
    amount, why = reader.read("amount", fields.amount), reader.note()
    direction = reader.read("direction", _one_of(words.DIRECTIONS))
    if reader.faults or amount is None:
        raise FieldsUnfit(reader.faults)
    change = amount if direction == "add" else Money(-amount.cents)
    # Without the day: around midnight two clicks would be two corrections.
    return _Wanted(change, f"{_german(words.ENTRY_KINDS['correction'])} ({form['key']})", why)


def _new_key(request: web.Request) -> str:
    return base64.b32encode(request.app[RANDOM_BYTES](5)).decode("ascii")


def _german(word: str) -> str:
    """What stands in the ledger is in German, as all that operators write."""
    return i18n.load("de").gettext(word)


def _key(name: str, text: str) -> str:
    if not _KEY.fullmatch(text):
        raise FieldsUnfit({name: "form"})
    return text


def _one_of(options: Container[str]) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in options:
            raise FieldsUnfit({name: "choose"})
        return text

    return read


async def _standing(request: web.Request, source: str = "") -> Standing:
    return await ledger.standing(request.app[DATABASE], named_account(request), source, _MOST)


def _form(
    request: web.Request,
    kind: _Kind,
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
        kind=kind,
        found=found,
        typed={name: typed.get(name, "") for name in _FIELDS},
        key=typed["key"] if _KEY.fullmatch(typed.get("key", "")) else _new_key(request),
        **{"faults": {}, "refused": None, **context},
    )


def _look(
    request: web.Request, kind: _Kind, found: Standing, form: Form, wanted: _Wanted
) -> web.Response:
    """What the ledger will say. Changes nothing."""
    entry = Entry(
        kind=kind,
        account_id=found.account.account_id,
        amount=wanted.change,
        booked_at=request.app[CLOCK](),
        source=wanted.source,
        note=wanted.why,
    )
    return page(
        request,
        "balance_look.html",
        kind=kind,
        found=found,
        entry=entry,
        left=found.balance + wanted.change,
        typed={name: form.get(name, "") for name in _FIELDS},
        changed=form.get("step") == "book",
    )


def _booked(
    request: web.Request,
    kind: _Kind,
    found: Standing,
    form: Form,
    wanted: _Wanted,
    entry: Entry,
) -> web.Response:
    """To the account's page; the form with a new key, if something else was booked by its own."""
    if (entry.account_id, entry.amount) == (found.account.account_id, wanted.change):
        address = f"/admin/accounts/{entry.account_id}#ledger"
        return web.Response(status=303, headers={"Location": address})
    facts = {"amount": formats.money(entry.amount, "de"), "number": str(entry.account_id)}
    typed = {**form, "key": ""}
    return _form(request, kind, found, typed, status=409, refused=Cannot(_OTHER, facts, ""))
