"""Orders, access over time, and warnings of its end on the hub's pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloudmatic_link.orders import BankData, OpenOrder, PaidOrder
from cloudmatic_link.status import PackageStatus
from cloudmatic_portal.web.qr import picture
from tests.factories import COMPLETE, CONNECT, hub_status
from tests.integration.dashboard.conftest import PREFIX, TODAY, Dashboard
from tests.integration.dashboard.linking import remember, scanned, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

GIROCODE = "BCD\n002\n1\nSCT\nBYLADEM1001\nCloudMatic\nDE02120300000000202051\nEUR24.00\n\n\nK7Q"
ORDER = OpenOrder(
    number="K7Q-X4M-P9R",
    items=("CloudMatic Complete",),
    due=2400,
    currency="EUR",
    method="transfer",
    pay_until=TODAY + timedelta(days=14),
    bank=BankData(
        holder="CloudMatic", iban="DE02120300000000202051", bic="BYLADEM1001", reference="K7Q"
    ),
    girocode=GIROCODE,
    qr=picture(GIROCODE),
)


async def test_an_open_order_is_shown_with_what_a_transfer_needs(state: Dashboard) -> None:
    running = PackageStatus(COMPLETE, TODAY - timedelta(days=30), TODAY + timedelta(days=60))
    remember(state, replace(hub_status(running), orders=(ORDER,)))
    sid = state.ccu.engine.login("Bewohner")
    page = await state.ask(sid=sid)
    said = words(page)
    for each in ("Bestellung offen: K7Q-X4M-P9R", "24,00\u00a0€", "DE02120300000000202051", "K7Q"):
        assert each in page.text, said
    assert scanned(page) == GIROCODE
    english = await state.ask(sid=sid, language="en")
    assert "€24.00" in english.text
    # The page waits for the payment, and sees it without being loaded by hand.
    mark = (await state.ask(f"{PREFIX}state", sid=sid)).text
    assert f'data-mark="{mark}"' in page.text
    paid = PaidOrder(
        number="K7Q-X4M-P9R", items=("CloudMatic Complete",), paid_on=TODAY,
        last_day=TODAY + timedelta(days=425),
    )  # fmt: skip
    remember(state, replace(hub_status(running), paid=(paid,)))
    assert (await state.ask(f"{PREFIX}state", sid=sid)).text != mark
    page = await state.ask(sid=sid)
    until = (TODAY + timedelta(days=425)).strftime("%d.%m.%Y")
    assert f"Bezahlt: CloudMatic Complete , aktiv bis {until}" in words(page)
    assert "Bestellung offen" not in page.text


async def test_access_over_time_is_a_picture_with_its_words_beside_it(state: Dashboard) -> None:
    trial = PackageStatus(
        COMPLETE, TODAY - timedelta(days=3), TODAY + timedelta(days=10), trial=True
    )
    queued = PackageStatus(CONNECT, TODAY + timedelta(days=11), TODAY + timedelta(days=375))
    remember(state, hub_status(trial, queued))
    page = await state.ask(sid=state.ccu.engine.login("Bewohner"))
    assert page.text.count('class="trial" x=') == page.text.count('class="queued" x=') == 1
    assert "(Testzugang)" in page.text
    assert "(gebucht)" in page.text
    # What follows without a gap is no end to be warned of.
    assert "Ihr Zugang endet" not in page.text


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (14, "Ihr Zugang endet in 14 Tagen"),
        (5, "Ihr Zugang endet in 5 Tagen"),
        (1, "Ihr Zugang endet in 1 Tag,"),
        (0, "Ihr Zugang endet heute"),
        (-1, "Ihr Zugang endete am"),
    ],
)
async def test_an_end_is_warned_of(state: Dashboard, days: int, sentence: str) -> None:
    ends = PackageStatus(COMPLETE, TODAY - timedelta(days=30), TODAY + timedelta(days=days))
    remember(state, hub_status(ends))
    assert sentence in words(await state.ask(sid=state.ccu.engine.login("Bewohner")))


async def test_days_of_grace_are_warned_of(state: Dashboard) -> None:
    over = PackageStatus(COMPLETE, TODAY - timedelta(days=30), TODAY - timedelta(days=1))
    grace = PackageStatus(COMPLETE, TODAY, TODAY + timedelta(days=6), grace=True)
    remember(state, hub_status(over, grace))
    page = await state.ask(sid=state.ccu.engine.login("Bewohner"))
    assert "Die Zahlung Ihres Abonnements ist überfällig" in words(page)
