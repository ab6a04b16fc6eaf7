"""A forgotten password: the link in a mail that lets its owner choose a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import PasswordLinkExpired, PasswordLinkUsed

VALID: Final = timedelta(hours=1)
KEEP: Final = timedelta(days=7)
"""How long a link is remembered after it has expired, to tell so to whoever follows it."""

OPEN_AT_ONCE: Final = 3
"""Open links per account. Whoever asks for more floods the owner's mailbox, and the owner has
three mails that work.
"""


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """`account` asked for a link at `created_at` and has used it up at `used_at`, if it has."""

    account: Account
    created_at: datetime
    used_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.created_at + VALID

    def require_open(self, now: datetime) -> None:
        """Raise PasswordLinkUsed or PasswordLinkExpired unless it is good at `now`."""
        if self.used_at is not None:
            raise PasswordLinkUsed
        if now >= self.expires_at:
            raise PasswordLinkExpired
