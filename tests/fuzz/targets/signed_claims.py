"""What a hub of ill will signs with its own good key: any header over any payload."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from typing import Final

from cloudmatic_link import releases, signing
from cloudmatic_link.claims import Addressed, BookingLink, HubEnrolment, HubPairing, HubToken
from cloudmatic_link.errors import FeedRefused, TokenError
from tests.factories import NOW, PORTAL, booking_link, compact, header, hub_key, release
from tests.fuzz.parts import join, split

PROMISE = "whatever is truly signed has claims in their formats, or is refused with a TokenError"

_KEY: Final = hub_key()
_KINDS: Final[tuple[type[Addressed], ...]] = (BookingLink, HubToken, HubEnrolment, HubPairing)


def check(data: bytes) -> None:
    head, payload = split(data, 2)
    token = compact(head=head, payload=payload)
    for kind in _KINDS:
        with contextlib.suppress(TokenError):
            claims = signing.verify(token, kind, _KEY.public, audience=PORTAL, now=NOW)
            assert kind.from_payload(claims.to_payload()) == claims
    with contextlib.suppress(TokenError, FeedRefused):
        feed = releases.accept(token, [_KEY.public], now=NOW, accepted=None)
        assert releases.Release.from_payload(feed.to_payload()) == feed


def seeds() -> Iterable[bytes]:
    payload = json.dumps(booking_link(months=12, kind="single").to_payload()).encode()
    yield join(json.dumps(header()).encode(), payload)
    for kind in _KINDS[1:]:
        yield join(json.dumps(header(typ=kind.TYPE)).encode(), payload)
    feed = json.dumps(release().to_payload()).encode()
    yield join(json.dumps(header(typ=releases.Release.TYPE)).encode(), feed)
    yield join(json.dumps(header()).encode(), b'{"iat":1e999,"exp":' + b"[" * 2000)
