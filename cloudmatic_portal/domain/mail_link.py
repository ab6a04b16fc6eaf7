"""A link in a mail that leads into the booking flow of exactly one account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from cloudmatic_portal.domain.calendar import berlin_instant
from cloudmatic_portal.domain.errors import MailLinkExpired, MailLinkRevoked

GOOD_FOR: Final = timedelta(days=30)
"""How long after the end that its mail speaks of a link can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLink:
    """Good for booking `product` for the account, as often as it is clicked, and nothing else."""

    account_id: int
    user_name: str
    product: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def require_good(self, now: datetime) -> None:
        """Raises MailLinkExpired or MailLinkRevoked."""
        if self.revoked_at is not None:
            raise MailLinkRevoked(self.revoked_at)
        if self.expires_at <= now:
            raise MailLinkExpired(self.expires_at)


def expiry(end: date) -> datetime:
    """When a link in a mail about the end of access on `end` stops being good."""
    return berlin_instant(end + GOOD_FOR + timedelta(days=1), 0)
