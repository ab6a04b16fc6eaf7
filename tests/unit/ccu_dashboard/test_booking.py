"""A link is signed only by the hub that is known for exactly this account, portal and key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from ccu_dashboard.domain.account import Account, NotLinked, Pending
from ccu_dashboard.domain.booking import PlainLink, SignedLink, Target, WhyPlain
from ccu_dashboard.domain.errors import BookingImpossible, UnknownProduct
from ccu_dashboard.services.booking import Booking
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.overview import Overview, overview
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import hub_key, status_cache
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory
from cloudmatic_link import signing
from cloudmatic_link.claims import BookingLink
from cloudmatic_link.products import Product
from tests.factories import (
    ACCOUNT_ID,
    CONNECT,
    NOW,
    PORTAL,
    SERIAL,
    TODAY,
    USER_KEY,
    USER_NAME,
    hub_status,
)
from tests.simulated_ccu.account_files import Case, account_files, linked
from tests.unit.ccu_dashboard.conftest import write_account_files


def zeros(length: int) -> bytes:
    return bytes(length)


def clock_at(instant: datetime) -> HubClock:
    return HubClock(lambda: instant, lambda: 1000.0)


def enrol(settings: Settings, **changes: str) -> None:
    key = hub_key.load_or_create(settings.hub_key)
    facts = {"portal": PORTAL, "account_id": ACCOUNT_ID, "key_id": key.key_id} | changes
    status_cache.save(settings.status, PortalMemory(enrolment=Enrolment(**facts)))


def shown_by(settings: Settings) -> Overview:
    return asyncio.run(overview(settings, TODAY))


def target(
    settings: Settings,
    product: str = "complete",
    clock: HubClock | None = None,
    random_bytes: Callable[[int], bytes] = zeros,
) -> Target:
    booking = Booking(settings, clock or clock_at(NOW), random_bytes)
    return booking.target(shown_by(settings), product)


def why_plain(settings: Settings, clock: HubClock | None = None) -> WhyPlain:
    link = target(settings, clock=clock)
    assert isinstance(link, PlainLink)
    assert link == PlainLink(f"{PORTAL}/products?product=complete", USER_NAME, link.why)
    return link.why


def test_an_enrolled_hub_signs_for_its_linked_account(settings: Settings) -> None:
    enrol(settings)
    signed = target(settings, "connect")
    assert isinstance(signed, SignedLink)
    parts = urlsplit(signed.address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{PORTAL}/entry"
    [token] = parse_qs(parts.query)["link"]
    public = hub_key.load_or_create(settings.hub_key).public
    claims = signing.verify(token, BookingLink, public, audience=PORTAL, now=NOW)
    assert (claims.issuer, claims.subject, claims.product) == (SERIAL, ACCOUNT_ID, "connect")
    assert (claims.issued_at, claims.months, claims.kind) == (NOW, None, None)


def test_two_clicks_make_two_links(settings: Settings) -> None:
    enrol(settings)
    first = target(settings, random_bytes=lambda length: b"a" * length)
    assert first != target(settings, random_bytes=lambda length: b"b" * length)


def test_the_address_of_a_signed_link_does_not_show_in_logs(settings: Settings) -> None:
    enrol(settings)
    assert repr(target(settings)) == "SignedLink()"


def test_a_hub_that_is_not_enrolled_leads_to_the_website(settings: Settings) -> None:
    assert why_plain(settings) is WhyPlain.NOT_ENROLLED
    hub_key.load_or_create(settings.hub_key)
    assert why_plain(settings) is WhyPlain.NOT_ENROLLED


@pytest.mark.parametrize(
    "changes",
    [{"portal": "https://other.example"}, {"account_id": "4712"}, {"key_id": "A" * 43}],
    ids=repr,
)
def test_an_enrolment_for_another_portal_account_or_key_signs_nothing(
    settings: Settings, changes: dict[str, str]
) -> None:
    enrol(settings, **changes)
    assert why_plain(settings) is WhyPlain.NOT_ENROLLED


def test_a_hub_that_is_linked_anew_does_not_sign_for_the_account_before(
    settings: Settings,
) -> None:
    enrol(settings)
    assert isinstance(target(settings), SignedLink)
    write_account_files(settings.vendor_folder, linked(ends=TODAY, userid=815, user="erika"))
    link = target(settings)
    assert link == PlainLink(f"{PORTAL}/products?product=complete", "erika", WhyPlain.NOT_ENROLLED)


def test_a_lost_key_signs_nothing(settings: Settings) -> None:
    enrol(settings)
    settings.hub_key.unlink()
    assert why_plain(settings) is WhyPlain.NOT_ENROLLED


def test_a_damaged_key_signs_nothing(settings: Settings) -> None:
    enrol(settings)
    settings.hub_key.write_bytes(b"x")
    assert why_plain(settings) is WhyPlain.KEY_UNUSABLE
    settings.hub_key.unlink()
    settings.hub_key.mkdir()
    assert why_plain(settings) is WhyPlain.KEY_UNUSABLE


def test_a_hub_without_serial_signs_nothing(settings: Settings) -> None:
    enrol(settings)
    files = account_files(Case.IDS_COPROCESSOR_ERROR, TODAY)
    write_account_files(settings.vendor_folder, files)
    assert why_plain(settings) is WhyPlain.NO_SERIAL


def test_a_hub_without_a_clock_signs_only_by_the_portals(settings: Settings) -> None:
    enrol(settings)
    clock = clock_at(datetime(1970, 1, 1, tzinfo=UTC))
    assert why_plain(settings, clock) is WhyPlain.NO_CLOCK
    clock.set_by_portal(NOW)
    assert isinstance(target(settings, clock=clock), SignedLink)


@pytest.mark.parametrize("account", [NotLinked(), NotLinked(vendor_files=False), Pending()])
def test_without_a_linked_account_there_is_nobody_to_book_for(
    settings: Settings, account: Account
) -> None:
    booking = Booking(settings, clock_at(NOW), zeros)
    with pytest.raises(BookingImpossible):
        booking.target(replace(shown_by(settings), account=account), "complete")


@pytest.mark.parametrize("product", ["", "unheard", "Complete", "complete\n", "../x", "notifyme"])
def test_what_is_not_offered_is_not_booked(settings: Settings, product: str) -> None:
    enrol(settings)
    with pytest.raises(UnknownProduct):
        target(settings, product)


def test_neither_link_holds_the_user_key(settings: Settings) -> None:
    plain = target(settings)
    enrol(settings)
    signed = target(settings)
    assert isinstance(plain, PlainLink)
    assert isinstance(signed, SignedLink)
    assert USER_KEY not in plain.address + signed.address


def remember(settings: Settings, products: tuple[Product, ...]) -> None:
    enrolment = Enrolment(PORTAL, ACCOUNT_ID, "A" * 43)
    status = hub_status(products=products)
    status_cache.save(settings.status, PortalMemory(enrolment, status, None, NOW))


def test_the_active_package_can_be_booked_under_the_name_that_the_portal_gives_it(
    settings: Settings,
) -> None:
    remember(settings, (CONNECT, Product("complete", "CloudMatic Complete 2027")))
    shown = shown_by(settings)
    assert shown.active_offer == Product("complete", "CloudMatic Complete 2027")
    assert shown.others == (CONNECT,)


def test_a_package_that_is_no_longer_offered_cannot_be_booked(settings: Settings) -> None:
    remember(settings, (CONNECT,))
    assert shown_by(settings).active_offer is None
    assert shown_by(settings).others == (CONNECT,)
    with pytest.raises(UnknownProduct):
        target(settings, "complete")


def test_what_the_portal_said_of_another_account_counts_for_nothing(settings: Settings) -> None:
    remember(settings, (CONNECT,))
    write_account_files(settings.vendor_folder, linked(ends=TODAY, userid=815))
    shown = shown_by(settings)
    assert len(shown.offered) == 4
    assert not shown.portal_heard
