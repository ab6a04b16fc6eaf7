"""GiroCodes as pictures: for pages, and for mails."""

from __future__ import annotations

import io
from typing import Final

import segno
from markupsafe import Markup

from cloudmatic_portal.domain import girocode
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import BankAccount

_QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004, section 9.1)."""
_PNG_SCALE: Final = 5


def svg(bank: BankAccount, amount: Money, reference: str) -> Markup | None:
    """The code as an `<svg>` for a page, without a name of its own; None if there cannot be one.

    Black on white in any colour scheme: not every app reads it the other way round.
    """
    text = girocode.payload(bank, amount, reference)
    if text is None:
        return None
    drawn = _symbol(text).svg_inline(
        omitsize=True, svgclass=None, lineclass=None, border=_QUIET, dark="#000", light="#fff"
    )
    return Markup(drawn)  # noqa: S704 - numbers and path commands only, made by segno


def png(bank: BankAccount, amount: Money, reference: str) -> bytes | None:
    """The same for a mail."""
    text = girocode.payload(bank, amount, reference)
    if text is None:
        return None
    drawn = io.BytesIO()
    _symbol(text).save(drawn, kind="png", scale=_PNG_SCALE, border=_QUIET)
    return drawn.getvalue()


def _symbol(text: str) -> segno.QRCode:
    # Level M exactly, and no ECI header: the text itself says that it is UTF-8.
    return segno.make_qr(text.encode("utf-8"), error="m", mode="byte", boost_error=False)
