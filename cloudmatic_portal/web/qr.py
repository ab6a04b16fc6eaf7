"""QR codes (ISO/IEC 18004), drawn here for hubs, which have no library for that."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import segno

from cloudmatic_link.picture import Picture


@lru_cache(maxsize=1024)
def picture(text: str, error: Literal["L", "M"] = "M") -> Picture:
    """The code of `text` without its quiet zone, which is the page's business."""
    code = segno.make_qr(text, error=error, boost_error=False)
    return Picture(tuple("".join(map(str, row)) for row in code.matrix))
