"""The forms of the booking, with a login and without, and of subscriptions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Literal

from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal.forms.case import Case, Opened, Opener, at
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.shopping import order, put, subscribe
from tests.integration.portal.world import BANK, Browser, Portal, random_bytes

CHOOSE_KIND: Final = "Bitte entscheiden Sie sich für eine Einzelbuchung oder ein Abonnement."
CHOOSE_TERM: Final = "Bitte wählen Sie eine Laufzeit aus."
CHOOSE_PLAN: Final = "Bitte wählen Sie ein Paket und eine Laufzeit aus."
CHOOSE_METHOD: Final = "Bitte wählen Sie eine Zahlungsweise aus."
NO_CODE: Final = "Bitte geben Sie einen Gutscheincode ein."

BY_PAYPAL: Final = {"/orders/{number}/paypal", "/booking/orders/{number}/paypal"}
"""To PayPal and back: forms that are there only with a PayPal account, tried in
`paypal/test_forms.py`, and addresses that show no page of their own.
"""


async def _mail_entry(portal: Portal, browser: Browser) -> Opened:
    # The package of account 4711 ends in five days: the reminder comes, with its link.
    portal.clock.now = datetime(2026, 12, 19, 12, tzinfo=UTC)
    worker = Worker(House(Rules(), BANK), random_bytes)
    while await worker.work(portal.database, portal.clock.now):
        pass
    link = (await Postbox(portal).only()).link("/entry/mail")
    return await browser.get_exactly(link), "/entry/mail"


def _subscription(step: str) -> Opener:
    async def opened(portal: Portal, browser: Browser) -> Opened:
        address = await subscribe(portal, browser)
        if step == "resume":
            page = await browser.get(f"{address}/pause")
            await send(browser, page, f"{address}/pause")
        return await at(browser, f"{address}/{step}")

    return opened


async def enter(portal: Portal, browser: Browser, base: str) -> None:
    """Be maxmuster: logged in, or come from the hub, which puts a package into the cart."""
    if base:
        await browser.accept((await enrolled_hub(portal)).link())
    else:
        await browser.log_in("maxmuster")


def _shop(base: str) -> tuple[Case, ...]:
    """The forms that a login and a booking session both have."""

    async def package(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        return await at(browser, f"{base}/products/connect")

    async def cart(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        await put(browser, "complete", base)
        return await at(browser, f"{base}/cart")

    async def checkout(portal: Portal, browser: Browser) -> Opened:
        await cart(portal, browser)
        return await at(browser, f"{base}/checkout")

    async def cancel(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        return await at(browser, f"{await order(browser, 'complete', base)}/cancel")

    needs: Literal["login", "booking"] = "booking" if base else "login"
    return (
        Case(
            f"{base}/products/{{code}}",
            package,
            {"quantity": "12", "kind": "single"},
            strict=("quantity", "kind"),
            beside={"quantity": CHOOSE_TERM, "kind": CHOOSE_KIND},
            needs=needs,
        ),
        Case(
            f"{base}/cart",
            cart,
            # A code that nobody has made: so nothing that stands beside it may be done.
            {"voucher": "NOBODYS-CODE", "do": "redeem"},
            strict=("voucher", "remove", "withdraw", "do"),
            beside={"voucher": NO_CODE},
            kept=("voucher",),
            counted=True,
            needs=needs,
        ),
        Case(
            f"{base}/checkout",
            checkout,
            strict=("revision", "fingerprint", "terms", "method"),
            beside={"method": CHOOSE_METHOD},
            needs=needs,
        ),
        Case(f"{base}/orders/{{number}}/cancel", cancel, needs=needs),
    )


CASES: Final = (
    Case("/entry/mail", _mail_entry, strict=("token",)),
    *(
        Case(f"/subscriptions/{{number}}/{step}", _subscription(step), needs="login")
        for step in ("pause", "resume", "cancel")
    ),
    Case(
        "/subscriptions/{number}/change",
        _subscription("change"),
        strict=("plan",),
        beside={"plan": CHOOSE_PLAN},
        needs="login",
    ),
    *_shop(""),
    *_shop("/booking"),
)
