"""Whether PayPal would let us in, before a customer wants to pay."""

from __future__ import annotations

from dataclasses import replace

from cloudmatic_portal.clients.paypal.site import PayPalSite
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.services import checkup


async def verdict(site: PayPalSite) -> str:
    async with Transport(site, patience=5, pauses=()) as transport:
        return (await checkup.paypal(transport)).verdict


async def test_a_login_that_holds_is_good_and_another_one_bad(site: PayPalSite) -> None:
    assert await verdict(site) == "good"
    assert await verdict(replace(site, secret="not-the-secret-of-ours")) == "bad"
    assert await verdict(replace(site, base="http://localhost:9")) == "bad"


async def test_without_paypal_nothing_is_wrong() -> None:
    assert (await checkup.paypal(None)).verdict == "good"
