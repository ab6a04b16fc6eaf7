"""After an older state of the database was restored: nothing that left the house since is said
once more, and nothing that was said stays unsaid.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cloudmatic_portal.domain.invoice import InvoiceNumber
from cloudmatic_portal.storage import gateway as stored_gateway
from cloudmatic_portal.storage import invoice as stored_invoice
from cloudmatic_portal.storage import mail as stored_mail
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Settled:
    """`numbers`: the last one of each series of invoices. `doubted`: mails that are uncertain."""

    numbers: tuple[InvoiceNumber, ...]
    doubted: int


async def settle(
    database: Database, last: Collection[InvoiceNumber], waiting: Collection[str] = ()
) -> Settled:
    """Let invoices go on after the `last` numbers, gateways hear everything again, and no mail
    that waits be sent by itself but those whose keys are known to be `waiting` still.
    """
    async with database.writing() as connection:
        for number in last:
            await stored_invoice.go_on_after(connection, number)
        await stored_gateway.tell_all(connection)
        doubted = await stored_mail.doubt(connection, waiting)
        return Settled(await stored_invoice.last_numbers(connection), doubted)
