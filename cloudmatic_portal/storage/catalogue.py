"""The catalogue: rows in, domain out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    ColumnElement,
    Row,
    delete,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.domain.catalogue import Product, Term
from cloudmatic_portal.domain.money import Money, Price
from cloudmatic_portal.storage.tables import product_texts, products, terms

LABELS: Final = LABEL_STYLE_TABLENAME_PLUS_COL
"""Joined rows name their columns with the table's name before them: `products_name`."""


async def every(connection: AsyncConnection) -> tuple[Product, ...]:
    """All products with their texts, in the order in which they are shown."""
    found = await _load(connection, true())
    summaries: dict[str, dict[str, str]] = defaultdict(dict)
    features: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in await connection.execute(select(product_texts)):
        summaries[row.product][row.language] = row.summary
        features[row.product][row.language] = tuple(row.features.splitlines())
    return tuple(
        replace(each, summaries=summaries[each.code], features=features[each.code])
        for each in found.values()
    )


async def without_texts(connection: AsyncConnection) -> tuple[Product, ...]:
    """All products with their terms, in the order in which they are shown."""
    return tuple((await _load(connection, true())).values())


async def find(connection: AsyncConnection, code: str) -> Product | None:
    """A product with its terms, without its texts."""
    return (await _load(connection, products.c.code == code)).get(code)


async def lock(connection: AsyncConnection, code: str) -> None:
    """Let nobody else change the product until the transaction ends."""
    held = select(products.c.code).where(products.c.code == code).with_for_update()
    await connection.execute(held)


async def put(connection: AsyncConnection, product: Product) -> None:
    """Add the product, or change its name, texts, position and whether it is sold."""
    values = {
        "name": product.name,
        "kind": product.kind,
        "position": product.position,
        "active": product.active,
    }
    mine = products.c.code == product.code
    found = await connection.execute(select(*(products.c[name] for name in values)).where(mine))
    known = found.mappings().one_or_none()
    if known is None:
        await connection.execute(insert(products).values(code=product.code, **values))
    elif dict(known) != values:
        # Only then: every hub looks again at what it is told when a product has been written.
        await connection.execute(update(products).where(mine).values(values))
    for language, summary in product.summaries.items():
        features = "\n".join(product.features.get(language, ()))
        await _put_text(connection, product.code, language, summary, features)


async def add_term(connection: AsyncConnection, code: str, term: Term) -> None:
    await connection.execute(
        insert(terms).values(
            product=code,
            quantity=term.quantity,
            price_cents=term.price.gross.cents,
            currency=term.price.gross.currency,
            vat_basis_points=term.price.vat_basis_points,
            valid_from=term.valid_from,
            valid_until=term.valid_until,
        )
    )


async def replace_terms(
    connection: AsyncConnection, code: str, quantity: int, wanted: Iterable[Term]
) -> None:
    """Let these be the product's terms of that length. Orders keep the prices they were made at."""
    same = (terms.c.product == code, terms.c.quantity == quantity)
    await connection.execute(delete(terms).where(*same))
    for term in wanted:
        await add_term(connection, code, term)


async def set_active(connection: AsyncConnection, code: str, active: bool) -> None:
    """Changes no row if the product is that already."""
    other = (products.c.code == code, products.c.active.is_not(active))
    await connection.execute(update(products).where(*other).values(active=active))


def from_rows(rows: Iterable[Row[Any]]) -> dict[str, Product]:
    """The products of joined rows (`products_…`, `terms_…`; labelled as `LABELS`), by code."""
    found: dict[str, Row[Any]] = {}
    offered: dict[str, list[Term]] = defaultdict(list)
    for row in rows:
        found.setdefault(row.products_code, row)
        if row.terms_id is not None:
            offered[row.products_code].append(_term(row))
    return {
        code: Product(
            code=code,
            name=row.products_name,
            kind=row.products_kind,
            position=row.products_position,
            active=row.products_active,
            terms=tuple(offered[code]),
        )
        for code, row in found.items()
    }


async def _load(connection: AsyncConnection, condition: ColumnElement[bool]) -> dict[str, Product]:
    query = (
        select(products, terms)
        .outerjoin(terms)
        .where(condition)
        .order_by(products.c.position, products.c.code, terms.c.quantity, terms.c.valid_from)
        .set_label_style(LABELS)
    )
    return from_rows(await connection.execute(query))


async def _put_text(
    connection: AsyncConnection, code: str, language: str, summary: str, features: str
) -> None:
    texts = product_texts
    same = (texts.c.product == code, texts.c.language == language)
    values = {"summary": summary, "features": features}
    if not (await connection.execute(update(texts).where(*same).values(values))).rowcount:
        await connection.execute(insert(texts).values(product=code, language=language, **values))


def _term(row: Row[Any]) -> Term:
    price = Price(Money(row.terms_price_cents, row.terms_currency), row.terms_vat_basis_points)
    return Term(row.terms_quantity, price, row.terms_valid_from, row.terms_valid_until)
