"""Sentences that are made where the facts are known and translated where they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def N_(message: str) -> str:  # noqa: N802  gettext's own name for a marker, known to its tools
    """Mark `message` for the catalogues without translating it yet."""
    return message


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence in English with named gaps, and what goes into the gaps.

    A gap's value that is a sentence of the catalogues is translated too.
    """

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def translated(self, gettext: Callable[[str], str]) -> str:
        values = {
            name: gettext(value) if isinstance(value, str) and value else value
            for name, value in self.values.items()
        }
        return gettext(self.text) % values
