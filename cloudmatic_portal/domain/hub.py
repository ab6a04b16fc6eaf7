"""A hub as the portal knows it: one CCU of one account, speaking through its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloudmatic_link.claims import Claims
from cloudmatic_portal.domain.errors import AccountMismatch, HubMismatch, RevokedKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """One CCU of an account. `speaks` says whether it has a key that was not withdrawn."""

    hub_id: int
    serial: str
    enrolled_at: datetime
    last_contact_at: datetime | None
    speaks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HubKey:
    """The key `key_id` (RFC 7638), and for whom it may speak.

    A serial number is no secret: it names a hub within one account only. `stamps` are others
    as soon as anything may have changed of what the hub is told about its account.
    """

    key_id: str
    public_key: bytes
    serial: str
    account_id: int
    user_name: str
    created_at: datetime
    revoked_at: datetime | None = None
    last_contact_at: datetime | None = None
    stamps: tuple[str | None, str | None] = (None, None)

    def vouch_for(self, claims: Claims) -> None:
        """Check that this key may say `claims`, whose signature is verified already.

        Raises RevokedKey, HubMismatch or AccountMismatch.
        """
        if self.revoked_at is not None:
            raise RevokedKey(self.key_id, self.revoked_at)
        if claims.issuer != self.serial:
            raise HubMismatch(claims.issuer)
        if claims.subject != str(self.account_id):
            raise AccountMismatch(claims.subject)
