"""The hub status: what a portal says is what a hub reads, and nothing that cannot be trusted."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_link.formats import ACCOUNT_ID, PRODUCT
from cloudmatic_link.products import PACKAGES, Product
from cloudmatic_link.status import HubStatus, PackageStatus, StatusUnreadable
from tests.factories import CONNECT, TODAY, hub_status, period

NAMES = st.text(
    st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=200
).filter(str.strip)
PRODUCTS = st.builds(Product, st.from_regex(PRODUCT, fullmatch=True), NAMES)
GOOD = hub_status(period(TODAY, TODAY)).to_json()


@st.composite
def periods(draw: st.DrawFn) -> PackageStatus:
    first, last = sorted((draw(st.dates()), draw(st.dates())))
    return PackageStatus(draw(PRODUCTS), first, last, draw(st.booleans()))


@given(
    account_id=st.from_regex(ACCOUNT_ID, fullmatch=True),
    user_name=NAMES,
    packages=st.lists(periods(), max_size=5),
    products=st.lists(PRODUCTS, max_size=5),
)
def test_what_the_portal_writes_the_hub_reads(
    account_id: str, user_name: str, packages: list[PackageStatus], products: list[Product]
) -> None:
    in_order = sorted(packages, key=lambda each: (each.first_day, each.last_day))
    status = HubStatus(account_id, user_name, tuple(in_order), tuple(products))
    assert HubStatus.from_json(json.loads(json.dumps(status.to_json()))) == status


def test_packages_come_earliest_first_however_they_were_sent() -> None:
    later, sooner = period(date(2027, 1, 1), date(2027, 2, 1)), period(TODAY, TODAY, CONNECT)
    assert HubStatus.from_json(hub_status(later, sooner).to_json()).packages == (sooner, later)


def test_members_of_a_later_portal_are_ignored() -> None:
    document = GOOD | {"balance": 5, "version": 1, "account": GOOD["account"] | {"mail": "x"}}
    assert HubStatus.from_json(document) == HubStatus.from_json(GOOD)


def test_an_account_without_packages_is_a_status() -> None:
    assert HubStatus.from_json({"account": GOOD["account"]}).packages == ()


def changed(path: tuple[str | int, ...], value: object) -> Any:
    document = json.loads(json.dumps(GOOD))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


FIRST = ("packages", 0)


@pytest.mark.parametrize(
    ("path", "value", "member"),
    [
        (("account",), None, "account"), (("account",), [], "account"),
        (("account", "id"), None, "account.id"), (("account", "id"), 4711, "account.id"),
        (("account", "id"), "0", "account.id"), (("account", "id"), "4711\n", "account.id"),
        (("account", "user_name"), "", "user_name"), (("account", "user_name"), 1, "user_name"),
        (("account", "user_name"), "x" * 201, "user_name"),
        (("account", "user_name"), "\ud800", "user_name"),
        (("account", "user_name"), "max\nmuster", "user_name"),
        (("account", "user_name"), "max\x00", "user_name"),
        (("packages",), None, "packages"), (("packages",), {}, "packages"),
        (("packages",), "x", "packages"), (("packages",), [None], "packages"),
        (("packages",), [1] * 101, "packages"), (("products",), None, "products"),
        (("products",), [[]], "products"), (("products",), [{}], "product"),
        (("products",), [{"product": "connect"}], "name"),
        (("products",), [{"product": "../x", "name": "x"}], "product"),
        (("products",), [{"product": "connect", "name": "\udfff"}], "name"),
        ((*FIRST, "product"), None, "product"), ((*FIRST, "product"), "Connect", "product"),
        ((*FIRST, "name"), None, "name"), ((*FIRST, "from"), None, "from"),
        ((*FIRST, "from"), "", "from"), ((*FIRST, "from"), 20261123, "from"),
        ((*FIRST, "from"), "2026-02-30", "from"), ((*FIRST, "from"), "2026-11-23T00:00", "from"),
        ((*FIRST, "from"), "20261123", "from"), ((*FIRST, "from"), "2026-W48-1", "from"),
        ((*FIRST, "from"), "２０２６-11-23", "from"), ((*FIRST, "until"), "0000-00-00", "until"),
        ((*FIRST, "until"), "2026-11-22", "until"),
    ],
)  # fmt: skip
def test_the_member_that_cannot_be_trusted_is_named(
    path: tuple[str | int, ...], value: object, member: str
) -> None:
    with pytest.raises(StatusUnreadable) as unreadable:
        HubStatus.from_json(changed(path, value))
    assert unreadable.value.member == member


@pytest.mark.parametrize("trial", ["true", 1, None, [], {}])
def test_a_trial_is_a_trial_only_where_it_says_so(trial: object) -> None:
    assert HubStatus.from_json(changed((*FIRST, "trial"), True)).packages[0].trial
    assert not HubStatus.from_json(changed((*FIRST, "trial"), trial)).packages[0].trial


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [("account",), ("account", "id"), ("account", "user_name"), ("packages",), FIRST,
     (*FIRST, "product"), (*FIRST, "name"), (*FIRST, "from"), (*FIRST, "until"), ("products",),
     ("products", 0), ("products", 0, "product"), ("products", 0, "name"), ("version",)]
)  # fmt: skip


@given(JSON, PATHS)
def test_no_document_makes_the_reader_fail_in_another_way(
    value: object, path: tuple[str | int, ...]
) -> None:
    for document in (value, changed(path, value)):
        try:
            status = HubStatus.from_json(document)
        except StatusUnreadable:
            continue
        # What was accepted can be kept in a file and shown on a page.
        json.dumps(status.to_json(), ensure_ascii=False).encode("utf-8")


def test_the_packages_of_the_help_page_are_products_of_the_agreed_format() -> None:
    assert [each.name.removeprefix("CloudMatic ") for each in PACKAGES] == [
        "Connect", "SmartHome", "Complete", "FullService",
    ]  # fmt: skip
    assert all(PRODUCT.fullmatch(each.code) for each in PACKAGES)
