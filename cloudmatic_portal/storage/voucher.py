"""Vouchers: rows in, domain out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.errors import VoucherUnknown, VoucherUsedBefore, VoucherUsedUp
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.order import Order
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.storage.database import violates
from cloudmatic_portal.storage.inserts import insert_unless_known
from cloudmatic_portal.storage.tables import (
    cart_vouchers,
    voucher_products,
    voucher_redemptions,
    vouchers,
)

_USE: Final = ", ".join(
    f"voucher_redemptions.{name}" for name in ("account_id", "voucher", "use_number")
)


@dataclass(frozen=True, slots=True)
class Entered:
    """A voucher, and how often the account in question has redeemed it.

    `last_use` is the highest number that one of these uses has.
    """

    voucher: Voucher
    used: int
    last_use: int


async def add(connection: AsyncConnection, voucher: Voucher) -> None:
    """Raises IntegrityError if the code is taken or a product is unknown."""
    await connection.execute(insert(vouchers), values(voucher))
    if voucher.products:
        rows = [{"voucher": voucher.code, "product": each} for each in sorted(voucher.products)]
        await connection.execute(insert(voucher_products), rows)


def values(voucher: Voucher) -> dict[str, Any]:
    """The voucher as a row, without its products."""
    return {
        "code": voucher.code,
        "kind": voucher.kind,
        "value": voucher.value,
        "account_id": voucher.account_id,
        "valid_from": voucher.valid_from,
        "valid_until": voucher.valid_until,
        "max_redemptions": voucher.limit,
        "per_account": voucher.per_account,
        "combinable": voucher.combinable,
        "active": voucher.active,
    }


async def search(connection: AsyncConnection, most: int) -> tuple[Voucher, ...]:
    """Vouchers, by when they begin to hold, the latest first."""
    latest = (
        select(vouchers.c.code).order_by(vouchers.c.valid_from.desc(), vouchers.c.code).limit(most)
    )
    query = (
        select(vouchers, voucher_products.c.product)
        .outerjoin(voucher_products, voucher_products.c.voucher == vouchers.c.code)
        .where(vouchers.c.code.in_(latest.subquery().select()))
        .order_by(vouchers.c.valid_from.desc(), vouchers.c.code)
    )
    return from_rows(await connection.execute(query))


def from_rows(rows: Iterable[Row[Any]]) -> tuple[Voucher, ...]:
    """The vouchers of rows with a product each, in the order of the rows."""
    found: dict[str, tuple[Row[Any], set[str]]] = {}
    for row in rows:
        found.setdefault(row.code, (row, set()))[1].update({row.product} - {None})
    return tuple(_voucher(row, frozenset(products)) for row, products in found.values())


@dataclass(frozen=True, slots=True)
class Owner:
    """Who may redeem a voucher; None is everybody."""

    account_id: int | None


async def owner(connection: AsyncConnection, code: str) -> Owner | None:
    """Who may redeem the voucher; None if there is no such voucher (any more)."""
    found = (await connection.execute(_OWNER, {"code": code})).one_or_none()
    return None if found is None else Owner(found.account_id)


async def entered(connection: AsyncConnection, account_id: int) -> dict[str, Entered]:
    """The vouchers in the account's cart, in the order in which they were entered."""
    return _by_code((await connection.execute(_ENTERED, {"account": account_id})).all())


async def enter(connection: AsyncConnection, account_id: int, code: str, now: datetime) -> None:
    """Put the voucher into the account's cart, where it is once. Hold the cart first.

    Raises VoucherUnknown, after which the transaction can only roll back.
    """
    row = {"cart": account_id, "voucher": code, "added_at": now}
    try:
        await connection.execute(_ENTER.on(connection), row)
    except IntegrityError as error:
        # The cart is held, so it is the voucher that its foreign key does not find.
        raise VoucherUnknown(code) from error


async def withdraw(connection: AsyncConnection, account_id: int, codes: Collection[str]) -> bool:
    """Take vouchers out of the account's cart; whether any was there. Hold the cart first."""
    mine = (cart_vouchers.c.cart == account_id, cart_vouchers.c.voucher.in_(codes))
    return bool((await connection.execute(delete(cart_vouchers).where(*mine))).rowcount)


async def redeem(
    connection: AsyncConnection,
    entered: Entered,
    order_id: int,
    account_id: int,
    saved: Money,
) -> None:
    """Use the voucher for an order. Take the cart first.

    Of any number of customers at once the constraints let through as many as there are uses.
    Raises VoucherUsedUp or VoucherUsedBefore, after which the transaction can only roll back.
    """
    voucher = entered.voucher
    try:
        if voucher.limit is not None:
            await _count(connection, voucher.code, 1)
        row = {
            "voucher": voucher.code,
            "order_id": order_id,
            "account_id": account_id,
            "use_number": entered.last_use + 1,
            "saved_cents": saved.cents,
        }
        await connection.execute(_REDEEM, row)
    except IntegrityError as error:
        if "ck_vouchers_redeemed" in str(error.orig):
            raise VoucherUsedUp(voucher.code, voucher.limit or 0) from error
        if violates(error, "uq_voucher_redemptions_use", _USE):
            raise VoucherUsedBefore(voucher.code) from error
        raise


