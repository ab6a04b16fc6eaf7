"""What can be bought today."""

from __future__ import annotations

from datetime import date

from cloudmatic_portal.domain.catalogue import Product
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage.database import Database


async def packages(database: Database, today: date) -> tuple[Product, ...]:
    """The packages that can be booked on `today`, in the order in which they are shown."""
    async with database.reading() as connection:
        products = await stored_catalogue.every(connection)
    return tuple(product for product in products if product.bookable_on(today))
