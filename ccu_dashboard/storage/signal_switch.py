"""Whether the system variable is wanted: one line of `settings.toml`, which is the owner's file.

Only that line is changed; comments and everything else stay as they were written.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

from ccu_dashboard.storage import atomic, files

NAME: Final = "days_variable"
_LINE: Final = re.compile(rf"^[ \t]*{NAME}[ \t]*=.*\n?", re.MULTILINE)


def load(file: Path) -> bool:
    """Off where the file does not say otherwise, or cannot be read."""
    try:
        content = files.find(file)
        return content is not None and _is_wanted(content)
    except (OSError, ValueError, RecursionError):
        return False


def save(file: Path, *, on: bool) -> None:
    """Write down the wish. Raises OSError; ValueError for a file that is not UTF-8."""
    if load(file) is on:
        return
    try:
        text = _LINE.sub("", file.read_text("utf-8"))
    except FileNotFoundError:
        text = ""
    # At the top: below a table's heading the line would belong to that.
    line = f"{NAME} = true\n" if on else ""
    atomic.replace(file, (line + text).encode("utf-8"))


@lru_cache(maxsize=1)
def _is_wanted(content: bytes) -> bool:
    # Line ends of any kind, as where the other settings are read.
    text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    return tomllib.loads(text).get(NAME) is True
