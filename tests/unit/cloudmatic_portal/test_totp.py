"""Codes of the second factor."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.totp import address, matching_step, read_code

# RFC 6238, appendix B; of eight digits the last six.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.mark.parametrize(("second", "code"), VECTORS.items())
def test_the_codes_are_those_of_the_rfc(second: int, code: str) -> None:
    now = datetime.fromtimestamp(second, UTC)
    assert matching_step(SECRET, code, now) == second // 30


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(steps: int, counts: bool) -> None:
    second = 1234567890
    now = datetime.fromtimestamp(second, UTC) + timedelta(seconds=30 * steps)
    found = matching_step(SECRET, VECTORS[second], now)
    assert found == (second // 30 if counts else None)


@given(st.text(max_size=12))
def test_nothing_but_six_digits_is_a_code(text: str) -> None:
    code = read_code(text)
    if code is not None:
        assert len(code) == 6
        assert set(code) <= set("0123456789")
    assert read_code("12 3 456") == "123456"
    assert read_code("１２３４５６") is None


def test_an_app_reads_name_and_issuer() -> None:
    said = address(SECRET, "anna")
    assert said.startswith("otpauth://totp/CloudMatic:anna?")
    assert f"secret={SECRET}" in said
