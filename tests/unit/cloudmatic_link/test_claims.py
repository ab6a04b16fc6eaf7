"""Claims are read strictly: each one is there, of its type and in its format, or it is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link.claims import (
    BOOKING_KINDS,
    MAX_MONTHS,
    BookingLink,
    Claims,
    HubEnrolment,
    HubToken,
    token_id,
    whole_second,
)
from cloudmatic_link.errors import BadClaim
from cloudmatic_link.formats import ACCOUNT_ID, PRODUCT, SERIAL
from tests.factories import NOW, booking_link

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KINDS: tuple[type[Claims], ...] = (BookingLink, HubToken, HubEnrolment)
GOOD = booking_link().to_payload()
ALIEN = [None, True, False, 0, 1.5, "", "x" * 3000, [], ["4711"], {}, {"a": 1}]


def refused_claim(payload: dict[str, Any]) -> str:
    with pytest.raises(BadClaim) as refused:
        BookingLink.from_payload(payload)
    return refused.value.claim


@st.composite
def links(draw: st.DrawFn) -> BookingLink:
    instants = st.datetimes(datetime(1970, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
    issued_at = whole_second(draw(instants))
    return BookingLink(
        issuer=draw(st.from_regex(SERIAL, fullmatch=True)),
        subject=draw(st.from_regex(ACCOUNT_ID, fullmatch=True)),
        audience=draw(st.text()),
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=draw(st.integers(1, 120))),
        token_id=token_id(draw(st.binary(min_size=16, max_size=16))),
        product=draw(st.from_regex(PRODUCT, fullmatch=True)),
        months=draw(st.none() | st.integers(1, MAX_MONTHS)),
        kind=draw(st.none() | st.sampled_from(BOOKING_KINDS)),
    )


@given(links())
def test_what_is_written_is_what_is_read(link: BookingLink) -> None:
    assert BookingLink.from_payload(link.to_payload()) == link


def test_term_and_kind_are_left_out_when_the_customer_chooses() -> None:
    assert not {"months", "kind"} & booking_link().to_payload().keys()


def test_unknown_claims_are_ignored() -> None:
    assert BookingLink.from_payload(GOOD | {"nonce": [1], "nbf": "x"}) == booking_link()


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "iat", "exp", "jti", "product"])
def test_every_claim_must_be_there(claim: str) -> None:
    assert refused_claim({k: v for k, v in GOOD.items() if k != claim}) == claim


@pytest.mark.parametrize("value", ALIEN, ids=repr)
@pytest.mark.parametrize("claim", ["iss", "sub", "jti", "product", "kind"])
def test_a_text_claim_of_another_type_or_format_is_refused(claim: str, value: object) -> None:
    assert refused_claim(GOOD | {claim: value}) == claim


@pytest.mark.parametrize("value", [None, 1, True, ["https://portal.example"], {}], ids=repr)
def test_the_audience_is_one_text_never_a_list(value: object) -> None:
    assert refused_claim(GOOD | {"aud": value}) == "aud"


@pytest.mark.parametrize("claim", ["iat", "exp"])
@pytest.mark.parametrize(
    "value",
    [None, True, False, 1.0, float("inf"), "1764000000", [], {}, -1, 2**63, 10**400],
    ids=lambda value: repr(value)[:20],
)
def test_an_instant_is_a_whole_number_that_a_calendar_knows(claim: str, value: object) -> None:
    assert refused_claim(GOOD | {claim: value}) == claim


@pytest.mark.parametrize("months", [None, True, False, 0, -1, 61, 10**30, 12.0, "12", [12]])
def test_months_are_a_small_whole_number(months: object) -> None:
    assert refused_claim(GOOD | {"months": months}) == "months"


@pytest.mark.parametrize("kind", ["Single", "single ", "single\n", "abo", "", 1])
def test_the_kind_is_one_of_two_words(kind: object) -> None:
    assert refused_claim(GOOD | {"kind": kind}) == "kind"


@pytest.mark.parametrize(
    "subject",
    ["0", "04711", "4711\n", "\n4711", " 4711", "4711 ", "+4711", "-4711", "4_711", "4711.0",
     "٤٧١١", "４７１１", "4711²", "4711x", "0x12", "12345678901", "4711\x00"],
)  # fmt: skip
def test_a_cloudmatic_id_is_ascii_digits_from_end_to_end(subject: str) -> None:
    assert refused_claim(GOOD | {"sub": subject}) == "sub"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "ABC12"), ("iss", "A" * 33), ("iss", "ABC123\n"), ("iss", "ABC-123"),
        ("iss", "ABCÄ123"), ("iss", "ABC１２３"), ("jti", "A" * 21), ("jti", "A" * 23),
        ("jti", "A" * 21 + "B"), ("jti", "A" * 22 + "\n"), ("jti", "+" * 22),
        ("jti", "A" * 20 + "=="),
        ("product", "Connect"), ("product", "1connect"), ("product", "connect\n"),
        ("product", "con_nect"), ("product", "c"), ("product", "c" * 33), ("product", "café"),
        ("product", "../admin"),
    ],
)  # fmt: skip
def test_serial_token_id_and_product_match_their_formats_whole(claim: str, value: str) -> None:
    assert refused_claim(GOOD | {claim: value}) == claim


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seconds_too_long", [1, 3600, 10**9])
def test_a_token_that_would_live_longer_than_its_kind_may_is_refused(
    kind: type[Claims], seconds_too_long: int
) -> None:
    lifetime = int(kind.LIFETIME.total_seconds())
    kind.from_payload(GOOD | {"exp": GOOD["iat"] + lifetime})
    with pytest.raises(BadClaim, match="exp"):
        kind.from_payload(GOOD | {"exp": GOOD["iat"] + lifetime + seconds_too_long})


@pytest.mark.parametrize("seconds", [0, -1, -(10**9)])
def test_a_token_that_ends_before_it_begins_is_refused(seconds: int) -> None:
    assert refused_claim(GOOD | {"exp": GOOD["iat"] + seconds}) == "exp"


def test_a_booking_link_lives_two_minutes() -> None:
    assert timedelta(seconds=120) == BookingLink.LIFETIME


def test_the_kinds_of_token_have_types_of_their_own() -> None:
    assert len({kind.TYPE for kind in KINDS}) == len(KINDS)


def test_a_hub_token_says_nothing_of_a_product() -> None:
    values = {k: v for k, v in GOOD.items() if k != "product"}
    assert HubToken.from_payload(values).to_payload() == values


@given(st.binary(max_size=40).filter(lambda raw: len(raw) != 16))
def test_a_token_id_needs_exactly_128_bits(raw: bytes) -> None:
    with pytest.raises(ValueError, match="128 bits"):
        token_id(raw)


def test_a_second_is_the_smallest_unit_in_any_time_zone() -> None:
    berlin = datetime.fromisoformat("2026-11-23T13:00:00.999999+01:00")
    assert whole_second(berlin) == NOW


@given(
    st.dictionaries(
        st.sampled_from(sorted(GOOD)) | st.text(max_size=3),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=3,
        ),
    )
)
def test_no_payload_makes_the_reader_fail_in_another_way(changes: dict[str, Any]) -> None:
    try:
        read = BookingLink.from_payload(GOOD | changes)
    except BadClaim as error:
        assert error.claim in {*GOOD, "months", "kind"}  # noqa: PT017
    else:
        assert EPOCH <= read.issued_at < read.expires_at
