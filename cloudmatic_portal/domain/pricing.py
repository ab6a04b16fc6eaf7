"""How the price of a term changes from a day on: what was sold before stays as it was sold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from cloudmatic_portal.domain.catalogue import Term
from cloudmatic_portal.domain.errors import PriceInThePast, TermNotOffered

_DAY = timedelta(days=1)


def with_price(terms: Iterable[Term], wanted: Term, today: date) -> tuple[Term, ...]:
    """The terms of one length with the price of `wanted` for the days that it names.

    What held for these days gives way, before and after them it goes on. Raises PriceInThePast if
    they begin before `today`.
    """
    if wanted.valid_from < today:
        raise PriceInThePast(wanted.valid_from)
    kept = [part for term in terms for part in _outside(term, wanted)]
    return tuple(sorted([*kept, wanted], key=lambda term: term.valid_from))


def without_price(
    terms: Iterable[Term], name: str, quantity: int, last: date, today: date
) -> tuple[Term, ...]:
    """The terms of one length, offered on `last` for the last time.

    Raises PriceInThePast if that was before yesterday, TermNotOffered if nothing would change.
    """
    if last < today - _DAY:
        raise PriceInThePast(last)
    before = tuple(terms)
    kept = tuple(_until(term, last) for term in before if term.valid_from <= last)
    if kept == before:
        raise TermNotOffered(name, quantity, ())
    return kept


def _outside(term: Term, wanted: Term) -> list[Term]:
    """What is left of `term` before and after the days of `wanted`."""
    parts = []
    if term.valid_from < wanted.valid_from:
        parts.append(_until(term, wanted.valid_from - _DAY))
    last = wanted.valid_until
    if last is not None and (term.valid_until is None or term.valid_until > last):
        parts.append(replace(term, valid_from=max(term.valid_from, last + _DAY)))
    return parts


def _until(term: Term, last: date) -> Term:
    ends_before = term.valid_until is not None and term.valid_until <= last
    return term if ends_before else replace(term, valid_until=last)
