"""The operator's hand on the catalogue: prices from a day on, what is sold and what not."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain import pricing
from cloudmatic_portal.domain.catalogue import Product, Term
from cloudmatic_portal.domain.errors import ProductUnknown
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage.database import Database


async def every(database: Database) -> tuple[Product, ...]:
    """All products with all their prices, past, present and to come."""
    async with database.reading() as connection:
        return await stored_catalogue.every(connection)


async def find(database: Database, code: str) -> Product:
    """A product with all its prices. Raises ProductUnknown."""
    async with database.reading() as connection:
        found = await stored_catalogue.find(connection, code)
    if found is None:
        raise ProductUnknown(code)
    return found


async def set_price(database: Database, code: str, wanted: Term, today: date) -> None:
    """Sell the term at that price on the days it names; carts show the change before buying.

    Raises ProductUnknown, TermTooLong or PriceInThePast.
    """
    async with database.writing() as connection:
        product = await _find(connection, code)
        product.require_length(wanted.quantity)
        terms = _of_length(product, wanted.quantity)
        changed = pricing.with_price(terms, wanted, today)
        await stored_catalogue.replace_terms(connection, code, wanted.quantity, changed)


async def end_price(database: Database, code: str, quantity: int, last: date, today: date) -> None:
    """Sell the term on `last` for the last time.

    Raises ProductUnknown, PriceInThePast or TermNotOffered.
    """
    async with database.writing() as connection:
        terms = _of_length(await _find(connection, code), quantity)
        kept = pricing.without_price(terms, code, quantity, last, today)
        await stored_catalogue.replace_terms(connection, code, quantity, kept)


async def sell(database: Database, code: str, sold: bool) -> None:
    """Offer the product or withdraw it; who has it keeps it. Raises ProductUnknown."""
    async with database.writing() as connection:
        await _find(connection, code)
        await stored_catalogue.set_active(connection, code, sold)


async def _find(connection: AsyncConnection, code: str) -> Product:
    found = await stored_catalogue.find(connection, code)
    if found is None:
        raise ProductUnknown(code)
    return found


def _of_length(product: Product, quantity: int) -> list[Term]:
    return [term for term in product.terms if term.quantity == quantity]
