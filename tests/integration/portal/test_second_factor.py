"""The second factor of a customer: what it keeps out, and that its owner is never kept out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from cloudmatic_portal.app import make_app
from cloudmatic_portal.domain.second_factor import WARN_AFTER
from cloudmatic_portal.domain.throttle import RULES
from cloudmatic_portal.services import retention
from cloudmatic_portal.services.sessions import token_hash
from cloudmatic_portal.storage.tables import recovery_codes, second_factors
from tests.integration.portal.customer import delete, exported
from tests.integration.portal.pages import Page, send
from tests.integration.portal.phone import (
    FACTOR,
    STEP,
    Phone,
    codes_on,
    owner_of_a_phone,
    secret_on,
    set_up,
    type_code,
)
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import (
    PASSWORD,
    Answer,
    Browser,
    Portal,
    enrolled_hub,
    random_bytes,
)

CODE_PAGE = "/login/code?next=dashboard"
NEW = "ein ganz neues Wort"


@pytest.fixture
async def phone(portal: Portal, browser: Browser) -> Phone:
    """Of maxmuster, who is logged in in `browser`; no letter about it waits any more."""
    made = await owner_of_a_phone(portal, browser)
    await Postbox(portal).empty()
    return made


@pytest.fixture
def postbox(portal: Portal) -> Postbox:
    return Postbox(portal)


async def logged_in(browser: Browser) -> bool:
    return (await browser.get("/dashboard")).status == 200


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


async def test_the_right_password_leads_to_the_code_and_the_code_to_the_page_that_was_wanted(
    portal: Portal, phone: Phone
) -> None:
    async with Browser(portal) as elsewhere:
        page = await elsewhere.get("/login", params={"next": "cart"})
        typed = {"name": "maxmuster", "password": PASSWORD}
        first = await send(elsewhere, page, "/login", typed)
        assert (first.status, first.location) == (303, "/login/code?next=cart")
        assert elsewhere.cookie("cm_session") is None
        assert not await logged_in(elsewhere)
        answer = await type_code(elsewhere, phone.code(), "cart")
        assert (answer.status, answer.location) == (303, "/cart")
        assert (await elsewhere.get("/cart")).status == 200
        # The first step is over with it.
        assert (await elsewhere.get(CODE_PAGE)).location == "/login?next=dashboard"
    assert await portal.count("second_steps") == 0


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("pair?code=BCDF-GHJK", "/pair?code=BCDF-GHJK"),
        ("products/complete?quantity=12&kind=single", None),
        ("account/second-factor/off", "/account/second-factor/off"),
        ("https://elsewhere.example", "/dashboard"),
        ("//elsewhere.example", "/dashboard"),
    ],
)
async def test_what_was_wanted_survives_a_wrong_code_and_leads_nowhere_else(
    portal: Portal, phone: Phone, wanted: str, reached: str | None
) -> None:
    async with Browser(portal) as elsewhere:
        page = await elsewhere.get("/login", params={"next": wanted})
        first = await send(elsewhere, page, "/login", {"name": "maxmuster", "password": PASSWORD})
        page = await elsewhere.get_exactly(first.location)
        wrong = await send(elsewhere, page, STEP, {"code": "000000"})
        answer = await send(elsewhere, wrong, STEP, {"code": phone.code()})
        assert (answer.status, answer.location) == (303, reached or f"/{wanted}")
        await elsewhere.log_in("maxmuster")
        token = (await elsewhere.get(CODE_PAGE)).field("form_token")
        portal.clock.move(seconds=30)
        forged = {"form_token": token, "code": phone.code(), "next": "https://elsewhere.example"}
        assert (await elsewhere.post(STEP, forged)).location == "/dashboard"


async def test_the_session_of_before_ends_with_the_second_step_and_not_earlier(
    portal: Portal, phone: Phone
) -> None:
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("erikamuster")
        former = elsewhere.cookie("cm_session")
        await elsewhere.log_in("maxmuster")
        assert elsewhere.cookie("cm_session") == former
        assert "erikamuster" in (await elsewhere.get("/account")).words
        assert (await type_code(elsewhere, phone.code())).status == 303
        assert "maxmuster" in (await elsewhere.get("/account")).words
        new = elsewhere.cookie("cm_session")
        assert new not in {former, None}
        url = portal.url("/")
        elsewhere.session.cookie_jar.update_cookies({"cm_session": str(former)}, url)
        assert not await logged_in(elsewhere)


async def test_a_wrong_password_is_answered_as_without_a_second_factor(
    portal: Portal, phone: Phone
) -> None:
    answers = []
    for name in ("maxmuster", "erikamuster", "nobody"):
        async with Browser(portal) as elsewhere:
            answers.append(await elsewhere.log_in(name, "falsch"))
            assert elsewhere.cookie("cm_step") is None
    told = {(each.status, each.words.replace(phone.secret, "")) for each in answers}
    assert len(told) == 1
    assert await portal.count("second_steps") == 0


async def test_whoever_has_no_second_factor_logs_in_as_ever(portal: Portal, phone: Phone) -> None:
    assert phone.codes
    async with Browser(portal) as elsewhere:
        assert (await elsewhere.log_in("erikamuster")).location == "/dashboard"


async def test_a_code_is_good_once_whoever_types_it(portal: Portal, phone: Phone) -> None:
    async with Browser(portal) as one, Browser(portal) as other:
        for each in (one, other):
            await each.log_in("maxmuster")
        code = phone.code()
        assert (await type_code(one, code)).status == 303
        refused = await type_code(other, code)
        assert (refused.status, "Dieser Code stimmt nicht" in refused.words) == (403, True)
        # Nor is the one before it, though a clock may be so late.
        assert (await type_code(other, phone.code(-1))).status == 403
        portal.clock.move(seconds=30)
        assert (await type_code(other, phone.code())).status == 303


async def test_of_many_at_once_with_one_code_one_comes_in(portal: Portal, phone: Phone) -> None:
    browsers = [Browser(portal) for _ in range(4)]
    for each in browsers:
        await each.__aenter__()
        await each.log_in("maxmuster")
    pages = [await each.get(CODE_PAGE) for each in browsers]
    for typed in (phone.code(), phone.codes[0]):
        answers = await asyncio.gather(
            *(
                send(each, page, STEP, {"code": typed})
                for each, page in zip(browsers, pages, strict=True)
            )
        )
        assert [each.status for each in answers].count(303) == 1
        for each in browsers:
            await each.log_in("maxmuster")
    for each in browsers:
        await each.__aexit__()


@pytest.mark.parametrize("spelled", ["{}", "lower", "spaces"])
async def test_a_recovery_code_lets_its_owner_in_once_and_a_mail_says_so(
    portal: Portal, phone: Phone, postbox: Postbox, spelled: str
) -> None:
    code = phone.codes[3]
    typed = {"lower": code.lower(), "spaces": code.replace("-", " ")}.get(spelled, code)
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("maxmuster")
        page = await elsewhere.get(f"{CODE_PAGE}&recovery=1")
        assert "Wiederherstellungscode" in page.words
        answer = await send(elsewhere, page, STEP, {"code": typed})
        assert (answer.status, answer.location) == (303, "/dashboard")
        letter = await postbox.only()
        assert letter.subject == "Ein Wiederherstellungscode Ihres CloudMatic-Kontos wurde benutzt"
        assert "9 Wiederherstellungscodes sind übrig" in letter.text
        assert "9 Wiederherstellungscodes sind übrig" in (await elsewhere.get("/account")).words
    async with Browser(portal) as again:
        await again.log_in("maxmuster")
        page = await again.get(f"{CODE_PAGE}&recovery=1")
        refused = await send(again, page, STEP, {"code": code})
        assert (refused.status, 'name="recovery"' in refused.text) == (403, True)
        assert (await type_code(again, phone.codes[4])).status == 303


async def test_the_first_step_is_good_for_five_minutes_and_for_nothing_else(
    portal: Portal, phone: Phone
) -> None:
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("maxmuster")
        for path in ("/dashboard", "/account", "/cart", FACTOR, "/checkout", "/account/data.json"):
            assert (await elsewhere.get(path)).location.startswith("/login")
        step = elsewhere.cookie("cm_step")
        assert step is not None
        assert token_hash(step).hex() not in (await elsewhere.get(CODE_PAGE)).text
        url = portal.url("/")
        elsewhere.session.cookie_jar.update_cookies({"cm_session": step, "cm_booking": step}, url)
        assert not await logged_in(elsewhere)
        assert (await elsewhere.get("/booking/cart")).status == 403
        elsewhere.session.cookie_jar.clear(lambda each: each.key in {"cm_session", "cm_booking"})
        page = await elsewhere.get(CODE_PAGE)
        portal.clock.move(minutes=5)
        late = await send(elsewhere, page, STEP, {"code": phone.code()})
        assert late.location == "/login?next=dashboard&late=1"
        assert "hat zu lange gedauert" in (await elsewhere.get(late.location)).words
    async with Browser(portal) as stranger:
        assert (await stranger.get(CODE_PAGE)).location == "/login?next=dashboard"
    portal.clock.move(seconds=1)
    await retention.sweep(portal.database, portal.clock.now)
    assert await portal.count("second_steps") == 0


async def test_a_first_step_is_bound_to_its_browser(portal: Portal, phone: Phone) -> None:
    async with Browser(portal) as thief, Browser(portal) as other:
        await thief.log_in("maxmuster")
        page = await other.get("/login")
        form = {"form_token": page.field("form_token"), "code": phone.code(), "next": "dashboard"}
        answer = await other.post(STEP, form)
        assert answer.location == "/login?next=dashboard&late=1"


async def test_wrong_codes_make_guessing_slow_and_its_owner_is_told(
    portal: Portal, phone: Phone, browser: Browser, postbox: Postbox
) -> None:
    async with Browser(portal) as thief:
        await thief.log_in("maxmuster")
        for count in range(1, RULES["second_factor"]["here"].free + 2):
            assert (await type_code(thief, "000000")).status == 403
            letters = await postbox.empty()
            assert len(letters) == (1 if count == WARN_AFTER else 0)
            if letters:
                assert letters[0].subject == "Jemand kennt vielleicht Ihr CloudMatic-Passwort"
        waits = await type_code(thief, phone.code())
        assert (waits.status, "zu viele falsche Codes" in waits.words) == (429, True)
        assert waits.headers["Retry-After"] == "10"
        # A new first step is no way round it.
        await thief.log_in("maxmuster")
        assert (await type_code(thief, phone.code())).status == 429
    # The owner's own browser, which is known, does not wait because somebody else guesses.
    await send(browser, await browser.get("/dashboard"), "/logout")
    await browser.log_in("maxmuster")
    assert (await type_code(browser, phone.code())).status == 303


async def test_a_right_code_takes_the_count_back(portal: Portal, phone: Phone) -> None:
    async with Browser(portal) as elsewhere:
        for _ in range(3):
            await elsewhere.log_in("maxmuster")
            for _ in range(RULES["second_factor"]["here"].free):
                assert (await type_code(elsewhere, "000000")).status == 403
            assert (await type_code(elsewhere, phone.code())).status == 303
            await send(elsewhere, await elsewhere.get("/dashboard"), "/logout")
            portal.clock.move(seconds=30)


async def test_a_new_password_by_mail_neither_logs_in_without_the_factor_nor_switches_it_off(
    portal: Portal, phone: Phone, postbox: Postbox
) -> None:
    async with Browser(portal) as elsewhere:
        forgotten = await elsewhere.get("/password", params={"next": "cart"})
        await send(elsewhere, forgotten, "/password", {"name": "maxmuster"})
        link = (await postbox.only()).link("/password/new")
        page = await elsewhere.get_exactly(link)
        answer = await send(elsewhere, page, "/password/new", {"password": NEW})
        assert (answer.status, answer.location) == (303, "/login/code?next=cart")
        assert not await logged_in(elsewhere)
        assert (await type_code(elsewhere, "000000")).status == 403
        assert (await type_code(elsewhere, phone.code(), "cart")).location == "/cart"
    assert await portal.count("second_factors") == 1


async def test_a_new_password_ends_logins_that_waited_for_the_code(
    portal: Portal, phone: Phone, browser: Browser
) -> None:
    async with Browser(portal) as thief:
        await thief.log_in("maxmuster")
        page = await thief.get(CODE_PAGE)
        typed = {"current": PASSWORD, "password": NEW}
        await send(browser, await browser.get("/account/password"), "/account/password", typed)
        assert await logged_in(browser)
        answer = await send(thief, page, STEP, {"code": phone.code()})
        assert answer.location == "/login?next=dashboard&late=1"


async def test_logging_out_everywhere_ends_them_too(
    portal: Portal, phone: Phone, browser: Browser
) -> None:
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("maxmuster")
        everywhere = "/logout-everywhere"
        await send(browser, await browser.get(everywhere), everywhere)
        assert (await elsewhere.get(CODE_PAGE)).location == "/login?next=dashboard"
    assert phone.codes


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
