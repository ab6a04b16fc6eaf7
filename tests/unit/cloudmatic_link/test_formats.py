"""Origins and key ids have one form each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link.formats import KEY_ID, parse_origin
from tests.factories import hub_key


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://portal.example", "https://portal.example"),
        (" https://portal.example/ \n", "https://portal.example"),
        ("HTTPS://Portal.Example:443", "https://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_origin_has_one_spelling(text: str, origin: str) -> None:
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "", "portal.example", "//portal.example", "ftp://portal.example", "https://",
        "https://user@portal.example", "https://portal.example/book", "https://portal.example?x",
        "https://portal.example#x", "https://portal.example:", "https://portal.example:0x1",
        "https://portal.example:65536", "https://portal.example:٣", "https://pörtal.example",
        "https://portal.example;form-action *", "https://portal.example *", "https://por tal",
        "https://portal.example\\@evil.example", "javascript:alert(1)", "https://[::1",
        "https://por\ntal.example", "https://por\ttal.example", "https://portal..example",
        "https://" + "a" * 64 + ".example", "https://-portal.example", "https://portal-.example",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|[Pp]ort|IPv6"):
        parse_origin(text)


@pytest.mark.parametrize(
    "text",
    ["http://portal.example", "http://127.0.0.2", "http://127.1", "http://localhost.example",
     "http://0.0.0.0", "http://192.168.1.2"],
)  # fmt: skip
def test_plain_http_is_for_this_machine_only(text: str) -> None:
    with pytest.raises(ValueError, match="https"):
        parse_origin(text)


@given(st.text(max_size=60) | st.text(max_size=40).map("https://".__add__))
def test_an_origin_read_again_is_the_same_and_safe_in_a_header(text: str) -> None:
    try:
        origin = parse_origin(text)
    except ValueError:
        return
    assert parse_origin(origin) == origin
    assert not set(origin) & set(" ;,'\"<>\\\r\n\t")


def test_a_key_id_is_a_thumbprint_and_nothing_like_it() -> None:
    key_id = hub_key().key_id
    assert KEY_ID.fullmatch(key_id)
    for wrong in (key_id[:-1], key_id + "A", key_id + "\n", key_id[:-1] + "B", "+" + key_id[1:]):
        assert not KEY_ID.fullmatch(wrong)