async def give_back(connection: AsyncConnection, order_id: int, now: datetime) -> None:
    """Let the order's vouchers be used again."""
    uses = voucher_redemptions
    mine = (uses.c.order_id == order_id, uses.c.given_back_at.is_(None))
    query = (
        select(vouchers.c.code)
        .join(uses, uses.c.voucher == vouchers.c.code)
        .where(*mine, vouchers.c.max_redemptions.is_not(None))
        .order_by(vouchers.c.code)
    )
    for code in (await connection.execute(query)).scalars().all():
        await _count(connection, code, -1)
    await connection.execute(update(uses).where(*mine).values(given_back_at=now))


async def lock_given_back(connection: AsyncConnection, order_ids: Collection[int]) -> None:
    """Lock what several orders gave back, by code, before they take it again one by one."""
    query = _GIVEN_BACK_OF.where(voucher_redemptions.c.order_id.in_(order_ids))
    await connection.execute(query)


async def take_again(connection: AsyncConnection, order: Order) -> bool:
    """Redeem the order's vouchers once more after they were given back, if each has a use left.

    Otherwise none is, and nothing changes. Lock the account first.
    """
    rows = (await connection.execute(_GIVEN_BACK, {"order": order.order_id})).all()
    last_uses = {}
    for row in rows:
        mine = {"account": order.account_id, "voucher": row.voucher}
        used, last_uses[row.voucher] = (await connection.execute(_IN_USE, mine)).one()
        used_up = row.max_redemptions is not None and row.redeemed >= row.max_redemptions
        if used_up or (row.per_account is not None and used >= row.per_account):
            return False
    for row in rows:
        if row.max_redemptions is not None:
            await _count(connection, row.voucher, 1)
        taken = {"taken": row.id, "use_number": last_uses[row.voucher] + 1, "given_back_at": None}
        await connection.execute(_TAKE_AGAIN, taken)
    return True


async def of_order(connection: AsyncConnection, order: Order) -> dict[str, Money]:
    """What the order saved by which voucher, given back or not."""
    uses = voucher_redemptions
    query = select(uses).where(uses.c.order_id == order.order_id).order_by(uses.c.id)
    currency = order.paid.currency
    return {
        row.voucher: Money(row.saved_cents, currency) for row in await connection.execute(query)
    }


async def _count(connection: AsyncConnection, code: str, change: int) -> None:
    await connection.execute(_COUNT, {"counted": code, "change": change})


def _by_code(rows: list[Row[Any]]) -> dict[str, Entered]:
    products: dict[str, set[str]] = {}
    for row in rows:
        products.setdefault(row.code, set()).update({row.product} - {None})
    return {
        row.code: Entered(_voucher(row, frozenset(products[row.code])), row.used, row.last_use)
        for row in rows
    }


def _voucher(row: Row[Any], products: frozenset[str]) -> Voucher:
    return Voucher(
        code=row.code,
        kind=row.kind,
        value=row.value,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        products=products,
        account_id=row.account_id,
        limit=row.max_redemptions,
        per_account=row.per_account,
        combinable=row.combinable,
        active=row.active,
        redeemed=row.redeemed,
    )


def _entered() -> Select[Any]:
    uses = voucher_redemptions
    mine = and_(uses.c.account_id == bindparam("account"), uses.c.given_back_at.is_(None))
    in_use = select(uses.c.use_number).where(mine, uses.c.voucher == vouchers.c.code)
    number = in_use.with_only_columns(func.count()).scalar_subquery()
    last = in_use.with_only_columns(func.coalesce(func.max(uses.c.use_number), 0))
    return (
        select(
            vouchers,
            voucher_products.c.product,
            number.label("used"),
            last.scalar_subquery().label("last_use"),
        )
        .outerjoin(voucher_products, voucher_products.c.voucher == vouchers.c.code)
        .join(cart_vouchers, cart_vouchers.c.voucher == vouchers.c.code)
        .where(cart_vouchers.c.cart == bindparam("account"))
        .order_by(cart_vouchers.c.added_at, vouchers.c.code)
    )


_OWNER: Final = select(vouchers.c.account_id).where(
    vouchers.c.code == bindparam("code"), vouchers.c.active
)
_ENTERED: Final = _entered()
_ENTER: Final = insert_unless_known(cart_vouchers)
_REDEEM: Final = insert(voucher_redemptions)
_COUNT: Final = (
    update(vouchers)
    .where(vouchers.c.code == bindparam("counted"))
    .values(redeemed=vouchers.c.redeemed + bindparam("change", type_=Integer))
)
_IN_USE: Final = select(
    func.count(), func.coalesce(func.max(voucher_redemptions.c.use_number), 0)
).where(
    voucher_redemptions.c.account_id == bindparam("account"),
    voucher_redemptions.c.voucher == bindparam("voucher"),
    voucher_redemptions.c.given_back_at.is_(None),
)
# The vouchers are locked in the order of their codes, as whoever buys redeems them.
_GIVEN_BACK_OF: Final = (
    select(
        voucher_redemptions.c.id,
        voucher_redemptions.c.voucher,
        vouchers.c.max_redemptions,
        vouchers.c.per_account,
        vouchers.c.redeemed,
    )
    .join(vouchers, vouchers.c.code == voucher_redemptions.c.voucher)
    .where(voucher_redemptions.c.given_back_at.is_not(None))
    .order_by(vouchers.c.code)
    .with_for_update(of=vouchers)
)
_GIVEN_BACK: Final = _GIVEN_BACK_OF.where(voucher_redemptions.c.order_id == bindparam("order"))
_TAKE_AGAIN: Final = update(voucher_redemptions).where(
    voucher_redemptions.c.id == bindparam("taken")
)
