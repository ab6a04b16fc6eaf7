"""Logging in and out, and what is to be seen in between."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from cloudmatic_portal.domain.access import AccessPeriod
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import token_hash
from cloudmatic_portal.storage import access as stored_access
from cloudmatic_portal.storage.tables import sessions
from tests.integration.portal.world import LAST_DAY, PASSWORD, TODAY, Browser, Portal


@pytest.mark.parametrize(
    "name", ["maxmuster", "MaxMuster", " maxmuster ", "max@muster.example", "MAX@Muster.example"]
)
async def test_user_name_or_e_mail_in_any_spelling_and_the_password(
    browser: Browser, name: str
) -> None:
    answer = await browser.log_in(name)
    assert (answer.status, answer.location) == (303, "/dashboard")
    assert "Willkommen, maxmuster" in (await browser.get("/dashboard")).words


async def test_unknown_name_and_wrong_password_get_the_same_answer(
    portal: Portal, browser: Browser
) -> None:
    before = await portal.rows_but_tallies()
    answers = [
        await browser.log_in("maxmuster", "wrong"),
        await browser.log_in("nobody!!!", PASSWORD),
        await browser.log_in("maxmuster", PASSWORD.upper()),
    ]
    for answer in answers:
        assert answer.status == 403
        assert "Benutzername und Passwort passen nicht zusammen" in answer.words
        assert PASSWORD not in answer.text
    without_name = [each.text.replace("nobody!!!", "maxmuster") for each in answers[:2]]
    assert without_name[0] == without_name[1]
    assert await portal.rows_but_tallies() == before


async def test_an_unknown_name_costs_the_same_work_as_a_known_one(
    portal: Portal, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    compare = Secrets._matches

    def note(self: Secrets, stored: str, secret: str) -> bool:
        compared.append(stored)
        return compare(self, stored, secret)

    monkeypatch.setattr(Secrets, "_matches", note)
    await browser.log_in("nobody")
    await browser.log_in("maxmuster", "wrong")
    unknown, known = (stored.split("$")[:4] for stored in compared)
    assert unknown == known == ["", "argon2id", "v=19", "m=64,t=3,p=4"]


async def test_hostile_names_and_passwords_are_just_wrong(browser: Browser) -> None:
    for text in ("' OR 1=1 --", "<script>", "ü" * 400, "\u202e", "%", "_axmuster", "\ufffd"):
        answer = await browser.log_in(text, text)
        assert answer.status == 403
        assert "<script>" not in answer.text


async def test_the_session_changes_at_the_login_and_the_former_one_ends(
    portal: Portal, browser: Browser
) -> None:
    await browser.log_in("maxmuster")
    former = browser.cookie("cm_session")
    await browser.log_in("erikamuster")
    assert browser.cookie("cm_session") != former
    async with Browser(portal) as other:
        headers = {"Cookie": f"cm_session={former}"}
        assert (await other.get("/dashboard", headers=headers)).status == 303


async def test_the_database_does_not_know_the_token(portal: Portal, browser: Browser) -> None:
    await browser.log_in("maxmuster")
    token = browser.cookie("cm_session") or ""
    async with portal.database.reading() as connection:
        stored = (await connection.execute(select(sessions.c.token_hash))).scalar_one()
    assert stored == token_hash(token)


async def test_logging_out_ends_the_session_for_good(portal: Portal, browser: Browser) -> None:
    await browser.log_in("maxmuster")
    token = browser.cookie("cm_session")
    page = await browser.get("/dashboard")
    answer = await browser.post("/logout", {"form_token": page.field("form_token")})
    assert (answer.status, answer.location) == (303, "/")
    assert await portal.count("sessions") == 0
    headers = {"Cookie": f"cm_session={token}"}
    assert (await browser.get("/dashboard", headers=headers)).status == 303


async def test_a_login_ends_when_idle_and_at_last_in_any_case(
    portal: Portal, browser: Browser
) -> None:
    await browser.log_in("maxmuster")
    for _ in range(14):
        portal.clock.move(minutes=50)
        assert (await browser.get("/dashboard")).status == 200
    portal.clock.move(minutes=50)
    assert (await browser.get("/dashboard")).status == 303
    await browser.log_in("maxmuster")
    portal.clock.move(minutes=61)
    assert (await browser.get("/dashboard")).status == 303


async def test_a_login_leads_where_it_was_asked_for_but_never_elsewhere(browser: Browser) -> None:
    for wanted, expected in (
        ("cart", "/cart"),
        ("products?product=complete", "/products?product=complete"),
        ("products?product=//evil.example", "/dashboard"),
        ("products?product=complete&next=//evil.example", "/dashboard"),
        ("products?product=complete ", "/dashboard"),
        ("products?other=complete", "/dashboard"),
        ("//evil.example?product=complete", "/dashboard"),
        ("https://evil.example", "/dashboard"),
        ("/evil.example", "/dashboard"),
        ("", "/dashboard"),
    ):
        page = await browser.get("/login", params={"next": wanted})
        form = {"name": "maxmuster", "password": PASSWORD}
        form |= {"form_token": page.field("form_token"), "next": wanted}
        assert (await browser.post("/login", form)).location == expected


async def test_a_wish_is_kept_through_the_login(browser: Browser) -> None:
    page = await browser.get("/products?product=complete")
    addresses = set(re.findall(r'href="(/login[^"]*)"', page.text))
    assert addresses == {"/login?next=products%3Fproduct%3Dcomplete"}
    form = await browser.get_exactly(addresses.pop())
    sent = {each: form.field(each) for each in ("form_token", "next")}
    failed = await browser.post("/login", sent | {"name": "maxmuster", "password": "wrong"})
    sent = {each: failed.field(each) for each in ("form_token", "next")}
    answer = await browser.post("/login", sent | {"name": "maxmuster", "password": PASSWORD})
    assert (answer.status, answer.location) == (303, "/products?product=complete")


async def test_the_dashboard_shows_what_runs_until_when(portal: Portal, browser: Browser) -> None:
    trial = AccessPeriod(TODAY, TODAY, "smarthome", "", trial=True)
    queued = AccessPeriod(
        LAST_DAY.replace(month=12, day=25), LAST_DAY.replace(year=2027), "complete", ""
    )
    async with portal.database.writing() as connection:
        await stored_access.add(connection, 4711, trial)
        await stored_access.add(connection, 4711, queued)
    await browser.log_in("maxmuster")
    words = (await browser.get("/dashboard")).words
    assert "CloudMatic Complete Noch 31 Tage Aktiv bis 24.12.2026" in words
    assert "CloudMatic SmartHome Testzugang Heute letzter Tag" in words
    assert "Gebucht vom 25.12.2026 bis 24.12.2027" in words
    assert "4711" in words
    assert "max@muster.example" in words


async def test_products_show_prices_and_the_hubs_wish(browser: Browser) -> None:
    plain = await browser.get("/products")
    for part in ("CloudMatic Connect", "36,00\xa0€", "3,00\xa0€ im Monat", "19\xa0%"):
        assert part in plain.text
    assert "NotifyMe" in plain.text
    wished = await browser.get("/products?product=complete")
    assert "Sie möchten CloudMatic Complete buchen" in wished.words
    assert "das mit Ihrer Zentrale verknüpft ist" in wished.words
    await browser.log_in("erikamuster")
    warned = await browser.get("/products?product=complete")
    assert "Sie sind als erikamuster (Konto 4712) angemeldet" in warned.words
    for hostile in ("<script>", "fullservicex", "x" * 3000, "\0"):
        page = await browser.get("/products", params={"product": hostile})
        assert page.status == 200
        assert "Sie möchten" not in page.words
        assert "<script>" not in page.text
