"""QR codes as pictures. Black on white in any colour scheme: not every app reads them reversed."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

import segno
from markupsafe import Markup

from cloudmatic_link.picture import Picture

_QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004, section 9.1)."""
_PNG_SCALE: Final = 5


def svg(text: str) -> Markup:
    """The code as an `<svg>` for a page, without a name of its own."""
    drawn = symbol(text).svg_inline(
        omitsize=True, svgclass=None, lineclass=None, border=_QUIET, dark="#000", light="#fff"
    )
    return Markup(drawn)  # noqa: S704 - numbers and path commands only, made by segno


def png(text: str) -> bytes:
    """The code for a mail."""
    drawn = io.BytesIO()
    symbol(text).save(drawn, kind="png", scale=_PNG_SCALE, border=_QUIET)
    return drawn.getvalue()


@lru_cache(maxsize=1024)
def picture(text: str) -> Picture:
    """The code of `text` for a hub, which has no library for that; without its quiet zone, which is
    the page's business.
    """
    code = symbol(text)
    return Picture(tuple("".join(map(str, row)) for row in code.matrix))


def symbol(text: str) -> segno.QRCode:
    """Level M exactly, as EPC069-12 wants it, in UTF-8 without an ECI header."""
    return segno.make_qr(text.encode("utf-8"), error="m", mode="byte", boost_error=False)
