"""Amounts, shares, numbers and CloudMatic-IDs as the operator types them."""

from __future__ import annotations

import argparse
import re
from typing import Final, TypeVar

from cloudmatic_link.formats import ACCOUNT_ID
from cloudmatic_portal.domain.money import Money, euros, hundredths

T = TypeVar("T")

_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_LISTED: Final = re.compile(r"[0-9]{1,18}")


def money(text: str) -> Money:
    """`24`, `24,5`, `24.50` or `24,50 €`."""
    return _read(text, euros(text))


def percent(text: str) -> int:
    """`10` or `12,5` as basis points."""
    return _read(text, hundredths(text))


def account_id(text: str) -> int:
    """A CloudMatic-ID."""
    if not ACCOUNT_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a CloudMatic-ID such as 4711")
    return int(text)


def listed(text: str) -> int:
    """What a list numbers: a mail, a bank line, an action."""
    if not _LISTED.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number as the list shows it")
    return int(text)


def whole_number(text: str) -> int:
    """How many: a number from 0 on that every database takes; `int` takes any, and signs."""
    if not _WHOLE_NUMBER.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of up to 9 digits")
    return int(text)


def _read(text: str, found: T | None) -> T:
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount such as 24,00")
    return found
