"""The forms of logins and of the own account."""

from __future__ import annotations

from typing import Final

from tests.integration.portal.forms.case import (
    FILL_IN,
    TOO_SHORT,
    WRONG_CODE,
    Case,
    Opened,
    Opener,
    at,
)
from tests.integration.portal.pages import send
from tests.integration.portal.phone import FACTOR, STEP, owner_of_a_phone
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import PASSWORD, Browser, Portal

NEW_PASSWORD: Final = "ein ganz neues Wort"
REGISTRATION: Final = {
    "user_name": "neumann",
    "email": "nora@neumann.example",
    "password": NEW_PASSWORD,
}
NEW_EMAIL: Final = {"email": "max@neu.example", "current": PASSWORD}
BILLING: Final = {
    "name": "Max Muster",
    "street": "Lange Straße 7",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}
NAME_RULE: Final = "Bitte wählen Sie 3 bis 40 Buchstaben und Ziffern"
EMAIL_RULE: Final = "Bitte geben Sie eine vollständige E-Mail-Adresse an"
USED_CODE: Final = "Dieser Code ist falsch oder wurde schon benutzt."
NOT_YOURS: Final = "Das ist nicht Ihr Passwort."


async def _login(_: Portal, browser: Browser) -> Opened:
    return await at(browser, "/login")


async def _second_step(portal: Portal, browser: Browser) -> Opened:
    async with Browser(portal) as owner:
        await owner_of_a_phone(portal, owner)
    await browser.log_in("maxmuster")
    return await at(browser, STEP)


async def _logout(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await browser.get("/dashboard"), "/logout"


async def _logout_everywhere(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await at(browser, "/logout-everywhere")


async def _password(_: Portal, browser: Browser) -> Opened:
    return await at(browser, "/password")


async def _new_password(portal: Portal, browser: Browser) -> Opened:
    await send(browser, await browser.get("/password"), "/password", {"name": "maxmuster"})
    link = (await Postbox(portal).only()).link("/password/new")
    return await browser.get_exactly(link), "/password/new"


async def _register(_: Portal, browser: Browser) -> Opened:
    return await at(browser, "/register")


async def _confirm(portal: Portal, browser: Browser) -> Opened:
    await send(browser, await browser.get("/register"), "/register", REGISTRATION)
    link = (await Postbox(portal).only()).link("/register/confirm")
    return await browser.get_exactly(link), "/register/confirm"


def _account(page: str) -> Opener:
    async def opened(_: Portal, browser: Browser) -> Opened:
        await browser.log_in("maxmuster")
        return await at(browser, f"/account/{page}")

    return opened


def _factor(page: str) -> Opener:
    """A page of whoever has a second factor."""

    async def opened(portal: Portal, browser: Browser) -> Opened:
        await owner_of_a_phone(portal, browser)
        return await at(browser, f"{FACTOR}/{page}")

    return opened


async def _language(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await browser.get("/account"), "/account/language"


def _email(step: str, recipient: str) -> Opener:
    """The page of the link that comes to `recipient` with a change of the address."""

    async def opened(portal: Portal, browser: Browser) -> Opened:
        await browser.log_in("maxmuster")
        page = await browser.get("/account/email")
        await send(browser, page, "/account/email", NEW_EMAIL)
        letters = await Postbox(portal).empty()
        letter = next(each for each in letters if each.recipient == recipient)
        address = f"/account/email/{step}"
        return await browser.get_exactly(letter.link(address)), address

    return opened


async def _billing(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await at(browser, "/account/billing")


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
    Case(
        STEP,
        _second_step,
        # Nobody's code, so that whatever is tried, nobody is let in.
        {"code": "000000"},
        strict=("code",),
        beside={"code": FILL_IN},
        counted=True,
        needs="login",
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
    Case("/register/confirm", _confirm, strict=("token",)),
    Case("/account/language", _language, strict=("language",), needs="login"),
    Case(
        "/account/name",
        _account("name"),
        {"user_name": "max.neu", "current": PASSWORD},
        strict=("user_name", "current"),
        beside={"user_name": NAME_RULE, "current": NOT_YOURS},
        kept=("user_name",),
        counted=True,
        needs="login",
    ),
    Case(
        "/account/password",
        _account("password"),
        {"current": PASSWORD, "password": NEW_PASSWORD},
        strict=("current",),
        free=("password",),
        beside={"current": NOT_YOURS, "password": TOO_SHORT},
        counted=True,
        needs="login",
    ),
    Case(
        FACTOR,
        _account("second-factor"),
        {"code": "000000", "current": PASSWORD},
        strict=("offer", "code", "current"),
        beside={"code": WRONG_CODE, "current": NOT_YOURS},
        counted=True,
        needs="login",
    ),
    *(
        Case(
            f"{FACTOR}/{page}",
            _factor(page),
            {"code": "000000", "current": PASSWORD},
            strict=("code", "current"),
            beside={"code": USED_CODE, "current": NOT_YOURS},
            counted=True,
            needs="login",
        )
        for page in ("codes", "off")
    ),
    Case(
        "/account/email",
        _account("email"),
        NEW_EMAIL,
        strict=("email", "current"),
        beside={"email": EMAIL_RULE, "current": NOT_YOURS},
        kept=("email",),
        counted=True,
        needs="login",
    ),
    Case("/account/email/confirm", _email("confirm", "max@neu.example"), strict=("token",)),
    Case("/account/email/stop", _email("stop", "max@muster.example"), strict=("token",)),
    Case(
        "/account/delete",
        _account("delete"),
        {"current": PASSWORD, "understood": "1"},
        strict=("current", "understood"),
        beside={"current": NOT_YOURS, "understood": "Bitte setzen Sie hier den Haken"},
        counted=True,
        needs="login",
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
)
