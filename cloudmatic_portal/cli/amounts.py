"""Amounts, shares and CloudMatic-IDs as the operator types them."""

from __future__ import annotations

import argparse

from cloudmatic_portal.domain.account import ACCOUNT_ID
from cloudmatic_portal.domain.money import Money, hundredths


def money(text: str) -> Money:
    """`24`, `24,5` or `24.50` euros."""
    return Money(_hundredths(text))


def percent(text: str) -> int:
    """`10` or `12,5` as basis points."""
    return _hundredths(text)


def account_id(text: str) -> int:
    """A CloudMatic-ID."""
    if not ACCOUNT_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a CloudMatic-ID such as 4711")
    return int(text)


def _hundredths(text: str) -> int:
    found = hundredths(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount such as 24,00")
    return found
