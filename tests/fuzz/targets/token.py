"""Signed tokens of hubs and the publisher, as anybody may send them (cloudmatic_link)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Final

from cloudmatic_link import releases, signing
from cloudmatic_link.claims import Addressed, BookingLink, HubEnrolment, HubPairing, HubToken
from cloudmatic_link.errors import FeedRefused, TokenError
from tests.factories import NOW, PORTAL, booking_link, hub_key, release

PROMISE = "any text is refused with a TokenError, unless it is a token that was signed by the key"

_KEY: Final = hub_key()
_KINDS: Final[tuple[type[Addressed], ...]] = (BookingLink, HubToken, HubEnrolment, HubPairing)
_GOOD: Final = (signing.sign(booking_link(), _KEY), signing.sign(release(), _KEY))


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for kind in _KINDS:
        with contextlib.suppress(TokenError):
            signing.verify(text, kind, _KEY.public, audience=PORTAL, now=NOW)
            assert text in _GOOD, "forged"
    with contextlib.suppress(TokenError, FeedRefused):
        releases.accept(text, [_KEY.public], now=NOW, accepted=None)
        assert text in _GOOD, "forged"


def seeds() -> Iterable[bytes]:
    for token in _GOOD:
        head, payload, signature = token.split(".")
        yield token.encode("ascii")
        yield f"{head}.{payload}.".encode("ascii")
        yield f"{head}..{signature}".encode("ascii")
    yield b"."
