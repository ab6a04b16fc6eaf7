"""A form counts only from a page that this service made for this session."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccu_dashboard.domain.errors import FormStale
from ccu_dashboard.domain.session import Sid
from ccu_dashboard.web.forms import FormTokens

FORMS = FormTokens(b"secret of this start")
SID = Sid("vJTeQPbTwS")
TOKEN = FORMS.make(SID)


def test_the_token_of_a_page_is_good_for_its_session() -> None:
    FORMS.check(SID, TOKEN)


def test_a_token_of_another_session_or_start_is_stale() -> None:
    for token in (FORMS.make(Sid("vJTeQPbTwT")), FormTokens(b"earlier").make(SID)):
        with pytest.raises(FormStale):
            FORMS.check(SID, token)


@given(
    st.text(max_size=80) | st.sampled_from([TOKEN[:-1], TOKEN + "0", TOKEN.upper(), TOKEN + " "])
)
def test_nothing_else_is_a_token(token: str) -> None:
    with pytest.raises(FormStale):
        FORMS.check(SID, token)


@pytest.mark.parametrize("token", ["\ud800", "\udfff" * 64])
def test_a_token_that_no_encoding_knows_is_stale_not_an_error(token: str) -> None:
    with pytest.raises(FormStale):
        FORMS.check(SID, token)


def test_a_token_does_not_show_its_session() -> None:
    assert SID.core not in TOKEN
