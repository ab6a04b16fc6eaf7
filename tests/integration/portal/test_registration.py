"""From a stranger to a customer: one account, one trial, and nothing given away on the way."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from cloudmatic_portal.storage.tables import (
    access_periods,
    accounts,
    product_texts,
    products,
    registrations,
    terms,
)
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.world import (
    TODAY,
    Answer,
    Browser,
    Portal,
)

PASSWORD = "ein langer Satz"
FORM = {"user_name": "neumann", "email": "nora@neumann.example", "password": PASSWORD}


async def register(browser: Browser, **changes: str) -> Answer:
    page = await browser.get("/register")
    form = {each: page.field(each) for each in ("form_token", "next")}
    return await browser.post("/register", form | FORM | changes)


async def confirm(browser: Browser, link: str) -> Answer:
    page = await browser.get_exactly(link)
    form = {each: page.field(each) for each in ("form_token", "token", "next")}
    return await browser.post("/register/confirm", form)


async def link_for(browser: Browser, postbox: Postbox, **changes: str) -> str:
    assert (await register(browser, **changes)).status == 303
    return (await postbox.only()).link("/register/confirm")


async def new_accounts(portal: Portal) -> list[int]:
    query = select(accounts.c.id).where(accounts.c.id.not_in([4711, 4712]))
    async with portal.database.reading() as connection:
        return list((await connection.execute(query)).scalars())


async def test_a_stranger_becomes_a_customer_with_a_trial(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    answer = await register(browser, next="cart", user_name="  Nora Neumann ")
    assert (answer.status, answer.location) == (303, "/register/sent")
    assert "Sehen Sie in Ihr Postfach" in (await browser.get("/register/sent")).words
    assert await new_accounts(portal) == []
    letter = await postbox.only()
    assert (letter.recipient, letter.subject) == (
        "nora@neumann.example",
        "Bestätigen Sie Ihr CloudMatic-Konto",
    )
    assert "Neumann" not in letter.text.replace("neumann.example", "")
    page = await browser.get_exactly(letter.link("/register/confirm"))
    assert "Nora Neumann" in page.words
    answer = await confirm(browser, letter.link("/register/confirm"))
    assert (answer.status, answer.location) == (303, "/cart")

    [number] = await new_accounts(portal)
    assert 1_000_000 <= number <= 9_999_999
    words = (await browser.get("/dashboard")).words
    assert "Willkommen, Nora Neumann" in words
    assert "CloudMatic Complete Testzugang Noch 29 Tage Aktiv bis 22.12.2026" in words
    async with portal.database.reading() as connection:
        query = select(access_periods).where(access_periods.c.account_id == number)
        [period] = await connection.execute(query)
    assert (period.first_day, period.last_day) == (TODAY, TODAY + timedelta(days=29))
    assert (period.product, period.trial, period.last_day) == (
        "complete",
        True,
        date(2026, 12, 22),
    )
    welcome = await postbox.only()
    assert welcome.subject == "Willkommen bei CloudMatic"
    for fact in (str(number), "Nora Neumann", "CloudMatic Complete", "22.12.2026"):
        assert fact in welcome.text
    async with Browser(portal) as other:
        assert (await other.log_in("nora@neumann.example", PASSWORD)).status == 303
    assert PASSWORD not in str(await portal.rows())


async def test_looking_at_the_link_changes_nothing(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    before = await portal.rows()
    for _ in range(3):
        assert (await browser.get_exactly(link)).status == 200
    assert await portal.rows() == before


async def test_the_answer_does_not_tell_whether_an_address_is_known(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    known = await register(browser, email="MAX@muster.example")
    unknown = await register(browser)
    assert (known.status, known.location, known.text) == (
        unknown.status,
        unknown.location,
        unknown.text,
    )
    first, second = await postbox.empty()
    assert (first.recipient, second.recipient) == ("nora@neumann.example", "max@muster.example")
    assert second.subject == "Sie haben schon ein CloudMatic-Konto"
    assert "maxmuster" in second.text
    assert "/register/confirm" not in second.text
    assert await portal.count("registrations") == 1


async def test_a_taken_user_name_is_told_at_the_field_and_all_but_the_password_is_kept(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    answer = await register(browser, user_name="MaxMuster")
    assert answer.status == 422
    assert "Dieser Benutzername ist vergeben" in answer.words
    assert 'aria-describedby="user_name-hint user_name-problem" aria-invalid="true"' in answer.text
    assert answer.field("next") == "dashboard"
    for kept in ('value="MaxMuster"', 'value="nora@neumann.example"'):
        assert kept in answer.text
    assert PASSWORD not in answer.text
    assert await postbox.empty() == []


WRONG = [
    ({"user_name": ""}, "user_name", "Bitte wählen Sie 3 bis 40 Buchstaben"),
    ({"user_name": "x" * 41}, "user_name", "Bitte wählen Sie 3 bis 40 Buchstaben"),
    ({"user_name": "<script>x</script>"}, "user_name", "Bitte wählen Sie 3 bis 40 Buchstaben"),
    ({"user_name": "max@muster.example"}, "user_name", "Bitte wählen Sie 3 bis 40 Buchstaben"),
    ({"email": ""}, "email", "Bitte geben Sie eine vollständige E-Mail-Adresse an"),
    ({"email": "nora"}, "email", "Bitte geben Sie eine vollständige E-Mail-Adresse an"),
    ({"email": "n@" + "x" * 5000}, "email", "Bitte geben Sie eine vollständige E-Mail-Adresse an"),
    ({"email": 'a@b.de" onfocus="x'}, "email", "Bitte geben Sie eine vollständige E-Mail"),
    ({"password": ""}, "password", "Das Passwort ist zu kurz"),
    ({"password": "neumann-2026"}, "password", "Das Passwort ist ein Name"),
    ({"password": "Passwort1234"}, "password", "Dieses Passwort verwenden viele"),
    ({"password": "xyz" * 400}, "password", "Das Passwort ist zu lang"),
]


@pytest.mark.parametrize(("changes", "field", "sentence"), WRONG)
async def test_what_is_wrong_is_told_beside_its_field_and_changes_nothing(
    portal: Portal, browser: Browser, changes: dict[str, str], field: str, sentence: str
) -> None:
    before = await portal.rows()
    answer = await register(browser, **changes)
    assert answer.status == 422
    assert sentence in answer.words
    assert f'id="{field}-problem"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    assert "<script>" not in answer.text
    assert 'onfocus="x' not in answer.text
    assert await portal.rows() == before


async def test_everything_that_is_wrong_is_told_at_once(portal: Portal, browser: Browser) -> None:
    answer = await register(browser, user_name="", email="", password="")
    assert answer.text.count('aria-invalid="true"') == 3


async def test_the_link_works_once_and_says_so(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    page = await browser.get_exactly(link)
    form = {each: page.field(each) for each in ("form_token", "token", "next")}
    answers = await asyncio.gather(*(browser.post("/register/confirm", form) for _ in range(12)))
    assert sorted(each.status for each in answers) == [303] + [410] * 11
    assert len(await new_accounts(portal)) == 1
    assert len(await postbox.empty()) == 1
    again = await browser.get_exactly(link)
    assert "Ihr Konto ist schon angelegt" in again.words
    assert 'href="/login"' in again.text


async def test_after_two_days_the_link_is_too_old(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    portal.clock.move(hours=48)
    answer = await browser.get_exactly(link)
    assert answer.status == 410
    assert "Die Bestätigung ist abgelaufen" in answer.words
    assert 'href="/register"' in answer.text


@pytest.mark.parametrize("token", ["", "A" * 43, "ü" * 43, "x" * 6000, "<script>"])
async def test_a_link_that_is_not_ours(portal: Portal, browser: Browser, token: str) -> None:
    before = await portal.rows()
    page = await browser.get("/register/confirm", params={"token": token})
    assert page.status == 404
    assert "<script>" not in page.text
    form = {"form_token": (await browser.get("/register")).field("form_token"), "token": token}
    assert (await browser.post("/register/confirm", form)).status == 404
    assert await portal.rows() == before


async def test_without_the_trials_product_there_is_still_an_account(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    async with portal.database.writing() as connection:
        for table in (access_periods, terms, product_texts):
            await connection.execute(delete(table).where(table.c.product == "complete"))
        await connection.execute(delete(products).where(products.c.code == "complete"))
    assert (await confirm(browser, link)).status == 303
    assert "Kein Paket" in (page := (await browser.get("/dashboard")).words) or "kein Paket" in page
    assert "testen" not in (await postbox.only()).text


async def test_a_registration_speaks_the_language_of_the_page(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    await browser.get("/register?lang=en")
    link = await link_for(browser, postbox)
    assert "Confirm your account" in (await browser.get_exactly(link)).words
    await confirm(browser, link)
    assert (await postbox.only()).subject == "Welcome to CloudMatic"


async def test_the_password_is_erased_with_the_confirmation(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    await confirm(browser, await link_for(browser, postbox))
    async with portal.database.reading() as connection:
        [row] = await connection.execute(select(registrations))
    assert (row.password_hash, row.used_at) == (None, portal.clock.now)


async def test_whoever_is_logged_in_as_somebody_else_is_logged_in_anew(
    portal: Portal, browser: Browser, postbox: Postbox
) -> None:
    link = await link_for(browser, postbox)
    await browser.log_in("maxmuster")
    former = browser.cookie("cm_session")
    assert (await confirm(browser, link)).status == 303
    assert "neumann" in (await browser.get("/dashboard")).words
    async with Browser(portal) as other:
        headers = {"Cookie": f"cm_session={former}"}
        assert (await other.get("/dashboard", headers=headers)).status == 303
