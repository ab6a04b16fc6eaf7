"""Where an account's invoices go to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from cloudmatic_portal.domain.billing import BillingAddress
from cloudmatic_portal.domain.errors import SessionEnded, VatIdUnknown
from cloudmatic_portal.services import invoices
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import billing as stored_billing
from cloudmatic_portal.storage.database import Database


async def find(database: Database, account_id: int) -> BillingAddress | None:
    """What the account's next invoice is addressed to."""
    async with database.reading() as connection:
        return await stored_billing.find(connection, account_id)


async def save(database: Database, account_id: int, address: BillingAddress, now: datetime) -> None:
    """Let the account's invoices go there from now on; those that waited for it are issued.

    A VAT number stays confirmed as long as it is the same for the same customer. Raises
    SessionEnded if the account is gone.
    """
    async with database.writing() as connection:
        if await stored_account.lock(connection, account_id) is None:
            raise SessionEnded
        former = await stored_billing.find(connection, account_id)
        if former is not None and _who(former) == _who(address):
            address = replace(address, vat_id_confirmed_on=former.vat_id_confirmed_on)
        await stored_billing.put(connection, account_id, address, now)
        await invoices.plan_missing(connection, account_id, now)


async def confirm(database: Database, account_id: int, vat_id: str, day: date | None) -> None:
    """Note that the authorities confirmed the VAT number on `day`, or (None) that they do not.

    Raises VatIdUnknown if the account has entered another one.
    """
    async with database.writing() as connection:
        # Whoever saves the address at the same time keeps what was confirmed before.
        await stored_account.lock_even_deleted(connection, account_id)
        if not await stored_billing.confirm(connection, account_id, vat_id, day):
            raise VatIdUnknown(account_id, vat_id)


def _who(address: BillingAddress) -> tuple[str, ...]:
    """What a confirmation is about."""
    return address.vat_id, address.country, address.company, address.name
