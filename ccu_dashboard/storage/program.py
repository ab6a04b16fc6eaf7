"""What the installed program says of itself."""

from __future__ import annotations

import platform
from pathlib import Path


def architecture(path: Path) -> str:
    """Return the processor that the program was made for.

    Where no file says so (a checkout), it is this machine's. On a hub that would be wrong: its
    kernel may be a 64-bit one below 32-bit programs.
    """
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        return platform.machine()
    except (OSError, ValueError):
        return ""
