"""The mails about an order: what they tell, as it was agreed at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.due import Due
from cloudmatic_portal.domain.mail import JsonValue, MailKind, NewMail
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.quote import Days, Line, Quote
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.order import NewOrder


async def confirm(
    connection: AsyncConnection,
    account: Account,
    new: NewOrder,
    agreed: Quote,
    bank: BankAccount | None,
    days: Days | None = None,
) -> None:
    """Confirm the order, with `days` if it is active already."""
    facts: dict[str, JsonValue] = {
        **_order(account, new.reference, new.lines, days or {}),
        "method": new.method,
        "pay_until": new.pay_until.isoformat(),
        "active": days is not None,
        "vouchers": [
            {"code": each.code, "saved": each.saved.cents, "months": each.free_months}
            for each in agreed.holding
        ],
        "bank": _bank(bank),
        # The texts themselves are put in when the mail leaves.
        "terms_version": new.terms_version,
    }
    await _send(connection, account, "order_confirmation", new, facts, new.created_at)


async def tell_active(
    connection: AsyncConnection, account: Account, order: Order, days: Days, now: datetime
) -> None:
    """Tell that the payment has arrived and what is active from when to when."""
    facts = _order(account, order.reference, order.lines, days)
    await _send(connection, account, "order_active", order, facts, now)


async def tell_renewed(
    connection: AsyncConnection,
    account: Account,
    new: NewOrder,
    grace_ends: date,
    bank: BankAccount | None,
) -> None:
    """Tell that a subscription's next period has been ordered, and how to pay for it."""
    facts: dict[str, JsonValue] = {
        **_order(account, new.reference, new.lines, _planned(new.lines)),
        "method": new.method,
        "grace_ends": grace_ends.isoformat(),
        "bank": _bank(bank),
    }
    await _send(connection, account, "order_renewed", new, facts, new.created_at)


async def note_late(  # noqa: PLR0913 - what the letter tells
    connection: AsyncConnection,
    account: Account,
    order: Order,
    due: Due,
    *,
    access_ends: date | None,
    bank: BankAccount | None,
    now: datetime,
) -> None:
    """A friendly note that a payment has not arrived; `access_ends` is None if access has ended."""
    facts: dict[str, JsonValue] = {
        **_order(account, order.reference, order.lines, {}),
        "due": order.due.cents,
        "note": due.number,
        "access_ends": access_ends.isoformat() if access_ends else None,
        "bank": _bank(bank),
    }
    await _send(connection, account, "payment_note", order, facts, now)


def _planned(lines: Sequence[Line]) -> Days:
    return {place: line.days for place, line in enumerate(lines) if line.days is not None}


def _bank(bank: BankAccount | None) -> JsonValue:
    if bank is None:
        return None
    return {"holder": bank.holder, "iban": bank.iban_grouped, "bic": bank.bic}


def _order(
    account: Account, reference: str, lines: Sequence[Line], days: Days
) -> dict[str, JsonValue]:
    return {
        "account": account.account_id,
        "user_name": account.user_name,
        "number": grouped(reference),
        "lines": [_line(line, days.get(place)) for place, line in enumerate(lines)],
        "net": sum(line.price.net.cents for line in lines),
        "vat": sum(line.price.vat.cents for line in lines),
        "total": sum(line.price.gross.cents for line in lines),
    }


def _line(line: Line, days: tuple[date, date] | None) -> Mapping[str, JsonValue]:
    first, last = days or (None, None)
    return {
        "name": line.name,
        "product_kind": line.product_kind,
        "quantity": line.quantity,
        "free_months": line.free_months,
        "kind": line.kind,
        "list_price": line.list_price.gross.cents,
        "price": line.price.gross.cents,
        "vat_basis_points": line.price.vat_basis_points,
        "first_day": first.isoformat() if first else None,
        "last_day": last.isoformat() if last else None,
    }


async def _send(
    connection: AsyncConnection,
    account: Account,
    kind: MailKind,
    order: NewOrder | Order,
    facts: Mapping[str, JsonValue],
    now: datetime,
) -> None:
    """The order, kind and a note's number name the occasion: one mail for each."""
    note = f":{facts['note']}" if "note" in facts else ""
    mail = NewMail(
        kind=kind,
        recipient=account.email,
        # The one that the customer ordered in, whatever the account usually speaks.
        language=order.language,
        facts=facts,
        key=f"{kind}:{order.reference}{note}",
        account_id=account.account_id,
    )
    await stored_mail.add(connection, mail, now)
