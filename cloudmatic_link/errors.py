"""Why a token is not accepted.

    TokenError
    ├── Malformed          not a compact JWS of ours at all
    ├── WrongAlgorithm     a header that asks for anything but Ed25519
    ├── WrongType          a token of ours, but for another purpose
    ├── BadSignature
    ├── BadClaim           a claim is missing, of the wrong type or format
    ├── WrongAudience      made for another portal
    ├── Expired
    └── NotYetValid        made in the future: one of the two clocks is wrong

Why a release feed that may be good elsewhere is not accepted by this hub.

    FeedRefused
    ├── UntrustedKey       signed by nobody whom this hub trusts
    └── OlderFeed          the hub has accepted a later one: no way back

Each class has a `reason` that never changes, for logs, metrics and the API.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class TokenError(Exception):
    """Base of all reasons to refuse a token. Never carries the token itself."""

    reason: ClassVar[str] = "token-refused"


class Malformed(TokenError):
    reason = "malformed"


class WrongAlgorithm(TokenError):
    reason = "wrong-algorithm"


class WrongType(TokenError):
    reason = "wrong-type"


class BadSignature(TokenError):
    reason = "bad-signature"


class BadClaim(TokenError):
    """The claim `claim` is missing or not of the agreed type and format."""

    reason = "bad-claim"

    def __init__(self, claim: str) -> None:
        super().__init__(claim)
        self.claim = claim


class WrongAudience(TokenError):
    reason = "wrong-audience"


class Expired(TokenError):
    """The token was good from `issued_at` until `expired_at` (UTC)."""

    reason = "expired"

    def __init__(self, issued_at: datetime, expired_at: datetime) -> None:
        super().__init__(expired_at.isoformat())
        self.issued_at = issued_at
        self.expired_at = expired_at


class NotYetValid(TokenError):
    """The token says it was made at `issued_at` (UTC), which has not come yet."""

    reason = "not-yet-valid"

    def __init__(self, issued_at: datetime) -> None:
        super().__init__(issued_at.isoformat())
        self.issued_at = issued_at


class FeedRefused(Exception):
    """Base of the reasons to refuse a release feed beside those of its token."""

    reason: ClassVar[str] = "feed-refused"


class UntrustedKey(FeedRefused):
    reason = "untrusted-key"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class OlderFeed(FeedRefused):
    """The feed was made at `issued_at`, the one that was accepted before at `accepted` (UTC)."""

    reason = "older-feed"

    def __init__(self, issued_at: datetime, accepted: datetime) -> None:
        super().__init__(issued_at.isoformat())
        self.issued_at = issued_at
        self.accepted = accepted
