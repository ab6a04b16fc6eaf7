"""Who signed a token, and may they say what it says?"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_link import signing
from cloudmatic_link.claims import Claims
from cloudmatic_link.keys import PublicKey
from cloudmatic_link.signing import Unverified
from cloudmatic_portal.domain.errors import UnknownKey
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.storage import hub as stored_hub

T = TypeVar("T", bound=Claims)


async def verified(
    connection: AsyncConnection, token: str, kind: type[T], *, audience: str, now: datetime
) -> tuple[T, HubKey]:
    """The claims of `token` and the enrolled key that signed them, for its own hub and account.

    Raises TokenError, UnknownKey, RevokedKey, HubMismatch or AccountMismatch.
    """
    unverified = signing.read(token, kind)
    key = await stored_hub.find_key(connection, unverified.key_id)
    return vouched(unverified, key, audience=audience, now=now)


def vouched(
    unverified: Unverified[T], key: HubKey | None, *, audience: str, now: datetime
) -> tuple[T, HubKey]:
    """The same with the key that was found for a token."""
    if key is None:
        raise UnknownKey(unverified.key_id)
    public = PublicKey.from_bytes(key.public_key, key.key_id)
    claims = signing.check(unverified, public, audience=audience, now=now)
    key.vouch_for(claims)
    return claims, key
