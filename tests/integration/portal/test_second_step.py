"""The second step of a login: what it keeps out, and that its owner is never kept out."""

from __future__ import annotations

import asyncio

import pytest

from cloudmatic_portal.domain.errors import SecondFactorRefused
from cloudmatic_portal.domain.second_factor import WARN_AFTER
from cloudmatic_portal.domain.throttle import RULES
from cloudmatic_portal.services import retention, second_step
from cloudmatic_portal.services.sessions import token_hash
from cloudmatic_portal.storage import second_step as stored_step
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.pages import send
from tests.integration.portal.phone import (
    CODE_PAGE,
    FACTOR,
    STEP,
    Phone,
    logged_in,
    type_code,
)
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import (
    PASSWORD,
    Browser,
    Portal,
)

NEW = "ein ganz neues Wort"


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


async def test_a_step_that_ends_while_a_code_is_wrong_is_too_late_and_no_error(
    portal: Portal, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert phone.codes

    async def refuse(database: Database, *_: object, **__: object) -> None:
        async with database.writing() as connection:
            await stored_step.remove_all(connection, 4711)
        raise SecondFactorRefused

    monkeypatch.setattr(second_step, "finish", refuse)
    async with Browser(portal) as elsewhere:
        await elsewhere.log_in("maxmuster")
        answer = await type_code(elsewhere, "000000")
        assert (answer.status, answer.location) == (303, "/login?next=dashboard&late=1")


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
