"""The result of one check, which may travel from the process that checks to the one that shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from ccu_dashboard.domain.message import Message


class State(StrEnum):
    """How a check ended: WARNING works with less comfort, FAILED does not work."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, what was found, and what to do about it."""

    subject: str
    state: State
    found: Message
    advice: Message | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "subject": self.subject,
            "state": self.state.value,
            "found": _written(self.found),
            "advice": self.advice and _written(self.advice),
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """Raises ValueError, KeyError or TypeError for what `to_json` did not write."""
        advice = members["advice"]
        return cls(
            str(members["subject"]),
            State(members["state"]),
            _read(members["found"]),
            None if advice is None else _read(advice),
        )


def _written(message: Message) -> dict[str, Any]:
    values = {
        name: value if isinstance(value, int | float | str) else str(value)
        for name, value in message.values.items()
    }
    return {"text": message.text, "values": values}


def _read(members: dict[str, Any]) -> Message:
    return Message(str(members["text"]), dict(members["values"]))
