"""What can be bought today."""

from __future__ import annotations

from datetime import date

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.catalogue import Product
from cloudmatic_portal.domain.errors import ProductNotSold, ProductUnknown
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage.database import Database


async def products(database: Database, today: date) -> tuple[Product, ...]:
    """What can be booked on `today`, packages and credit, in the order in which it is shown."""
    async with database.reading() as connection:
        found = await stored_catalogue.every(connection)
    return tuple(product for product in found if product.bookable_on(today))


async def product(
    database: Database, account_id: int | None, code: str, today: date
) -> tuple[Product, tuple[AccessPeriod, ...]]:
    """A product, and what the account (if any) has from today on, to tell when it would run.

    Raises ProductUnknown or ProductNotSold.
    """
    async with database.reading() as connection:
        found = await stored_catalogue.every(connection)
        periods = await stored_access.not_ended(connection, account_id, today) if account_id else ()
    chosen = next((each for each in found if each.code == code), None)
    if chosen is None:
        raise ProductUnknown(code)
    if not chosen.bookable_on(today):
        raise ProductNotSold(chosen.name)
    return chosen, periods
