"""What operators type: amounts, days, numbers. Each reader raises FieldsUnfit for its field."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from cloudmatic_link.formats import ACCOUNT_ID
from cloudmatic_portal.domain import money
from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.domain.money import Money

_GERMAN: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


def amount(name: str, text: str) -> Money:
    """`24`, `24,5`, `24.50` or `24,50 €`, more than nothing."""
    found = money.euros(text)
    if found is None or not found.cents:
        raise FieldsUnfit({name: "amount"})
    return found


def hundredths(name: str, text: str) -> int:
    """`19`, `7,7` or `7.70` in hundredths of whatever it is, more than nothing."""
    value = money.hundredths(text)
    if not value:
        raise FieldsUnfit({name: "amount"})
    return value


def day(name: str, text: str) -> date | None:
    """`2026-12-24`, as browsers send it, or `24.12.2026`; None for nothing."""
    written = text.strip()
    if not written:
        return None
    german = _GERMAN.fullmatch(written)
    try:
        if german is not None:
            return date(int(german[3]), int(german[2]), int(german[1]))
        return date.fromisoformat(written) if written.isascii() else _unfit(name, "day")
    except ValueError as error:
        raise FieldsUnfit({name: "day"}) from error


def number(name: str, text: str) -> int | None:
    """A whole number from 1 on; None for nothing."""
    written = text.strip()
    if not written:
        return None
    if not _NUMBER.fullmatch(written):
        raise FieldsUnfit({name: "number"})
    return int(written)


def account_id(name: str, text: str) -> int | None:
    """A CloudMatic-ID; None for nothing."""
    written = text.strip()
    if written and not ACCOUNT_ID.fullmatch(written):
        raise FieldsUnfit({name: "number"})
    return int(written) if written else None


def _unfit(name: str, fault: str) -> date:
    raise FieldsUnfit({name: fault})
