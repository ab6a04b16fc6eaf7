"""JSON from strangers: an object in UTF-8, no name twice, nothing that is not JSON.

Python's own reader takes more: UTF-16, `NaN`, and the last of two members with one name, where
another reader may take the first (RFC 8259, section 4).
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn


def read_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in `content`. Raises ValueError for everything else."""
    try:
        document = _DECODER.decode(content.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(document, dict):
        raise ValueError("not an object")  # noqa: TRY004  the content is wrong, not our type
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
