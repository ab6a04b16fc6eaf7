"""WebUI sessions: the strict form of a `sid`, user levels, and what each level may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Final, Self

# [0-9A-Za-z] spelled out: `\w` and str.isalnum() also accept letters of other scripts.
_CORE: Final = re.compile(r"[A-Za-z0-9]{10}")


class MalformedSid(ValueError):
    """The text is not a session id. It is deliberately not part of the message."""


@dataclass(frozen=True, slots=True)
class Sid:
    """A session id that has the one form which is safe inside a script of the logic engine.

    There, anything unchecked is a root shell (CCU_CONTRACT, "Sessions and the logic engine").
    `core` are the ten characters between the @ signs.
    """

    core: str

    def __post_init__(self) -> None:
        if not _CORE.fullmatch(self.core):
            raise MalformedSid

    def __repr__(self) -> str:
        return "Sid(…)"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `@` + ten letters or digits + `@`. Raises MalformedSid for everything else."""
        if len(text) != 12 or text[0] != "@" or text[-1] != "@":
            raise MalformedSid
        return cls(text[1:-1])


class Level(IntEnum):
    """The WebUI's user levels, as the logic engine numbers them."""

    NONE = 0
    GUEST = 1
    USER = 2
    ADMINISTRATOR = 8


class Action(Enum):
    """What a user can do here."""

    SEE = auto()
    BOOK = auto()
    ADMINISTER = auto()


_LOWEST: Final = {
    Action.SEE: Level.USER,
    Action.BOOK: Level.USER,
    Action.ADMINISTER: Level.ADMINISTRATOR,
}


@dataclass(frozen=True, slots=True)
class User:
    """Who is behind a session, in the logic engine's words."""

    name: str
    level: Level

    def may(self, action: Action) -> bool:
        return self.level >= _LOWEST[action]
