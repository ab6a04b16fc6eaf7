"""Orders in the hub status: what came later may miss, be unknown, or be read by an older hub."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link.orders import BankData, OpenOrder, PaidOrder, SubscriptionStatus
from cloudmatic_link.status import HubStatus
from cloudmatic_portal.web.qr import picture
from tests.factories import TODAY, hub_status, period

ORDER = OpenOrder(
    number="K7Q-X4M-P9R",
    items=("CloudMatic Complete",),
    due=2400,
    currency="EUR",
    method="transfer",
    pay_until=date(2026, 12, 7),
    bank=BankData(
        holder="CloudMatic", iban="DE02120300000000202051", bic="BYLADEM1001", reference="K7Q"
    ),
    girocode="BCD\n002\n1\nSCT",
    qr=picture("BCD\n002\n1\nSCT"),
)
PAID = PaidOrder(number="AAA-AAA-AAA", items=("Connect",), paid_on=TODAY, last_day=TODAY)
SUBSCRIPTION = SubscriptionStatus(name="Complete", months=12, state="active", waiting=None)
FULL = replace(
    hub_status(period(TODAY, TODAY)), orders=(ORDER,), paid=(PAID,), subscriptions=(SUBSCRIPTION,)
)


def test_what_the_portal_writes_the_hub_reads() -> None:
    assert HubStatus.from_json(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_a_hub_reads_the_status_of_the_portal_before_it() -> None:
    """Version n-1: packages and products only, without grace."""
    document = FULL.to_json()
    for member in ("orders", "paid", "subscriptions"):
        del document[member]
    del document["packages"][0]["grace"]
    assert HubStatus.from_json(document) == hub_status(period(TODAY, TODAY))


def test_a_hub_reads_the_status_of_the_portal_after_it() -> None:
    """Version n+1: new members everywhere, and new words where there were known ones."""
    document = FULL.to_json() | {"version": 2, "messages": 5}
    document["orders"][0] |= {"method": "instant", "instalments": []}
    document["orders"][0]["bank"] |= {"country": "DE"}
    document["subscriptions"][0] |= {"state": "on-hold", "discount": 5}
    document["packages"][0] |= {"seats": 3}
    read = HubStatus.from_json(document)
    assert read.orders == (replace(ORDER, method="instant"),)
    assert read.subscriptions[0].state == "on-hold"


def test_the_hub_before_ours_reads_our_status() -> None:
    """It looks at these members only; they are as they were."""
    document = FULL.to_json()
    assert document["version"] == 1
    assert document["account"] == {"id": FULL.account_id, "user_name": FULL.user_name}
    package = document["packages"][0]
    assert {name: package[name] for name in ("product", "name", "from", "until", "trial")} == {
        "product": "complete",
        "name": "CloudMatic Complete",
        "from": TODAY.isoformat(),
        "until": TODAY.isoformat(),
        "trial": False,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"number": "<b>"}, {"number": None}, {"due_cents": 0}, {"due_cents": "2400"},
        {"due_cents": True}, {"due_cents": 10**12}, {"currency": "euro"}, {"pay_until": "soon"},
        {"pay_until": "2026-02-30"}, {"items": [1]}, {"items": "x"}, {"items": ["x"] * 21},
        {"method": "Transfer!"}, {"bank": {"iban": "x"}}, {"bank": []},
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_read_is_left_out_and_the_rest_stays(change: Any) -> None:
    document = FULL.to_json()
    document["orders"].append(document["orders"][0] | change)
    assert HubStatus.from_json(document) == FULL


@pytest.mark.parametrize("change", [{"qr": ["<svg>"]}, {"qr": 5}, {"girocode": 5}])
def test_an_order_without_a_picture_that_can_be_read_has_none(change: Any) -> None:
    document = FULL.to_json()
    document["orders"][0] |= change
    (order,) = HubStatus.from_json(document).orders
    assert order.number == ORDER.number
    assert None in {order.qr, order.girocode}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(JSON, st.sampled_from(["orders", "paid", "subscriptions"]), st.booleans())
def test_nothing_in_these_members_makes_the_status_unreadable(
    value: object, member: str, inside: bool
) -> None:
    document = FULL.to_json()
    document[member] = [value] if inside else value
    json.dumps(HubStatus.from_json(document).to_json(), ensure_ascii=False).encode()
