"""PayPal's sandbox, and our client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloudmatic_portal.clients.paypal.api import PayPal, Wish
from cloudmatic_portal.clients.paypal.site import PayPalSite
from cloudmatic_portal.clients.paypal.transport import Transport
from cloudmatic_portal.domain.money import Money
from tests.paypal_sandbox.server import CLIENT_ID, SECRET, WEBHOOK_ID, Sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def site(sandbox: Sandbox, tmp_path: Path) -> PayPalSite:
    return PayPalSite(
        base=sandbox.base,
        client_id=CLIENT_ID,
        secret=SECRET,
        webhook_id=WEBHOOK_ID,
        authorities=sandbox.authorities(tmp_path),
    )


@pytest.fixture
async def paypal(site: PayPalSite) -> AsyncIterator[PayPal]:
    async with Transport(site, patience=5, pauses=(0.01, 0.01)) as transport:
        yield PayPal(transport)


@pytest.fixture
def wish() -> Wish:
    return Wish(
        reference="K7QX4MP9R",
        number=1,
        amount=Money(2400),
        title="CloudMatic Complete",
        language="de",
        return_url="http://localhost/return",
        cancel_url="http://localhost/cancel",
    )
