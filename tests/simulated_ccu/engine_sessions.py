"""Users and sessions of the simulated logic engine (source: transcripts in CCU_CONTRACT.md)."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from enum import IntEnum

MAX_SESSIONS = 10
_SID_ALPHABET = string.ascii_letters + string.digits


class Level(IntEnum):
    """What a user may do; Zusatzsoftware needs ADMIN."""

    NONE = 0
    GUEST = 1
    USER = 2
    ADMIN = 8


@dataclass(frozen=True)
class User:
    """A user of the WebUI, with the fields that `GetSessionVarStr` prints."""

    id: int
    level: int
    name: str
    password: str
    first_name: str = ""
    last_name: str = ""

    def as_session_text(self) -> str:
        """`id;level;name;first;last;`."""
        fields = (str(self.id), str(int(self.level)), self.name, self.first_name, self.last_name)
        return "".join(f"{value};" for value in fields)


DEMO_USERS = (
    User(1004, Level.ADMIN, "Admin", "admin-demo"),
    User(1236, Level.USER, "Bewohner", "bewohner-demo", "Erika", "Mustermann"),
    User(1237, Level.GUEST, "Gast", "gast-demo"),
    User(1238, Level.USER, "Jürgen Größe", "umlaut-demö", "Jürgen", "Größe"),
)


class TooManySessionsError(Exception):
    """All of the engine's sessions are taken (SessionMaxCount)."""


@dataclass
class Sessions:
    """Who is logged in. A session ends by `end` only: the engine's time-out is not simulated."""

    users: tuple[User, ...] = DEMO_USERS
    _by_bare_sid: dict[str, User] = field(default_factory=dict)

    def open_for(self, user: User) -> str:
        """A new sid, with its @ signs; TooManySessionsError from the eleventh on."""
        if len(self._by_bare_sid) >= MAX_SESSIONS:
            raise TooManySessionsError
        bare = "".join(secrets.choice(_SID_ALPHABET) for _ in range(10))
        self._by_bare_sid[bare] = user
        return f"@{bare}@"

    def user_with(self, name: str, password: str) -> User | None:
        """The user with these credentials."""
        return next((u for u in self.users if (u.name, u.password) == (name, password)), None)

    def user_named(self, name: str) -> User:
        """KeyError if there is none."""
        for user in self.users:
            if user.name == name:
                return user
        raise KeyError(name)

    def user_of_bare_sid(self, bare: str) -> User | None:
        """As the engine looks up: without @ signs. A sid that still has them is unknown."""
        return self._by_bare_sid.get(bare)

    def user_of(self, sid: str) -> User | None:
        """As the WebUI's pages look up: with @ signs."""
        return self._by_bare_sid.get(sid[1:-1]) if sid[:1] == sid[-1:] == "@" else None

    def end(self, sid: str) -> None:
        """Log out, or let expire; an unknown sid is fine."""
        self._by_bare_sid.pop(sid.strip("@"), None)

    def end_all(self) -> None:
        """As after a restart of the engine."""
        self._by_bare_sid.clear()
