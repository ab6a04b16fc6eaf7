"""Several inputs in one: a parser that reads two files is fuzzed with both at once."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

_BORDER: Final = b"\n=8<=\n"

T = TypeVar("T")


def join(*parts: bytes) -> bytes:
    return _BORDER.join(parts)


def split(data: bytes, number: int) -> list[bytes]:
    """The first `number` parts; those that are not there are empty."""
    parts = data.split(_BORDER, number - 1)
    return parts + [b""] * (number - len(parts))


@cache
def folder(name: str) -> Path:
    """A folder of the target of that name, until the process ends."""
    made = Path(tempfile.mkdtemp(prefix=f"cloudmatic-fuzz-{name}-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    coroutine.close()
    raise AssertionError("it waits for something")
