"""Where inputs are kept, and what the command and the test of the corpus share."""

from __future__ import annotations

from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).parent / "corpus"
MOST_KEPT: Final = 16 * 1024
"""Bytes of one kept input."""


def kept(name: str) -> list[Path]:
    return sorted((CORPUS / name).glob("*"))
