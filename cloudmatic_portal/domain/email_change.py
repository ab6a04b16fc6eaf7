"""Another e-mail address for an account: confirmed at the new one, to be stopped at the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.errors import (
    EmailChangeExpired,
    EmailChangeStopped,
    EmailChangeUsed,
)

CONFIRM_WITHIN: Final = timedelta(hours=24)
STOP_WITHIN: Final = timedelta(days=7)
"""How long the owner of the old address can take it back, though it has been confirmed."""

OPEN_AT_ONCE: Final = 3
"""Changes that wait for their confirmation: nobody floods a stranger's mailbox by means of us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChange:
    """A wish to change the address of `account` from `former` to `wanted`, and how it went."""

    account: Account
    former: str
    wanted: str
    created_at: datetime
    confirmed_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.created_at + CONFIRM_WITHIN

    def require_open(self, now: datetime) -> None:
        """Raise MailLinkRefused unless it can be confirmed at `now`."""
        if self.stopped_at is not None:
            raise EmailChangeStopped
        if self.confirmed_at is not None:
            raise EmailChangeUsed
        if now >= self.expires_at:
            raise EmailChangeExpired

    def require_stoppable(self, now: datetime) -> None:
        """Raise MailLinkRefused unless it can be stopped, or taken back, at `now`."""
        if self.stopped_at is not None:
            raise EmailChangeStopped
        if now >= self.created_at + STOP_WITHIN:
            raise EmailChangeExpired
