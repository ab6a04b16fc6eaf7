"""A browser that has logged in to an account before (OWASP calls its proof a device cookie).

It opens nothing. It only says that its bearer is not one of the strangers who guess the account's
password, so that the owner need not wait because they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

LIFETIME: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Device:
    """`device_id` is random. `issued_at` (UTC, whole seconds) is when the account logged in."""

    account_id: int
    device_id: str
    issued_at: datetime

    def vouches(self, account_id: int, valid_from: datetime | None, now: datetime) -> bool:
        """Whether it counts for the account, whose devices from before `valid_from` do not."""
        revoked = valid_from is not None and self.issued_at < valid_from.replace(microsecond=0)
        return self.account_id == account_id and not revoked and now < self.issued_at + LIFETIME


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door: from which network, with which devices' proofs, in which session.

    `former` is the token of the session that the browser holds, if any; it ends at a login.
    """

    network: str
    devices: Mapping[int, Device] = field(default_factory=dict)
    former: str | None = field(default=None, repr=False)

    def known_as(self, account_id: int, valid_from: datetime | None, now: datetime) -> str | None:
        """The id of the browser if it has logged in to the account before; see `Device.vouches`."""
        held = self.devices.get(account_id)
        known = held is not None and held.vouches(account_id, valid_from, now)
        return held.device_id if held is not None and known else None
