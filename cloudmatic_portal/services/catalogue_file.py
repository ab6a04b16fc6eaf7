"""Read a catalogue from TOML: the first load; afterwards the database knows what is sold."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any, Final

from cloudmatic_link.formats import PRODUCT
from cloudmatic_portal.domain.account import LANGUAGES
from cloudmatic_portal.domain.catalogue import (
    LONGEST,
    PRODUCT_KINDS,
    Product,
    ProductKind,
    Term,
)
from cloudmatic_portal.domain.money import Money, Price

_HEAD: Final = frozenset({"currency", "vat_basis_points", "valid_from", "product"})
_PRODUCT: Final = frozenset({"code", "name", "kind", "summary", "features", "terms"})


class CatalogueUnreadable(ValueError):
    """`place` in the catalogue is not as it should be."""

    def __init__(self, place: str) -> None:
        super().__init__(f"catalogue: {place}")
        self.place = place


def read(text: str) -> tuple[Product, ...]:
    """The products of the file, in its order. Raises CatalogueUnreadable.

    A member that is not known is refused: it is a misspelt one, and here it is about money.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise CatalogueUnreadable(str(error)) from error
    entries = document.get("product")
    if set(document) != _HEAD or not isinstance(entries, list):
        raise CatalogueUnreadable("head")
    return tuple(_product(entry, place, document) for place, entry in enumerate(entries))


def _product(entry: dict[str, Any], position: int, head: dict[str, Any]) -> Product:
    place = f"product {position + 1}"
    code, name, summary = entry.get("code"), entry.get("name"), entry.get("summary")
    if not set(entry) <= _PRODUCT or not isinstance(code, str) or not PRODUCT.fullmatch(code):
        raise CatalogueUnreadable(place)
    if not isinstance(name, str) or not name or not isinstance(summary, dict):
        raise CatalogueUnreadable(f"{place} ({code})")
    if not set(summary) <= set(LANGUAGES):
        raise CatalogueUnreadable(f"{place} ({code}): summary")
    kind = _kind(entry, place)
    return Product(
        code=code,
        name=name,
        kind=kind,
        position=position,
        terms=tuple(_term(each, kind, place, head) for each in entry.get("terms", ())),
        summaries=summary,
        features=_features(entry.get("features", {}), f"{place} ({code}): features"),
    )


def _kind(entry: dict[str, Any], place: str) -> ProductKind:
    for kind in PRODUCT_KINDS:
        if entry.get("kind") == kind:
            return kind
    raise CatalogueUnreadable(f"{place}: kind")


def _features(features: object, place: str) -> dict[str, tuple[str, ...]]:
    """What the product contains, a list of lines by language."""
    if not isinstance(features, dict) or not set(features) <= set(LANGUAGES):
        raise CatalogueUnreadable(place)
    for lines in features.values():
        if not isinstance(lines, list) or not all(_is_line(line) for line in lines):
            raise CatalogueUnreadable(place)
    return {language: tuple(lines) for language, lines in features.items()}


def _is_line(line: object) -> bool:
    return isinstance(line, str) and bool(line) and line.isprintable()


def _term(entry: dict[str, Any], kind: ProductKind, place: str, head: dict[str, Any]) -> Term:
    most, name = LONGEST[kind]
    if set(entry) != {name, "price_cents"}:
        raise CatalogueUnreadable(f"{place}: a term has {name} and price_cents")
    quantity, cents = entry[name], entry["price_cents"]
    if type(quantity) is not int or not 1 <= quantity <= most:
        raise CatalogueUnreadable(f"{place}: {name}")
    if type(cents) is not int or cents < 0:
        raise CatalogueUnreadable(f"{place}: price_cents")
    valid_from, rate = head["valid_from"], head["vat_basis_points"]
    if type(valid_from) is not date or type(rate) is not int:
        raise CatalogueUnreadable("head")
    try:
        return Term(quantity, Price(Money(cents, head["currency"]), rate), valid_from)
    except (ValueError, TypeError) as error:
        raise CatalogueUnreadable("head") from error
