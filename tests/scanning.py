"""What a banking app reads: codes in pictures, by a reader that is not the writer's."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image


def scan(picture: bytes) -> str:
    """The text of the one QR code in a PNG or JPEG."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    [found] = zxingcpp.read_barcodes(image)
    return found.bytes.decode("utf-8")
