"""Vouchers for the operator."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from cloudmatic_portal.domain.errors import VoucherNotMade
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.storage import voucher as stored_voucher
from cloudmatic_portal.storage.database import Database


async def make(database: Database, voucher: Voucher) -> None:
    """Make a voucher. Raises VoucherNotMade if the code is taken, or names nothing we know."""
    try:
        async with database.writing() as connection:
            await stored_voucher.add(connection, voucher)
    except IntegrityError as error:
        raise VoucherNotMade(voucher.code) from error


async def search(database: Database, most: int) -> tuple[Voucher, ...]:
    """Vouchers, by when they begin to hold, the latest first."""
    async with database.reading() as connection:
        return await stored_voucher.search(connection, most)
