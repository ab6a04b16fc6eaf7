"""A forgotten password: a mail for the owner, nothing to learn for anybody else."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import select

from cloudmatic_portal.domain.password_reset import OPEN_AT_ONCE
from cloudmatic_portal.services.sessions import token_hash
from cloudmatic_portal.storage.tables import metadata, password_resets
from tests.integration.portal.every_form import NEW_EMAIL
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import PASSWORD, Answer, Browser, Portal

NEW = "ein ganz neues Wort"


async def ask(browser: Browser, name: str, wanted: str = "dashboard") -> Answer:
    page = await browser.get("/password", params={"next": wanted})
    form = {each: page.field(each) for each in ("form_token", "next")}
    return await browser.post("/password", form | {"name": name})


async def choose(browser: Browser, link: str, password: str = NEW) -> Answer:
    page = await browser.get_exactly(link)
    form = {each: page.field(each) for each in ("form_token", "token", "next")}
    return await browser.post("/password/new", form | {"password": password})


async def link_for(browser: Browser, postbox: Postbox, name: str = "maxmuster") -> str:
    assert (await ask(browser, name)).status == 303
    return (await postbox.only()).link("/password/new")


@pytest.mark.parametrize("name", ["maxmuster", " MAX@muster.example "])
async def test_a_new_password_by_mail(
    portal: Portal, browser: Browser, postbox: Postbox, name: str
) -> None:
    answer = await ask(browser, name, "cart")
    assert (answer.status, answer.location) == (303, "/password/sent")
    assert "Sehen Sie in Ihr Postfach" in (await browser.get("/password/sent")).words
    letter = await postbox.only()
    assert letter.recipient == "max@muster.example"
    assert letter.subject == "Neues Passwort für CloudMatic wählen"
    answer = await choose(browser, letter.link("/password/new"))
    assert (answer.status, answer.location) == (303, "/cart")
    assert (await browser.get("/cart")).status == 200
    assert (await postbox.only()).subject == "Ihr CloudMatic-Passwort wurde geändert"
    async with Browser(portal) as other:
        assert (await other.log_in("maxmuster", PASSWORD)).status == 403
        assert (await other.log_in("maxmuster", NEW)).status == 303


async def test_the_answer_does_not_tell_whether_there_is_an_account(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    answers = [await ask(browser, name) for name in ("maxmuster", "nobody", "n@nowhere.example")]
    assert {(each.status, each.location, each.text) for each in answers} == {
        (303, "/password/sent", "")
    }
    assert len(await postbox.empty()) == 1
    assert await portal.count("password_resets") == 1


async def test_looking_at_the_link_changes_nothing(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    before = await portal.rows()
    for _ in range(3):
        page = await browser.get_exactly(link)
        assert page.status == 200
        assert "Konto 4711 (maxmuster)" in page.words
        assert 'autocomplete="new-password"' in page.text
    assert await portal.rows() == before


async def test_the_database_does_not_know_the_token(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    token = link.partition("token=")[2].partition("&")[0]
    assert len(token) == 43
    async with portal.database.reading() as connection:
        stored = (await connection.execute(select(password_resets.c.token_hash))).scalar_one()
    assert stored == token_hash(token)
    assert token not in str(await portal.rows())


async def test_a_new_password_ends_everything_that_the_old_one_opened(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    hub = await enrolled_hub(portal)
    async with Browser(portal) as thief:
        await thief.log_in("maxmuster")
        await thief.accept(hub.link())
        device = thief.cookie("cm_device_4711")
        first = await link_for(browser, postbox)
        second = await link_for(browser, postbox)
        # A browser that logs in within the very second of the change would count as known.
        portal.clock.move(seconds=1)
        assert (await choose(browser, second)).status == 303
        assert (await thief.get("/dashboard")).status == 303
        assert (await thief.get("/booking/cart")).status == 403
        # Known no more: what it does from now on counts as a stranger's.
        assert thief.cookie("cm_device_4711") == device
        await thief.log_in("maxmuster", "wrong")
    assert await portal.count("attempts") == 1 + 3  # who asked for links; who guessed
    assert (await browser.get_exactly(first)).status == 410
    assert await portal.count("sessions") == 1


async def test_a_new_password_closes_the_change_of_address_that_waits(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    async with Browser(portal) as thief:
        await thief.log_in("maxmuster")
        await send(thief, await thief.get("/account/email"), "/account/email", NEW_EMAIL)
        letters = {each.recipient: each for each in await postbox.empty()}
        confirm = letters["max@neu.example"].link("/account/email/confirm")
        page = await thief.get_exactly(confirm)
        assert (await choose(browser, await link_for(browser, postbox))).status == 303
        answer = await send(thief, page, "/account/email/confirm")
    assert (answer.status, "gestoppt" in answer.words) == (410, True)
    async with Browser(portal) as other:
        assert (await other.log_in("max@muster.example", NEW)).status == 303


async def test_a_link_works_once_even_for_many_at_once(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    page = await browser.get_exactly(link)
    form = {each: page.field(each) for each in ("form_token", "token", "next")}
    answers = await asyncio.gather(
        *(
            browser.post("/password/new", form | {"password": f"{NEW} {number}"})
            for number in range(12)
        )
    )
    assert sorted(each.status for each in answers) == [303] + [410] * 11
    assert await portal.count("sessions") == 1
    assert len(await postbox.empty()) == 1


async def test_an_hour_later_the_link_is_too_old(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    portal.clock.move(minutes=59)
    page = await browser.get_exactly(link)
    assert page.status == 200
    portal.clock.move(minutes=1)
    form = {each: page.field(each) for each in ("form_token", "token", "next")}
    before = await portal.rows()
    for answer in (
        await browser.get_exactly(link),
        await browser.post("/password/new", form | {"password": NEW}),
    ):
        assert answer.status == 410
        assert "Der Link für ein neues Passwort ist abgelaufen" in answer.words
        assert 'href="/password"' in answer.text
    assert await portal.rows() == before


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "ü", "x" * 6000, "' OR 1=1 --", "<script>"])
async def test_a_link_that_is_not_ours(portal: Portal, browser: Browser, token: str) -> None:
    before = await portal.rows()
    page = await browser.get("/password/new", params={"token": token})
    assert page.status == 404
    assert "Diesen Link kennen wir nicht" in page.words
    assert "<script>" not in page.text
    form = {"form_token": (await browser.get("/password")).field("form_token")}
    answer = await browser.post("/password/new", form | {"token": token, "password": NEW})
    assert answer.status == 404
    assert await portal.rows() == before


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "Das Passwort ist zu kurz"),
        ("kurz", "Das Passwort ist zu kurz"),
        ("x" * 500 + "yz" * 300, "Das Passwort ist zu lang"),
        ("MaxMuster-2026", "Das Passwort ist ein Name"),
        ("passwort123", "Dieses Passwort verwenden viele"),
    ],
)
async def test_an_unfit_password_leaves_the_link_good(
    portal: Portal, browser: Browser, postbox: Postbox, password: str, sentence: str
) -> None:
    link = await link_for(browser, postbox)
    before = await portal.rows()
    answer = await choose(browser, link, password)
    assert answer.status == 422
    assert sentence in answer.words
    assert 'aria-describedby="password-hint password-problem" aria-invalid="true"' in answer.text
    assert await portal.rows() == before
    assert answer.field("token") in link
    assert (await choose(browser, link)).status == 303


async def test_nobody_floods_a_mailbox_and_the_owner_has_mails_that_work(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    for _ in range(8):
        assert (await ask(browser, "maxmuster")).status == 303
    letters = await postbox.empty()
    assert len(letters) == OPEN_AT_ONCE
    assert (await choose(browser, letters[0].link("/password/new"))).status == 303


async def test_who_asks_too_often_has_to_wait(portal: Portal, browser: Browser) -> None:
    answers = [await ask(browser, f"somebody{number}") for number in range(12)]
    assert [each.status for each in answers] == [303] * 11 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert "somebody11" in answers[-1].text
    assert "Aus Ihrem Netz kamen zu viele Anfragen" in answers[-1].words


async def test_an_empty_field_is_told_beside_it(portal: Portal, browser: Browser) -> None:
    before = await portal.rows()
    answer = await ask(browser, "  ")
    assert answer.status == 422
    assert 'id="name-problem"' in answer.text
    assert 'aria-describedby="name-problem"' in answer.text
    assert "Bitte füllen Sie dieses Feld aus" in answer.words
    for hostile in ("x" * 5000, "<script>alert(1)</script>", "%", "' OR '1'='1", "\u202e"):
        assert (await ask(browser, hostile)).status == 303
    assert (await portal.rows())["mails"] == before["mails"]


async def test_a_reset_lets_the_owner_in_while_strangers_guess(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    async with Browser(portal) as stranger:
        while (await stranger.log_in("maxmuster", "wrong")).status != 429:
            pass
    assert (await browser.log_in("maxmuster")).status == 429
    assert (await choose(browser, await link_for(browser, postbox))).status == 303
    page = await browser.get("/dashboard")
    await browser.post("/logout", {"form_token": page.field("form_token")})
    assert (await browser.log_in("maxmuster", NEW)).status == 303


async def test_the_mail_speaks_the_accounts_language(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    table = metadata.tables["accounts"]
    async with portal.database.writing() as connection:
        await connection.execute(table.update().where(table.c.id == 4712).values(language="en"))
    await ask(browser, "erikamuster")
    letter = await postbox.only()
    assert letter.subject == "Choose a new password for CloudMatic"
    assert re.search(r"works once", letter.text)
