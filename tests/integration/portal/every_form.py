"""Every form of the site: the page that it stands on, what fills it, and what it says if it is not.

Whoever adds a form adds a row; `test_every_form.py` notices a route without one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from cloudmatic_link.api import LINK_FIELD
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from tests.integration.portal.pages import Value, send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.shopping import order, put, subscribe
from tests.integration.portal.world import (
    BANK,
    PASSWORD,
    Answer,
    Browser,
    Portal,
    enrolled_hub,
    random_bytes,
)

Opened = tuple[Answer, str]
"""The page, and the address that the form goes to."""

NEW_PASSWORD: Final = "ein ganz neues Wort"
FILL_IN: Final = "Bitte füllen Sie dieses Feld aus."
CHOOSE_KIND: Final = "Bitte entscheiden Sie sich für eine Einzelbuchung oder ein Abonnement."
CHOOSE_TERM: Final = "Bitte wählen Sie eine Laufzeit aus."
CHOOSE_PLAN: Final = "Bitte wählen Sie ein Paket und eine Laufzeit aus."
CHOOSE_METHOD: Final = "Bitte wählen Sie eine Zahlungsweise aus."
NO_CODE: Final = "Bitte geben Sie einen Gutscheincode ein."
NAME_RULE: Final = "Bitte wählen Sie 3 bis 40 Buchstaben und Ziffern"
EMAIL_RULE: Final = "Bitte geben Sie eine vollständige E-Mail-Adresse an"
TOO_SHORT: Final = "Das Passwort ist zu kurz"


@dataclass(frozen=True)
class Case:
    """One form.

    `good` fills it. `strict` are fields in which nothing but what is good is taken; `free` ones
    may hold anything of the right length. `beside` is the sentence beside a field that was left
    empty, `kept` are the fields that still hold what was typed. `counted` is a form that must not
    be sent too often, `mute` one that answers alike whatever it was told, because anything else
    would tell about accounts.
    """

    route: str
    open: Callable[[Portal, Browser], Awaitable[Opened]]
    good: Mapping[str, Value] = field(default_factory=dict)
    strict: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    counted: bool = False
    mute: bool = False
    needs: Literal["login", "booking"] | None = None


async def _at(browser: Browser, address: str) -> Opened:
    return await browser.get(address), address


async def _login(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/login")


async def _logout(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await browser.get("/dashboard"), "/logout"


async def _logout_everywhere(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await _at(browser, "/logout-everywhere")


async def _password(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/password")


async def _new_password(portal: Portal, browser: Browser) -> Opened:
    await send(browser, await browser.get("/password"), "/password", {"name": "maxmuster"})
    link = (await Postbox(portal).only()).link("/password/new")
    return await browser.get_exactly(link), "/password/new"


REGISTRATION: Final = {
    "user_name": "neumann",
    "email": "nora@neumann.example",
    "password": NEW_PASSWORD,
}


async def _register(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/register")


async def _confirm(portal: Portal, browser: Browser) -> Opened:
    await send(browser, await browser.get("/register"), "/register", REGISTRATION)
    link = (await Postbox(portal).only()).link("/register/confirm")
    return await browser.get_exactly(link), "/register/confirm"


async def _entry(portal: Portal, browser: Browser) -> Opened:
    link = (await enrolled_hub(portal)).link()
    return await browser.show_link(link), "/entry"


BILLING: Final = {
    "name": "Max Muster",
    "street": "Lange Straße 7",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}


async def _billing(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await _at(browser, "/account/billing")


async def _mail_entry(portal: Portal, browser: Browser) -> Opened:
    # The package of account 4711 ends in five days: the reminder comes, with its link.
    portal.clock.now = datetime(2026, 12, 19, 12, tzinfo=UTC)
    worker = Worker(House(Rules(), BANK), random_bytes)
    while await worker.work(portal.database, portal.clock.now):
        pass
    link = (await Postbox(portal).only()).link("/entry/mail")
    return await browser.get_exactly(link), "/entry/mail"


def _subscription(step: str) -> Callable[[Portal, Browser], Awaitable[Opened]]:
    async def opened(portal: Portal, browser: Browser) -> Opened:
        address = await subscribe(portal, browser)
        if step == "resume":
            page = await browser.get(f"{address}/pause")
            await send(browser, page, f"{address}/pause")
        return await _at(browser, f"{address}/{step}")

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
        return await _at(browser, f"{base}/products/connect")

    async def cart(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        await put(browser, "complete", base)
        return await _at(browser, f"{base}/cart")

    async def checkout(portal: Portal, browser: Browser) -> Opened:
        await cart(portal, browser)
        return await _at(browser, f"{base}/checkout")

    async def cancel(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        return await _at(browser, f"{await order(browser, 'complete', base)}/cancel")

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
            strict=("revision", "fingerprint", "method"),
            beside={"method": CHOOSE_METHOD},
            needs=needs,
        ),
        Case(f"{base}/orders/{{number}}/cancel", cancel, needs=needs),
    )


CASES: Final = (
    Case(
        "/login",
        _login,
        {"name": "maxmuster", "password": PASSWORD},
        strict=("name", "password"),
        beside={"name": FILL_IN, "password": FILL_IN},
        kept=("name",),
        counted=True,
    ),
    Case("/logout", _logout),
    Case("/logout-everywhere", _logout_everywhere, needs="login"),
    Case(
        "/password",
        _password,
        {"name": "maxmuster"},
        strict=("name",),
        beside={"name": FILL_IN},
        kept=("name",),
        counted=True,
        mute=True,
    ),
    Case(
        "/password/new",
        _new_password,
        {"password": NEW_PASSWORD},
        strict=("token",),
        free=("password",),
        beside={"password": TOO_SHORT},
    ),
    Case(
        "/register",
        _register,
        REGISTRATION,
        strict=("user_name", "email"),
        free=("password",),
        beside={"user_name": NAME_RULE, "email": EMAIL_RULE, "password": TOO_SHORT},
        kept=("user_name", "email"),
        counted=True,
    ),
    Case(
        "/account/billing",
        _billing,
        BILLING,
        strict=("name", "street", "postcode", "city", "country"),
        beside={
            **dict.fromkeys(("name", "street", "postcode", "city"), FILL_IN),
            "country": "Bitte wählen Sie ein Land aus der Liste.",
        },
        needs="login",
    ),
    Case("/register/confirm", _confirm, strict=("token",)),
    Case("/entry", _entry, strict=(LINK_FIELD,)),
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
