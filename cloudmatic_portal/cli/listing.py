"""Lists for people or for machines: one way to print what a command has found."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypeVar

T = TypeVar("T")


def add_json(parser: Any) -> None:
    """Let the command have `--json`."""
    parser.add_argument("--json", action="store_true", help="for machines")


def listed(
    found: Iterable[T],
    options: argparse.Namespace,
    *,
    line: Callable[[T], str],
    facts: Callable[[T], dict[str, Any]],
    nothing: str,
) -> str:
    """`found` as JSON, an array of its `facts`; else a `line` for each, or `nothing`."""
    if options.json:
        return as_json(list(map(facts, found)))
    return "".join(map(line, found)) or nothing


def as_json(found: Any) -> str:
    """JSON as all commands print it: instants in UTC and days as ISO 8601, money in cents."""
    return json.dumps(found, ensure_ascii=False, indent=2, default=_written) + "\n"


def _written(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
