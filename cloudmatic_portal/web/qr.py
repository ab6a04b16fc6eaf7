"""QR codes (ISO/IEC 18004) for hubs, which have no library that could draw one."""

from __future__ import annotations

from functools import lru_cache

import segno

from cloudmatic_link.picture import Picture


@lru_cache(maxsize=1024)
def picture(text: str) -> Picture:
    """The code of `text` at level M, without its quiet zone, which is the page's business."""
    # No ECI header, as GiroCodes want it (EPC069-12).
    code = segno.make_qr(text.encode("utf-8"), error="m", mode="byte", boost_error=False)
    return Picture(tuple("".join(map(str, row)) for row in code.matrix))
