"""GiroCodes as pictures: for pages, and for mails."""

from __future__ import annotations

from markupsafe import Markup

from cloudmatic_portal.domain import girocode
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.web import qr


def svg(bank: BankAccount, amount: Money, reference: str) -> Markup | None:
    """The code for a page; None if there cannot be one."""
    text = girocode.payload(bank, amount, reference)
    return None if text is None else qr.svg(text)


def png(bank: BankAccount, amount: Money, reference: str) -> bytes | None:
    """The code for a mail; None if there cannot be one."""
    text = girocode.payload(bank, amount, reference)
    return None if text is None else qr.png(text)
