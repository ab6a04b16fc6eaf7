"""What a declaration means for the account that it names, if it names one for certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import ledger
from cloudmatic_portal.domain.account import Account, fold
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.declaration import Declaration, Found, references_in
from cloudmatic_portal.domain.mail import JsonValue, NewMail
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order, OrderState
from cloudmatic_portal.services import orders
from cloudmatic_portal.storage import ledger as stored_ledger
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage import order as stored_order
from cloudmatic_portal.storage import subscription as stored_subscription
from cloudmatic_portal.storage.subscription import Subscribed

_OVER: Final[Mapping[OrderState, str]] = {"cancelled": "cancelled", "refunded": "taken back"}
"""What was done with an order from which nobody needs to withdraw any more."""


async def find(
    connection: AsyncConnection, declaration: Declaration, owner: Account | None, now: datetime
) -> Found:
    """Do what the declaration says where that is certain, within the caller's transaction.

    `owner` is the account that has the stated address. Lock it first: nothing else is waited for.
    """
    order = await _named_order(connection, declaration, owner)
    if declaration.content.kind == "withdrawal":
        return await _withdraw(connection, declaration, owner, order, now)
    return await _cancel(connection, declaration, owner, order, now)


async def _named_order(
    connection: AsyncConnection, declaration: Declaration, owner: Account | None
) -> Order | None:
    """The one order that it names, if that is the order of whoever has the stated address."""
    content = declaration.content
    numbers = references_in(f"{content.contract} / {content.identification}")
    if owner is None or len(numbers) != 1:
        return None
    order = await stored_order.find(connection, numbers[0])
    if order is None or order.account_id != owner.account_id:
        return None
    return await stored_order.hold(connection, numbers[0])


async def _withdraw(
    connection: AsyncConnection,
    declaration: Declaration,
    owner: Account | None,
    order: Order | None,
    now: datetime,
) -> Found:
    if owner is None or order is None:
        return Found.for_operator(declaration, "no order is named for certain")
    if order.state in _OVER:
        return await _over(connection, declaration, order)
    if not order.can("cancelled") or order.paid.cents:
        return Found.for_operator(declaration, _left_to_do(order), order.account_id)
    await orders.withdraw(connection, order, now)
    await _tell(connection, declaration, owner, {"order": order.number}, now)
    return Found("settled", f"order {order.number} cancelled", order.account_id)


async def _over(connection: AsyncConnection, declaration: Declaration, order: Order) -> Found:
    """What it held went to the balance: as much as is left there is to be paid out."""
    gave = ledger.given(await stored_ledger.of_order(connection, order.order_id))
    left = await stored_ledger.balance(connection, order.account_id)
    before = f"{_named(order)} was {_OVER[order.state]} before"
    if gave.cents and left.cents > 0:
        owed = min(gave, left, key=lambda each: each.cents)
        why = f"{before}: pay out of the balance {_amount(owed)}"
        return Found.for_operator(declaration, why, order.account_id)
    why = f"{before}, and nothing of it is left in the balance"
    return Found("settled", why, order.account_id)


def _left_to_do(order: Order) -> str:
    """What the operator does about an order from which somebody withdraws."""
    now = f"{_named(order)} is {order.state}"
    if not order.paid.cents:
        return f"{now} and cost nothing: end it with `refund-order`"
    end = "cancel-order" if order.can("cancelled") else "refund-order"
    return f"{now}, {_amount(order.paid)} is paid: end it with `{end}`, and pay back with `refund`"


def _named(order: Order) -> str:
    return f"order {order.number} of {berlin_day(order.created_at)}"


def _amount(money: Money) -> str:
    return f"{money.cents // 100}.{money.cents % 100:02} {money.currency}"


async def _cancel(
    connection: AsyncConnection,
    declaration: Declaration,
    account: Account | None,
    order: Order | None,
    now: datetime,
) -> Found:
    # Whose declaration it is: address and name, or address and an order's number.
    if account is None or (order is None and not declaration.names(account)):
        return Found.for_operator(declaration, "no account is named for certain")
    if declaration.content.cancellation == "extraordinary":
        why = "an extraordinary cancellation: look at its reason"
        return Found.for_operator(declaration, why, account.account_id)
    every = await stored_subscription.of_account(connection, account.account_id)
    going = [each for each in every if each.subscription.state != "cancelled"]
    meant = await _meant(connection, declaration, order, going)
    if meant is None:
        why = f"{len(going)} subscriptions go on, and it is not certain which one is meant"
        return Found.for_operator(declaration, why, account.account_id)
    return await _end(connection, declaration, account, meant, now)


async def _meant(
    connection: AsyncConnection,
    declaration: Declaration,
    order: Order | None,
    going: Sequence[Subscribed],
) -> Subscribed | None:
    """The one subscription that is meant: of the order, of that name, or the only one."""
    if order is not None:
        ids = await stored_subscription.of_items(connection, order.items)
        mine = {subscription for subscription, _ in ids.values()}
        going = [each for each in going if each.subscription.subscription_id in mine]
    elif len(going) > 1:
        text = fold(declaration.content.contract)
        going = [each for each in going if fold(each.name) in text]
    return going[0] if len(going) == 1 else None


async def _end(
    connection: AsyncConnection,
    declaration: Declaration,
    account: Account,
    meant: Subscribed,
    now: datetime,
) -> Found:
    """Cancel to the end of what is paid, unless it shall end later than that."""
    number = meant.subscription.subscription_id
    paid_until = await stored_subscription.paid_until(connection, number)
    wanted = declaration.content.ends_on
    if wanted is not None and (paid_until is None or wanted > paid_until):
        why = f"{meant.name} shall end on {wanted}, it is paid until {paid_until}"
        return Found.for_operator(declaration, why, account.account_id)
    await orders.end_subscription(connection, number, now)
    facts: dict[str, JsonValue] = {"product": meant.name, "last_day": _iso(paid_until)}
    await _tell(connection, declaration, account, facts, now)
    until = paid_until or "at once"
    return Found("settled", f"{meant.name} cancelled, ends {until}", account.account_id)


async def _tell(
    connection: AsyncConnection,
    declaration: Declaration,
    account: Account,
    facts: dict[str, JsonValue],
    now: datetime,
) -> None:
    mail = NewMail(
        kind="declaration_done",
        recipient=account.email,
        language=declaration.language,
        facts={
            "order": None,
            "product": None,
            "last_day": None,
            "user_name": account.user_name,
            "account": account.account_id,
            "kind": declaration.content.kind,
            "number": declaration.number,
            **facts,
        },
        key=f"declaration_done:{declaration.reference}",
        account_id=account.account_id,
    )
    await stored_mail.add(connection, mail, now)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
