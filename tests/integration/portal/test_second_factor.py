"""The second factor on the account's pages: set up, looked after, switched off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from cloudmatic_portal.app import make_app
from cloudmatic_portal.domain.second_factor import WARN_AFTER
from cloudmatic_portal.domain.throttle import RULES
from cloudmatic_portal.storage.tables import recovery_codes, second_factors
from tests.integration.portal.customer import delete, exported
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.phone import (
    CODE_PAGE,
    FACTOR,
    Phone,
    codes_on,
    logged_in,
    owner_of_a_phone,
    secret_on,
    set_up,
    type_code,
)
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import PASSWORD, Answer, Browser, Portal, random_bytes


async def change(browser: Browser, page: str, **typed: str) -> Answer:
    address = f"{FACTOR}/{page}"
    return await send(browser, await browser.get(address), address, typed)


async def test_it_counts_once_a_code_and_the_password_confirm_it(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    await browser.log_in("maxmuster")
    assert "Ausgeschaltet" in (await browser.get("/account")).words
    before = await portal.rows()
    page = await browser.get(FACTOR)
    assert "<svg" in page.text
    assert await portal.rows() == before
    phone = Phone(portal, secret_on(page), ())
    wrong = await send(browser, page, FACTOR, {"code": "000000", "current": PASSWORD})
    assert (wrong.status, secret_on(wrong)) == (422, phone.secret)
    assert "Diesen Code zeigt die App gerade nicht" in Page(wrong).beside("code")
    refused = await send(browser, page, FACTOR, {"code": phone.code(), "current": "falsch"})
    assert "Das ist nicht Ihr Passwort" in Page(refused).beside("current")
    assert await portal.count("second_factors") == 0
    answer = await send(browser, page, FACTOR, {"code": phone.code(), "current": PASSWORD})
    codes = codes_on(answer)
    assert (answer.status, len(set(codes))) == (200, 10)
    letter = await postbox.only()
    assert letter.subject == "Zweiter Faktor Ihres CloudMatic-Kontos eingeschaltet"
    words = (await browser.get("/account")).words
    assert "Eingeschaltet" in words
    assert "10 Wiederherstellungscodes sind übrig" in words
    # The codes and the secret are shown this once, and the database knows neither.
    assert (await browser.get(FACTOR)).location == "/account"
    dump = str(await portal.rows())
    for secret in (phone.secret, *codes, *(each.replace("-", "") for each in codes)):
        assert secret not in dump
        assert secret not in letter.text


async def test_setting_up_logs_out_whoever_else_came_in_by_the_password(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    async with Browser(portal) as thief, Browser(portal) as at_the_hub:
        await thief.log_in("maxmuster")
        await at_the_hub.accept(hub.link())
        await owner_of_a_phone(portal, browser)
        assert await logged_in(browser)
        assert not await logged_in(thief)
        # What came by no password stays as it is.
        assert (await at_the_hub.get("/booking/cart")).status == 200


async def test_a_browser_that_was_known_by_the_password_alone_is_a_stranger_then(
    portal: Portal, browser: Browser
) -> None:
    """Else each of a thousand such browsers could guess codes by itself."""
    async with Browser(portal) as thief:
        await thief.log_in("maxmuster")
        portal.clock.move(minutes=1)
        phone = await owner_of_a_phone(portal, browser)
        await thief.log_in("maxmuster")
        for _ in range(RULES["second_factor"]["here"].free + 1):
            assert (await type_code(thief, "000000")).status == 403
        async with Browser(portal) as stranger:
            await stranger.log_in("maxmuster")
            # They count together.
            assert (await type_code(stranger, phone.code())).status == 429
    # The browser that has set it up is known.
    await send(browser, await browser.get("/dashboard"), "/logout")
    await browser.log_in("maxmuster")
    assert (await type_code(browser, phone.code())).status == 303


@pytest.mark.parametrize("page", ["codes", "off"])
async def test_whoever_guesses_on_the_accounts_pages_is_told_of(
    browser: Browser, phone: Phone, postbox: Postbox, page: str
) -> None:
    assert phone.codes
    for count in range(1, WARN_AFTER + 1):
        assert (await change(browser, page, code="000000", current=PASSWORD)).status in {403, 422}
        assert len(await postbox.empty()) == (1 if count == WARN_AFTER else 0)


async def test_a_secret_is_taken_only_from_the_session_that_it_was_shown_in(
    portal: Portal, browser: Browser
) -> None:
    await browser.log_in("maxmuster")
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        foreign = await other.get(FACTOR)
        code = Phone(portal, secret_on(foreign), ()).code()
        for offer in (foreign.field("offer"), "", "AAAA", "ü", "x" * 500):
            page = await browser.get(FACTOR)
            typed = {"offer": offer, "code": code, "current": PASSWORD}
            assert (await send(browser, page, FACTOR, typed)).status == 403
    assert await portal.count("second_factors") == 0


async def test_a_booking_from_a_hub_neither_wants_the_factor_nor_reaches_it(
    portal: Portal, phone: Phone
) -> None:
    hub = await enrolled_hub(portal)
    async with Browser(portal) as at_the_hub:
        assert (await at_the_hub.accept(hub.link())).location == "/booking/cart"
        assert (await at_the_hub.get("/booking/cart")).status == 200
        for path in (FACTOR, f"{FACTOR}/codes", f"{FACTOR}/off"):
            assert (await at_the_hub.get(path)).location.startswith("/login")
            token = (await at_the_hub.get("/login")).field("form_token")
            typed = {"form_token": token, "current": PASSWORD, "code": phone.code()}
            assert (await at_the_hub.post(path, typed)).location.startswith("/login")
    assert await portal.count("second_factors") == 1


async def test_new_recovery_codes_replace_those_of_before(
    portal: Portal, phone: Phone, browser: Browser, postbox: Postbox
) -> None:
    answer = await change(browser, "codes", current=PASSWORD, code=phone.code())
    codes = codes_on(answer)
    assert (answer.status, len(set(codes) - set(phone.codes))) == (200, 10)
    assert (await postbox.only()).subject == "Neue Wiederherstellungscodes für Ihr CloudMatic-Konto"
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("maxmuster")
        assert (await type_code(elsewhere, phone.codes[0])).status == 403
        assert (await type_code(elsewhere, codes[0])).status == 303


@pytest.mark.parametrize("by_recovery_code", [False, True])
async def test_it_is_switched_off_by_the_password_and_a_code(
    portal: Portal, phone: Phone, browser: Browser, postbox: Postbox, by_recovery_code: bool
) -> None:
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("maxmuster")
        code = phone.codes[0] if by_recovery_code else phone.code()
        answer = await change(browser, "off", current=PASSWORD, code=code)
        assert (answer.status, answer.location) == (303, "/account?saved=1")
        # The page for the code leads back to the login, where the password is enough.
        assert (await elsewhere.get(CODE_PAGE)).location == "/login?next=dashboard"
        assert (await elsewhere.log_in("maxmuster")).location == "/dashboard"
    letter = await postbox.only()
    assert letter.subject == "Zweiter Faktor Ihres CloudMatic-Kontos ausgeschaltet"
    assert [await portal.count(each) for each in ("second_factors", "recovery_codes")] == [0, 0]
    assert "Ausgeschaltet" in (await browser.get("/account")).words
    for page in ("codes", "off"):
        assert (await browser.get(f"{FACTOR}/{page}")).location == "/account"
    assert len((await set_up(portal, browser)).codes) == 10


@pytest.mark.parametrize("page", ["codes", "off"])
async def test_neither_the_password_nor_a_code_alone_changes_it(
    portal: Portal, phone: Phone, browser: Browser, page: str
) -> None:
    before = await portal.rows_but_tallies()
    for typed, field in (
        ({"current": "falsch", "code": phone.code()}, "current"),
        ({"current": PASSWORD, "code": "000000"}, "code"),
        ({"current": PASSWORD, "code": "K7QX-4M9P-RTW2-8HJC"}, "code"),
        ({"current": PASSWORD, "code": ""}, "code"),
    ):
        answer = await change(browser, page, **typed)
        assert answer.status == 422
        assert Page(answer).beside(field)
    assert await portal.rows_but_tallies() == before


async def test_codes_cannot_be_guessed_on_the_account_pages_either(
    phone: Phone, browser: Browser
) -> None:
    for _ in range(RULES["second_factor"]["device"].free + 1):
        assert (await change(browser, "off", current=PASSWORD, code="000000")).status == 422
    waits = await change(browser, "off", current=PASSWORD, code=phone.code())
    assert (waits.status, "Passwort oder Code waren zu oft falsch" in waits.words) == (429, True)


async def test_with_another_secret_of_the_portal_recovery_codes_still_help(
    portal: Portal, phone: Phone
) -> None:
    settings = replace(portal.settings, secret=b"another secret, as after a burglary......")
    app = make_app(settings, clock=portal.clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        changed = Portal(server, settings, portal.clock, portal.database)
        async with Browser(changed) as elsewhere:
            await elsewhere.log_in("maxmuster")
            assert (await type_code(elsewhere, phone.code())).status == 403
            assert (await type_code(elsewhere, phone.codes[0])).status == 303
            off = await change(elsewhere, "off", current=PASSWORD, code=phone.codes[1])
            assert off.location == "/account?saved=1"


async def test_the_copy_of_the_own_data_names_it_and_not_its_secret(
    portal: Portal, phone: Phone, browser: Browser
) -> None:
    tables = await exported(browser)
    [factor] = tables["second_factors"]
    assert set(factor) == {"account_id", "totp_step", "created_at"}
    assert len(tables["recovery_codes"]) == 10
    assert set(tables["recovery_codes"][0]) == {"account_id", "created_at", "used_at"}
    assert phone.secret not in str(tables)
    assert "Anmeldung mit zweitem Faktor" in (await browser.get("/account/data")).words
    async with portal.database.reading() as connection:
        sealed = (await connection.execute(select(second_factors.c.totp_sealed))).scalar_one()
        hashes = (await connection.execute(select(recovery_codes.c.code_hash))).scalars().all()
    assert len(sealed) > len(phone.secret)
    assert {len(each) for each in hashes} == {32}


async def test_it_goes_with_the_account(portal: Portal, phone: Phone, browser: Browser) -> None:
    assert phone.codes
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("maxmuster")
    assert await portal.count("second_steps") == 1
    assert (await delete(browser)).location.startswith("/account/deleted")
    for table in ("second_factors", "recovery_codes", "second_steps"):
        assert await portal.count(table) == 0
