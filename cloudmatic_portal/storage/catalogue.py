"""The catalogue: rows in, domain out."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.catalogue import Product, Term
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.storage.tables import product_texts, products, terms


async def every(connection: AsyncConnection) -> tuple[Product, ...]:
    """All products, in the order in which they are shown."""
    return await _load(connection, true())


async def find(connection: AsyncConnection, code: str) -> Product | None:
    found = await _load(connection, products.c.code == code)
    return found[0] if found else None


async def put(connection: AsyncConnection, product: Product) -> None:
    """Add the product, or change its name, texts, position and whether it is sold."""
    values = {
        "name": product.name,
        "kind": product.kind,
        "position": product.position,
        "active": product.active,
    }
    change = update(products).where(products.c.code == product.code).values(values)
    if not (await connection.execute(change)).rowcount:
        await connection.execute(insert(products).values(code=product.code, **values))
    for language, summary in product.summaries.items():
        await _put_text(connection, product.code, language, summary)


async def add_term(connection: AsyncConnection, code: str, term: Term) -> None:
    await connection.execute(
        insert(terms).values(
            product=code,
            months=term.months,
            price_cents=term.price.gross.cents,
            currency=term.price.gross.currency,
            vat_basis_points=term.price.vat_basis_points,
            valid_from=term.valid_from,
            valid_until=term.valid_until,
        )
    )


async def _put_text(connection: AsyncConnection, code: str, language: str, summary: str) -> None:
    texts = product_texts
    same = (texts.c.product == code, texts.c.language == language)
    changed = await connection.execute(update(texts).where(*same).values(summary=summary))
    if not changed.rowcount:
        await connection.execute(
            insert(texts).values(product=code, language=language, summary=summary)
        )


async def _load(connection: AsyncConnection, condition: ColumnElement[bool]) -> tuple[Product, ...]:
    of_product: dict[str, list[Term]] = defaultdict(list)
    summaries: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await connection.execute(select(terms).join(products).where(condition)):
        of_product[row.product].append(_term(row))
    for row in await connection.execute(select(product_texts).join(products).where(condition)):
        summaries[row.product][row.language] = row.summary
    query = select(products).where(condition).order_by(products.c.position, products.c.code)
    return tuple(
        Product(
            code=row.code,
            name=row.name,
            kind=row.kind,
            position=row.position,
            active=row.active,
            terms=tuple(of_product[row.code]),
            summaries=summaries[row.code],
        )
        for row in await connection.execute(query)
    )


def _term(row: Row[Any]) -> Term:
    price = Price(Money(row.price_cents, row.currency), row.vat_basis_points)
    return Term(row.months, price, row.valid_from, row.valid_until)
