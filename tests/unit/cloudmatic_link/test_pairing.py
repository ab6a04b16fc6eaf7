"""What portal and hub tell each other to pair: read strictly; a picture is nothing but squares."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link.pairing import Confirmation, Invitation, PairingUnreadable
from cloudmatic_link.picture import Picture
from cloudmatic_portal.domain.pairing import new_user_code, read_user_code
from cloudmatic_portal.web.qr import picture
from tests.factories import PORTAL

GOOD = Invitation(
    device_code="A" * 43,
    user_code="BCDF-GHJK",
    verification_uri=f"{PORTAL}/pair",
    verification_uri_complete=f"{PORTAL}/pair?code=BCDF-GHJK",
    expires_in=600,
    interval=5,
    qr=picture(f"{PORTAL}/pair?code=BCDF-GHJK"),
)


def test_what_the_portal_writes_the_hub_reads() -> None:
    document = json.loads(json.dumps(GOOD.to_json()))
    assert Invitation.from_json(document, portal=PORTAL) == GOOD
    assert "A" * 43 not in repr(GOOD)
    told = Confirmation("4711", "maxmuster")
    assert Confirmation.from_json(told.to_json()) == told


def test_members_of_a_later_portal_are_ignored_and_what_may_miss_is_survived() -> None:
    document = GOOD.to_json() | {"colour": "blue"}
    del document["interval"], document["qr"]
    read = Invitation.from_json(document, portal=PORTAL)
    assert (read.interval, read.qr) == (5, None)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("device_code", ""), ("device_code", "a b"), ("device_code", None),
        ("user_code", "AEIO-UAEI"), ("user_code", "bcdf-ghjk"), ("user_code", 5),
        ("verification_uri", "https://evil.example/pair"), ("verification_uri", None),
        ("verification_uri", f"{PORTAL}.evil.example/pair"),
        ("verification_uri", f"{PORTAL}@evil.example/pair"),
        ("verification_uri", PORTAL), ("verification_uri", f"{PORTAL}/<script>"),
        ("verification_uri_complete", "javascript:alert(1)"),
        ("expires_in", 0), ("expires_in", True), ("expires_in", "600"), ("expires_in", 10**9),
        ("interval", 0), ("interval", None), ("interval", 10**6),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_named(member: str, value: Any) -> None:
    with pytest.raises(PairingUnreadable) as unreadable:
        Invitation.from_json(GOOD.to_json() | {member: value}, portal=PORTAL)
    assert unreadable.value.member == member


@pytest.mark.parametrize("account", [None, [], {}, {"id": "0"}, {"id": "4711", "user_name": ""}])
def test_a_confirmation_names_an_account(account: Any) -> None:
    with pytest.raises(PairingUnreadable):
        Confirmation.from_json({"account": account})


@pytest.mark.parametrize(
    "rows",
    [None, "1", [], ["1"], ["0" * 21] * 20, ["0" * 20 + "<"] * 21, [1] * 21, ["0" * 178] * 178],
)  # fmt: skip
def test_what_is_no_square_of_black_and_white_is_no_picture(rows: Any) -> None:
    assert Picture.from_json(rows) is None


@given(st.text(min_size=1, max_size=100))
def test_a_picture_draws_exactly_the_black_squares(text: str) -> None:
    drawn = picture(text)
    squares = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn.path):
        squares |= {(int(x) + step, int(y)) for step in range(int(length))}
    matrix = segno.make_qr(text.encode(), error="m", mode="byte", boost_error=False).matrix
    assert squares == {
        (x, y) for y, row in enumerate(matrix) for x, square in enumerate(row) if square
    }
    assert re.fullmatch(r"[Mhvz0-9 -]*", drawn.path)


@given(st.binary(min_size=16, max_size=16))
def test_a_new_code_can_be_typed(random_bytes: bytes) -> None:
    code = new_user_code(random_bytes)
    assert read_user_code(f"{code[:4]}-{code[4:]}") == code
    assert read_user_code(code.lower()) == code


@pytest.mark.parametrize(
    "typed", ["", "BCDFGHJ", "BCDFGHJKL", "BCDFGHJA", "BCDF_GHJK", "１２３４５６７８"]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_user_code(typed) is None
