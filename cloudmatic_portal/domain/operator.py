"""Operators: the people who run the portal, what each may do, and their own login."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.session import TOUCH_AFTER, Limits

Role = Literal["support", "accounting", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""support: helps customers, books no money. accounting: money in and what it is for. admin: all
of that, and who else may what.
"""

NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,38}[a-z0-9]")

LIMITS: Final = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
SETUP_LIFETIME: Final = timedelta(hours=24)
"""How long the link is good by which an operator chooses password and second factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """`ready`: password and second factor have been chosen."""

    operator_id: int
    name: str
    role: Role
    created_at: datetime
    ready: bool
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSession:
    """A browser in which `operator` is logged in."""

    operator: Operator
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    @classmethod
    def start(cls, operator: Operator, now: datetime) -> OperatorSession:
        return cls(
            operator=operator, created_at=now, last_seen_at=now, expires_at=now + LIMITS.absolute
        )

    def alive(self, now: datetime) -> bool:
        """Whether it still counts at `now` (UTC), and its operator may still come in."""
        in_time = now < self.expires_at and now - self.last_seen_at < LIMITS.idle
        return in_time and self.operator.disabled_at is None

    def needs_touch(self, now: datetime) -> bool:
        return now - self.last_seen_at >= TOUCH_AFTER
