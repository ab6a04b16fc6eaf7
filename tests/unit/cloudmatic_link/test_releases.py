"""A release is believed if the publisher signed it, it holds now, and no later one was seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link import signing
from cloudmatic_link.claims import BookingLink, HubToken
from cloudmatic_link.errors import (
    BadClaim,
    BadSignature,
    Expired,
    FeedRefused,
    Malformed,
    NotYetValid,
    OlderFeed,
    TokenError,
    UntrustedKey,
    WrongAlgorithm,
    WrongType,
)
from cloudmatic_link.releases import ARCHITECTURES, MAX_SIZE, Release, accept, is_newer, read
from tests.factories import (
    NOW,
    PORTAL,
    booking_link,
    compact,
    download,
    header,
    hub_key,
    private_key,
    release,
)

PUBLISHER, FOLLOWER, STRANGER = hub_key(), hub_key(1), hub_key(2)
KEYS = (PUBLISHER.public, FOLLOWER.public)
FEED = signing.sign(release(), PUBLISHER)
GOOD = release().to_payload()


def head(**changes: Any) -> dict[str, Any]:
    return header(typ=Release.TYPE, **changes)


def accepted(feed: str, *, now: datetime = NOW, before: Release | None = None) -> Release:
    return accept(feed, KEYS, now=now, accepted=before)


def refused_claim(payload: dict[str, Any]) -> str:
    with pytest.raises(BadClaim) as refused:
        accepted(compact(head=head(), payload=payload))
    return refused.value.claim


def test_what_the_publisher_signs_a_hub_reads() -> None:
    assert accepted(FEED) == release()


def test_any_key_of_the_list_counts_and_no_other() -> None:
    assert accepted(signing.sign(release(), FOLLOWER)) == release()
    with pytest.raises(UntrustedKey) as refused:
        accepted(signing.sign(release(), STRANGER))
    assert refused.value.key_id == STRANGER.key_id
    with pytest.raises(UntrustedKey):
        accept(FEED, (), now=NOW, accepted=None)


def test_a_strangers_signature_under_a_trusted_key_id_is_forged() -> None:
    with pytest.raises(BadSignature):
        accepted(compact(head=head(), payload=GOOD, key=private_key(2)))
    with pytest.raises(BadSignature):
        accepted(compact(head=head(kid=FOLLOWER.key_id), payload=GOOD))


def test_the_signature_is_checked_before_any_claim() -> None:
    with pytest.raises(BadSignature):
        accepted(compact(head=head(), payload={"version": 1}, key=private_key(2)))


@pytest.mark.parametrize("kind", [BookingLink.TYPE, HubToken.TYPE, "JWT", "release-feed", None])
def test_a_token_for_another_purpose_is_no_release(kind: str | None) -> None:
    with pytest.raises(WrongType):
        accepted(compact(head=header(typ=kind), payload=GOOD))


def test_a_release_serves_no_other_purpose() -> None:
    payload = booking_link().to_payload() | GOOD
    with pytest.raises(WrongType):
        signing.verify(
            compact(head=head(), payload=payload),
            BookingLink,
            PUBLISHER.public,
            audience=PORTAL,
            now=NOW,
        )


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA", "ES256"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(WrongAlgorithm):
        accepted(compact(head=head(alg=algorithm), payload=GOOD))


def test_a_key_in_the_header_is_nobodys() -> None:
    own = head(kid=STRANGER.key_id, jwk=STRANGER.public.to_jwk())
    with pytest.raises(Malformed):
        accepted(compact(head=own, payload=GOOD, key=private_key(2)))


def test_a_feed_is_over_exactly_at_its_end() -> None:
    end = release().expires_at
    assert accepted(FEED, now=end - timedelta(microseconds=1)) == release()
    with pytest.raises(Expired):
        accepted(FEED, now=end)
    assert read(FEED, KEYS) == release()


def test_a_feed_from_the_future_waits() -> None:
    with pytest.raises(NotYetValid):
        accepted(FEED, now=NOW - timedelta(minutes=2))


def test_a_feed_for_ever_is_refused() -> None:
    day = 86_400
    accepted(compact(head=head(), payload=GOOD | {"exp": GOOD["iat"] + 400 * day}))
    assert refused_claim(GOOD | {"exp": GOOD["iat"] + 400 * day + 1}) == "exp"
    assert refused_claim(GOOD | {"exp": GOOD["iat"]}) == "exp"


def test_there_is_no_way_back_behind_the_feed_that_was_accepted() -> None:
    later = release(issued_at=NOW + timedelta(seconds=1), version="1.2.4")
    with pytest.raises(OlderFeed) as refused:
        accepted(FEED, now=NOW + timedelta(days=1), before=later)
    assert (refused.value.issued_at, refused.value.accepted) == (NOW, later.issued_at)
    assert accepted(FEED, before=release()) == release()


def test_the_publisher_may_take_a_release_back() -> None:
    bad = release(issued_at=NOW - timedelta(days=1), version="1.3.0")
    assert accepted(FEED, before=bad).version == "1.2.3"


@pytest.mark.parametrize("claim", ["iat", "exp", "version", "downloads"])
def test_every_claim_must_be_there(claim: str) -> None:
    assert refused_claim({k: v for k, v in GOOD.items() if k != claim}) == claim


@pytest.mark.parametrize(
    "version",
    ["1.2", "1.2.3.4", "v1.2.3", "1.2.3\n", " 1.2.3", "1.2.3-rc1", "01.2.3", "1.2.03", "1..3",
     "1.2.٣", "1234567.0.0", "", None, 1, ["1.2.3"], "1.2.3\ndownload=https://evil.example/"],
)  # fmt: skip
def test_a_version_is_three_numbers(version: object) -> None:
    assert refused_claim(GOOD | {"version": version}) == "version"


@pytest.mark.parametrize(
    "address",
    ["http://downloads.example/x", "https://downloads.example", "//downloads.example/x",
     "https://user@downloads.example/x", "https://downloads.example/x y", "javascript:alert(1)",
     "https://downloads.example/x\nversion=9.9.9", "https://downloads.example/x\r\nX: y",
     "https://downloads.example/'", "https://downloads.example/<b>", 'https://d.example/"',
     "https://downloads.example/x?y=1&z", "https://downloads.example/ä", "https://dö.example/x",
     "https://d.example/" + "x" * 200, "https:///x", "https://d.example\\@evil.example/x", None, 5],
)  # fmt: skip
def test_an_address_can_stand_in_a_header_and_on_a_page(address: object) -> None:
    entry = download().to_json() | {"address": address}
    assert refused_claim(GOOD | {"downloads": {"armv7l": entry}}) == "address"


@pytest.mark.parametrize("sha256", ["0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n", 0])
def test_a_hash_is_64_digits(sha256: object) -> None:
    entry = download().to_json() | {"sha256": sha256}
    assert refused_claim(GOOD | {"downloads": {"armv7l": entry}}) == "sha256"


@pytest.mark.parametrize("size", [0, -1, MAX_SIZE + 1, 1.5, True, "1", None])
def test_a_size_is_a_number_of_bytes(size: object) -> None:
    entry = download().to_json() | {"size": size}
    assert refused_claim(GOOD | {"downloads": {"armv7l": entry}}) == "size"


@pytest.mark.parametrize("downloads", [None, [], "x", {"armv7l": None}, {"armv7l": []}, 1])
def test_downloads_are_objects(downloads: object) -> None:
    assert refused_claim(GOOD | {"downloads": downloads}) == "downloads"


def test_what_a_later_publisher_adds_is_ignored() -> None:
    more = GOOD | {"notes": "x", "downloads": GOOD["downloads"] | {"riscv64": "whatever"}}
    assert accepted(compact(head=head(), payload=more)) == release()


def test_the_longest_feed_is_short_enough_to_be_looked_at() -> None:
    address = "https://downloads.example/"
    longest = download(address=address + "x" * (200 - len(address)), size=MAX_SIZE)
    full = release(version="999999.999999.999999", downloads=dict.fromkeys(ARCHITECTURES, longest))
    assert accepted(signing.sign(full, PUBLISHER)) == full


@given(st.integers(0, len(FEED) - 1), st.integers(0, 6))
def test_no_flipped_bit_anywhere_in_a_feed_is_accepted(position: int, bit: int) -> None:
    flipped = chr(ord(FEED[position]) ^ (1 << bit))
    with pytest.raises((TokenError, FeedRefused)):
        accepted(FEED[:position] + flipped + FEED[position + 1 :])


@given(st.text(max_size=200))
def test_any_other_text_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        accepted(text)


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [("1.2.4", "1.2.3", True), ("1.10.0", "1.9.9", True), ("2.0.0", "1.99.99", True),
     ("1.2.3", "1.2.3", False), ("1.2.3", "1.2.4", False), ("1.2.3", "0.2.0.dev1", False),
     ("x", "0.0.1", False)],
)  # fmt: skip
def test_versions_are_compared_by_number(version: str, than: str, newer: bool) -> None:
    assert is_newer(version, than) is newer


def test_every_refusal_has_a_reason_of_its_own() -> None:
    reasons = [each.reason for each in TokenError.__subclasses__()]
    reasons += [each.reason for each in FeedRefused.__subclasses__()]
    assert len(set(reasons)) == len(reasons)
