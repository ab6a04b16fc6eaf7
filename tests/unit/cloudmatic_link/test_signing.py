"""A token is accepted from its signer, for its purpose, at its portal, in its time - or not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link import signing
from cloudmatic_link.claims import BookingLink, Claims, HubEnrolment, HubToken
from cloudmatic_link.errors import (
    BadClaim,
    BadSignature,
    Expired,
    NotYetValid,
    TokenError,
    WrongAudience,
    WrongType,
)
from tests.factories import NOW, PORTAL, booking_link, compact, header, hub_key, private_key

KEY = hub_key()
LINK = booking_link(months=12, kind="subscription")
TOKEN = signing.sign(LINK, KEY)


def verify(token: str, *, now: datetime = NOW, audience: str = PORTAL) -> BookingLink:
    return signing.verify(token, BookingLink, KEY.public, audience=audience, now=now)


def test_what_a_hub_signs_the_portal_reads() -> None:
    assert verify(TOKEN) == LINK
    assert signing.read(TOKEN, BookingLink).key_id == KEY.key_id


def test_a_token_of_ours_is_far_from_the_longest_looked_at() -> None:
    assert len(TOKEN) < signing.MAX_LENGTH / 2


@pytest.mark.parametrize("seconds", [0, 1, 119])
def test_a_link_works_until_its_last_second(seconds: int) -> None:
    assert verify(TOKEN, now=NOW + timedelta(seconds=seconds)) == LINK


def test_a_link_is_over_exactly_at_exp() -> None:
    verify(TOKEN, now=LINK.expires_at - timedelta(microseconds=1))
    with pytest.raises(Expired) as expired:
        verify(TOKEN, now=LINK.expires_at)
    assert (expired.value.issued_at, expired.value.expired_at) == (NOW, LINK.expires_at)


def test_a_link_is_not_accepted_twice_as_long_as_it_says() -> None:
    token = compact(
        head=header(), payload=LINK.to_payload() | {"exp": LINK.to_payload()["iat"] + 240}
    )
    with pytest.raises(BadClaim, match="exp"):
        verify(token)


def test_a_link_from_the_future_waits_but_a_small_clock_difference_is_forgiven() -> None:
    verify(TOKEN, now=NOW - signing.CLOCK_LEEWAY)
    with pytest.raises(NotYetValid) as early:
        verify(TOKEN, now=NOW - signing.CLOCK_LEEWAY - timedelta(seconds=1))
    assert early.value.issued_at == NOW


@pytest.mark.parametrize(
    "audience",
    ["https://other.example", "https://portal.example/", "https://PORTAL.example", "", "https://"],
)
def test_a_link_for_another_portal_is_refused(audience: str) -> None:
    with pytest.raises(WrongAudience):
        verify(TOKEN, audience=audience)


@pytest.mark.parametrize("made", [BookingLink, HubToken, HubEnrolment])
@pytest.mark.parametrize("read", [BookingLink, HubToken, HubEnrolment])
def test_a_token_serves_no_other_purpose(made: type[Claims], read: type[Claims]) -> None:
    token = compact(head=header(typ=made.TYPE), payload=LINK.to_payload())
    if made is read:
        signing.verify(token, read, KEY.public, audience=PORTAL, now=NOW)
        return
    with pytest.raises(WrongType):
        signing.verify(token, read, KEY.public, audience=PORTAL, now=NOW)


def test_another_hubs_key_does_not_verify() -> None:
    with pytest.raises(BadSignature):
        signing.verify(TOKEN, BookingLink, hub_key(1).public, audience=PORTAL, now=NOW)


def test_another_hubs_signature_under_our_key_id_does_not_verify() -> None:
    other = hub_key(1)
    for head, key in ((header(), 1), (header(kid=other.key_id), 0)):
        token = compact(head=head, payload=LINK.to_payload(), key=private_key(key))
        for public in (KEY.public, other.public):
            with pytest.raises(BadSignature):
                signing.verify(token, BookingLink, public, audience=PORTAL, now=NOW)


def test_the_signature_is_checked_before_any_claim() -> None:
    forged = compact(head=header(), payload={"sub": "no such claim"}, key=private_key(1))
    with pytest.raises(BadSignature):
        verify(forged)


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 6))
def test_no_flipped_bit_anywhere_in_a_token_verifies(position: int, bit: int) -> None:
    flipped = chr(ord(TOKEN[position]) ^ (1 << bit))
    with pytest.raises(TokenError):
        verify(TOKEN[:position] + flipped + TOKEN[position + 1 :])


@given(st.integers(0, len(TOKEN)), st.text(min_size=1, max_size=4))
def test_nothing_can_be_slipped_into_a_token(position: int, text: str) -> None:
    with pytest.raises(TokenError):
        verify(TOKEN[:position] + text + TOKEN[position:])


@given(st.integers(0, len(TOKEN) - 1), st.integers(1, 40))
def test_nothing_can_be_cut_out_of_a_token(position: int, length: int) -> None:
    with pytest.raises(TokenError):
        verify(TOKEN[:position] + TOKEN[position + length :])


@given(st.text(max_size=300))
def test_any_other_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(TokenError) as refused:
        verify(text)
    assert refused.value.reason == "malformed"


def test_the_reasons_are_stable_and_of_their_own() -> None:
    reasons = {error.reason for error in TokenError.__subclasses__()}
    assert reasons == {
        "malformed", "wrong-algorithm", "wrong-type", "bad-signature", "bad-claim",
        "wrong-audience", "expired", "not-yet-valid",
    }  # fmt: skip


def test_a_refusal_never_repeats_the_token() -> None:
    with pytest.raises(TokenError) as refused:
        verify(TOKEN[:-5] + "AAAAA")
    assert TOKEN[:40] not in repr(refused.value)
