"""What can be bought today, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.domain.catalogue import Product, ProductTexts
from cloudmatic_portal.domain.errors import ProductNotSold, ProductUnknown
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage import catalogue as stored_catalogue
from cloudmatic_portal.storage.database import Database


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many products and terms were new."""

    products: int
    terms: int


async def load(database: Database, wanted: Sequence[Product]) -> Loaded:
    """Add products, and terms of lengths that are not sold yet; texts are brought up to date.

    A price that is in the database stays: from the first load on it is changed there.
    """
    new_products = new_terms = 0
    async with database.writing() as connection:
        for product in wanted:
            known = await stored_catalogue.find(connection, product.code)
            new_products += known is None
            await stored_catalogue.put(connection, product)
            lengths = {term.quantity for term in known.terms} if known else set()
            for term in product.terms:
                if term.quantity not in lengths:
                    await stored_catalogue.add_term(connection, product.code, term)
                    new_terms += 1
    return Loaded(new_products, new_terms)


async def with_texts(database: Database, code: str) -> Product:
    """A product with its texts and all its prices. Raises ProductUnknown."""
    async with database.reading() as connection:
        return await _with_texts(connection, code)


async def change_texts(database: Database, code: str, wanted: ProductTexts, seen: str) -> bool:
    """Let these be the product's texts, if they are still those of the version `seen`; whether
    that was so. Raises ProductUnknown.
    """
    async with database.writing() as connection:
        await stored_catalogue.lock(connection, code)
        product = await _with_texts(connection, code)
        if ProductTexts.of(product).version != seen:
            return False
        changed = replace(
            product, name=wanted.name, summaries=wanted.summaries, features=wanted.features
        )
        await stored_catalogue.put(connection, changed)
        return True


async def _with_texts(connection: AsyncConnection, code: str) -> Product:
    for each in await stored_catalogue.every(connection):
        if each.code == code:
            return each
    raise ProductUnknown(code)


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
