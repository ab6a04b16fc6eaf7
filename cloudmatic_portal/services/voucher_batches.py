"""Batches of vouchers for the operator: made at once, listed with what was used of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from cloudmatic_portal.domain.errors import VoucherBatchUnknown, VoucherNotMade
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.domain.voucher_batch import Batch, WantedBatch
from cloudmatic_portal.storage import voucher_batch as stored
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A batch with its vouchers, by their codes."""

    batch: Batch
    vouchers: tuple[Voucher, ...]


async def make(
    database: Database,
    wanted: WantedBatch,
    *,
    now: datetime,
    random_bytes: Callable[[int], bytes],
) -> int:
    """Make all vouchers of a batch, or none; return its number.

    Raises VoucherNotMade if its name is taken, or a product or the account is not known.
    """
    made = tuple(wanted.vouchers(random_bytes))
    try:
        async with database.writing() as connection:
            return await stored.add(connection, wanted.name, made, now)
    except IntegrityError as error:
        raise VoucherNotMade(wanted.name) from error


async def every(database: Database, most: int) -> tuple[Batch, ...]:
    """The latest batches, the newest first."""
    async with database.reading() as connection:
        return await stored.every(connection, most)


async def find(database: Database, batch_id: int, *, unused: bool = False) -> BatchFile:
    """A batch with its vouchers, or those that nobody has used. Raises VoucherBatchUnknown."""
    async with database.reading() as connection:
        batch = await stored.find(connection, batch_id)
        if batch is None:
            raise VoucherBatchUnknown(batch_id)
        return BatchFile(batch, await stored.vouchers_of(connection, batch_id, unused=unused))
