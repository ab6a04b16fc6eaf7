"""What a banking app reads: codes in pictures, by a reader that is not the writer's."""

from __future__ import annotations

import io
from collections.abc import Sequence

import zxingcpp
from PIL import Image


def scan(picture: bytes) -> str:
    """The text of the one QR code in a PNG or JPEG."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    [found] = zxingcpp.read_barcodes(image)
    return found.bytes.decode("utf-8")


def scan_rows(rows: Sequence[str], *, scale: int = 6, quiet: int = 4) -> str:
    """The text of a code that is drawn of rows of `0` and `1`."""
    size = len(rows) + 2 * quiet
    image = Image.new("L", (size, size), 255)
    for y, row in enumerate(rows):
        for x, square in enumerate(row):
            image.putpixel((x + quiet, y + quiet), 0 if square == "1" else 255)
    drawn = io.BytesIO()
    image.resize((size * scale, size * scale), Image.Resampling.NEAREST).save(drawn, "PNG")
    return scan(drawn.getvalue())
