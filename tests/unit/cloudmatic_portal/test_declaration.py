"""Declarations: what has to be in them, whose they are, which orders they name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.declaration import (
    LONGEST,
    Content,
    Declaration,
    references_in,
)
from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.domain.reference import grouped, new_reference
from tests.factories import NOW

CANCELLATION = Content(
    kind="cancellation",
    name="Max Muster",
    contract="CloudMatic Complete",
    email="max@muster.example",
    identification="4711",
    cancellation="ordinary",
)
ACCOUNT = Account(
    account_id=4711,
    user_name="maxmuster",
    email="max@muster.example",
    language="de",
    created_at=NOW,
)
references = st.binary(min_size=16, max_size=16).map(new_reference)


def faults(content: Content) -> dict[str, str]:
    with pytest.raises(FieldsUnfit) as unfit:
        content.require_fit()
    return dict(unfit.value.faults)


def test_a_cancellation_needs_what_the_law_names_and_no_more() -> None:
    CANCELLATION.require_fit()
    nothing = Content(kind="cancellation", name="", contract="", email="")
    needed = {"name", "contract", "email", "identification", "cancellation"}
    assert faults(nothing) == dict.fromkeys(needed, "missing")
    extraordinary = replace(CANCELLATION, cancellation="extraordinary")
    assert faults(extraordinary) == {"reason": "missing"}


def test_a_withdrawal_needs_name_contract_and_address() -> None:
    Content(kind="withdrawal", name="Max", contract="alles", email="m@x.example").require_fit()
    nothing = Content(kind="withdrawal", name="", contract="", email="nein")
    assert faults(nothing) == {"name": "missing", "contract": "missing", "email": "unfit"}


@pytest.mark.parametrize("field", LONGEST)
def test_a_text_has_a_length_that_a_mail_may_have(field: str) -> None:
    most = LONGEST[field]
    replace(CANCELLATION, **{field: "x" * most}).require_fit()  # type: ignore[arg-type]
    too_long = replace(CANCELLATION, **{field: "x" * (most + 1)})  # type: ignore[arg-type]
    assert faults(too_long) == {field: "long"}


@pytest.mark.parametrize(
    ("identification", "email", "named"),
    [
        ("4711", "max@muster.example", True),
        ("MaxMuster", "MAX@muster.example", True),
        ("4712", "max@muster.example", False),
        ("maxmuster", "erika@muster.example", False),
        ("", "max@muster.example", False),
    ],
)
def test_an_account_is_named_by_address_and_name_together(
    identification: str, email: str, named: bool
) -> None:
    content = replace(CANCELLATION, identification=identification, email=email)
    declaration = Declaration(
        reference="K7QX4MP9R", content=content, language="de", received_at=NOW
    )
    assert declaration.names(ACCOUNT) is named


@given(references)
def test_an_order_is_found_wherever_and_however_it_is_named(reference: str) -> None:
    for spelled in (reference, grouped(reference), grouped(reference).replace("-", " ").lower()):
        for text in ("{}", "Bestellung {}", "({}), bitte", "Nr.{}/2027"):
            assert reference in references_in(text.format(spelled))


@given(references, references)
def test_two_orders_are_two(one: str, other: str) -> None:
    found = references_in(f"{grouped(one)}, {grouped(other)}")
    assert set(found) >= {one, other}


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert all(len(each) == 9 for each in references_in(text))


def test_a_mistyped_number_and_a_part_of_a_word_are_none() -> None:
    good = new_reference(b"0123456789abcdef")
    bad = ("X" if good[0] != "X" else "Y") + good[1:]
    assert references_in(bad) == ()
    assert references_in(f"A{good}") == ()
    assert references_in(f"{good}B") == ()
