"""Sessions: a browser that proved something once and need not again for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

SessionKind = Literal["login", "booking"]
SESSION_KINDS: Final[tuple[SessionKind, ...]] = get_args(SessionKind)

TOUCH_AFTER: Final = timedelta(minutes=1)
"""How old `last_seen_at` may grow before it is written anew: not every page costs a write."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A session ends `idle` after it was last seen, and `absolute` after it began at the latest."""

    idle: timedelta
    absolute: timedelta


LIMITS: Final[dict[SessionKind, Limits]] = {
    "login": Limits(idle=timedelta(hours=1), absolute=timedelta(hours=12)),
    "booking": Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=2)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Whose session it is. `hub_key_id` is the key that opened a booking-only session."""

    kind: SessionKind
    account_id: int
    user_name: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    hub_key_id: str | None = None

    @classmethod
    def start(
        cls,
        kind: SessionKind,
        account_id: int,
        user_name: str,
        now: datetime,
        *,
        hub_key_id: str | None = None,
    ) -> Session:
        return cls(
            kind=kind,
            account_id=account_id,
            user_name=user_name,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LIMITS[kind].absolute,
            hub_key_id=hub_key_id,
        )

    def alive(self, now: datetime) -> bool:
        """Whether it still counts at `now` (UTC)."""
        return now < self.expires_at and now - self.last_seen_at < LIMITS[self.kind].idle

    def needs_touch(self, now: datetime) -> bool:
        return now - self.last_seen_at >= TOUCH_AFTER
