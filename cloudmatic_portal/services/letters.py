"""The mails about an order: what they tell, as it was agreed at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.due import Due
from cloudmatic_portal.domain.mail import JsonValue, MailKind, NewMail
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order, transfer_number
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.quote import Days, Line, Quote
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.order import NewOrder

BalanceReason = Literal["overpaid", "cancelled", "voucher_gone", "no_order"]
"""Why money that has arrived becomes balance. voucher_gone: somebody else used it up."""


@dataclass(frozen=True, slots=True)
class Credited:
    """`amount` became balance, which is `balance` now; `occasion` names it once for ever."""

    amount: Money
    balance: Money
    why: BalanceReason
    occasion: str


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
        **_payment(new),
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
        **_payment(new),
        "grace_ends": grace_ends.isoformat(),
        "bank": _bank(bank),
    }
    await _send(connection, account, "order_renewed", new, facts, new.created_at)


async def tell_refunded(
    connection: AsyncConnection, account: Account, order: Order, now: datetime
) -> None:
    """Tell that the order was taken back, and its price is balance."""
    facts = _order(account, order.reference, order.lines, {})
    await _send(connection, account, "order_refunded", order, facts, now)


async def tell_paypal_ended(
    connection: AsyncConnection, account: Account, order: Order, number: int, now: datetime
) -> None:
    """Tell that PayPal does not pay the subscription any more that began with `order`.

    `number` counts the agreements of that order.
    """
    if account.deleted:
        return
    mail = NewMail(
        kind="paypal_ended",
        recipient=account.email,
        language=order.language,
        facts={
            "account": account.account_id,
            "user_name": account.user_name,
            "name": next(line.name for line in order.lines if line.kind == "subscription"),
        },
        key=f"paypal_ended:{order.reference}:{number}",
        account_id=account.account_id,
    )
    await stored_mail.add(connection, mail, now)


async def tell_balance(
    connection: AsyncConnection,
    account: Account,
    order: Order | None,
    credited: Credited,
    now: datetime,
) -> None:
    """Tell that money which has arrived, for `order` if that is known, is balance now, and why."""
    if account.deleted:
        return
    mail = NewMail(
        kind="payment_balance",
        recipient=account.email,
        language=order.language if order else account.language,
        facts={
            "account": account.account_id,
            "user_name": account.user_name,
            "number": order.number if order else None,
            "amount": credited.amount.cents,
            "balance": credited.balance.cents,
            "why": credited.why,
        },
        key=f"payment_balance:{credited.occasion}",
        account_id=account.account_id,
    )
    await stored_mail.add(connection, mail, now)


async def tell_goes_on(
    connection: AsyncConnection, account: Account, new: NewOrder, days: Days
) -> None:
    """Tell that a subscription's next period has been ordered and is active: nothing is to pay."""
    facts: dict[str, JsonValue] = {
        **_order(account, new.reference, new.lines, days),
        **_payment(new),
        "bank": None,
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
        "transfer_number": order.transfer_number,
        "note": due.number,
        "access_ends": access_ends.isoformat() if access_ends else None,
        "bank": _bank(bank),
    }
    await _send(connection, account, "payment_note", order, facts, now)


def _payment(new: NewOrder) -> dict[str, JsonValue]:
    return {
        "method": new.method,
        "transfer_number": transfer_number(new.method, new.reference, new.transfer_references),
        "from_balance": new.paid.cents,
        "due": new.due.cents,
    }


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
    """The order, kind and a note's number name the occasion: one mail for each.

    None for an account that was deleted: there is nobody to write to.
    """
    if account.deleted:
        return
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
