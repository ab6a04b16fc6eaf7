"""What customers change of their own account, and what it means for everything that knew it."""

from __future__ import annotations

import json

import pytest

from tests.integration.portal.account_changes import (
    NEW,
    OLD,
    asked,
    can_log_in,
    change,
    letters,
    press,
)
from tests.integration.portal.every_form import NEW_EMAIL, NEW_PASSWORD
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.world import PASSWORD, Browser, Portal


async def test_the_page_shows_what_there_is(owner: Browser) -> None:
    words = (await owner.get("/account")).words
    for fact in ("4711", "maxmuster", OLD, "23.11.2026"):
        assert fact in words


async def test_a_new_address_counts_once_it_is_confirmed(portal: Portal, owner: Browser) -> None:
    links = await asked(portal, owner)
    assert not await can_log_in(portal, NEW)
    page = await owner.get_exactly(links["confirm"])
    assert NEW in page.words
    assert not await can_log_in(portal, NEW)
    async with Browser(portal) as elsewhere:
        assert (await press(elsewhere, links["confirm"])).location == "/account/email/done"
    assert await can_log_in(portal, NEW)
    assert not await can_log_in(portal, OLD)
    again = await press(owner, links["confirm"])
    assert (again.status, "schon bestätigt" in again.words) == (410, True)


async def test_the_old_address_stops_the_change(portal: Portal, owner: Browser) -> None:
    links = await asked(portal, owner)
    async with Browser(portal) as elsewhere:
        assert (await press(elsewhere, links["stop"])).location == "/account/email/stopped"
        refused = await press(elsewhere, links["confirm"])
    assert (refused.status, "gestoppt" in refused.words) == (410, True)
    assert await can_log_in(portal, OLD)
    # Whoever asked for it knew the password, and is out.
    assert (await owner.get("/dashboard")).status == 303


async def test_the_old_address_takes_the_account_back_within_seven_days(
    portal: Portal, owner: Browser
) -> None:
    links = await asked(portal, owner)
    await press(owner, links["confirm"])
    await send(owner, await owner.get("/password"), "/password", {"name": NEW})
    reset = (await letters(portal))[NEW].link("/password/new")
    portal.clock.move(days=6, hours=23)
    async with Browser(portal) as elsewhere:
        assert (await press(elsewhere, links["stop"])).status == 303
    assert await can_log_in(portal, OLD)
    assert not await can_log_in(portal, NEW)
    assert (await owner.get_exactly(reset)).status == 410


@pytest.mark.parametrize(("step", "hours"), [("confirm", 24), ("stop", 7 * 24)])
async def test_links_about_an_address_have_their_time(
    portal: Portal, owner: Browser, step: str, hours: int
) -> None:
    links = await asked(portal, owner)
    portal.clock.move(hours=hours)
    async with Browser(portal) as elsewhere:
        answer = await press(elsewhere, links[step])
        assert (answer.status, "abgelaufen" in answer.words) == (410, True)
        assert (await press(elsewhere, f"/account/email/{step}?token=x")).status == 404
    assert await can_log_in(portal, OLD)


async def test_an_address_that_somebody_has_is_told_to_its_owner_only(
    portal: Portal, owner: Browser
) -> None:
    taken = {"email": "erika@muster.example", "current": PASSWORD}
    answer = await change(owner, "email", **taken)
    assert answer.location == "/account/email/sent"
    came = await letters(portal)
    assert set(came) == {OLD, "erika@muster.example"}
    assert "/account/email/confirm" not in came["erika@muster.example"].text


async def test_an_address_that_somebody_gets_meanwhile_is_theirs(
    portal: Portal, owner: Browser
) -> None:
    mine = await asked(portal, owner)
    async with Browser(portal) as other:
        await other.log_in("erikamuster")
        await change(other, "email", **NEW_EMAIL)
        theirs = (await letters(portal))[NEW].link("/account/email/confirm")
        await press(other, theirs)
    answer = await press(owner, mine["confirm"])
    assert answer.status == 409
    assert await can_log_in(portal, OLD)


async def test_a_mailbox_is_not_flooded_with_changes(portal: Portal, owner: Browser) -> None:
    for number in range(5):
        await change(owner, "email", email=f"a{number}@neu.example", current=PASSWORD)
    assert len(await letters(portal)) == 3 + 1


async def test_without_the_password_nothing_is_changed(portal: Portal, owner: Browser) -> None:
    before = await portal.rows_but_tallies()
    changes = {
        "name": {"user_name": "max.neu"},
        "email": {"email": NEW},
        "password": {"password": NEW_PASSWORD},
    }
    for what, typed in changes.items():
        answer = await change(owner, what, current="falsch", **typed)
        assert answer.status == 422
        assert Page(answer).beside("current") == "Das ist nicht Ihr Passwort."
    assert await portal.rows_but_tallies() == before


async def test_guessing_the_password_by_a_login_that_was_left_open_is_slowed_down(
    portal: Portal, owner: Browser
) -> None:
    for _ in range(11):
        await change(owner, "password", current="falsch", password=NEW_PASSWORD)
    answer = await change(owner, "password", current=PASSWORD, password=NEW_PASSWORD)
    assert answer.status == 429
    assert "zu oft falsch" in answer.words
    portal.clock.move(seconds=30)
    assert (await change(owner, "password", current=PASSWORD, password=NEW_PASSWORD)).status == 303


async def test_a_new_password_logs_out_everywhere_else(portal: Portal, owner: Browser) -> None:
    async with Browser(portal) as other:
        await other.log_in("maxmuster")
        answer = await change(owner, "password", current=PASSWORD, password=NEW_PASSWORD)
        assert answer.location == "/account?saved=1"
        assert (await other.get("/account")).status == 303
    assert "Gespeichert" in (await owner.get("/account?saved=1")).words
    assert not await can_log_in(portal, "maxmuster")
    assert await can_log_in(portal, "maxmuster", NEW_PASSWORD)
    assert "wurde geändert" in (await letters(portal))[OLD].subject


async def test_a_new_password_closes_the_change_of_address_that_waits(
    portal: Portal, owner: Browser
) -> None:
    async with Browser(portal) as thief:
        await thief.log_in("maxmuster")
        links = await asked(portal, thief)
        await change(owner, "password", current=PASSWORD, password=NEW_PASSWORD)
        refused = await press(thief, links["confirm"])
    assert (refused.status, "gestoppt" in refused.words) == (410, True)
    assert await can_log_in(portal, OLD, NEW_PASSWORD)


async def test_a_new_password_is_judged_as_at_the_registration(owner: Browser) -> None:
    answer = await change(owner, "password", current=PASSWORD, password="kurz")
    assert (answer.status, "zu kurz" in Page(answer).beside("password")) == (422, True)


async def test_a_new_name_logs_in_and_the_hub_books_for_the_same_account(
    portal: Portal, owner: Browser
) -> None:
    hub = await enrolled_hub(portal)
    answer = await change(owner, "name", user_name="Max der Große", current=PASSWORD)
    assert answer.location == "/account?saved=1"
    assert await can_log_in(portal, "max der große")
    assert not await can_log_in(portal, "maxmuster")
    letter = (await letters(portal))[OLD]
    assert "maxmuster" in letter.text
    assert "Max der Große" in letter.text
    page = await owner.show_link(hub.link())
    assert "4711 (Max der Große)" in page.words
    told = json.loads((await hub.status()).text)["account"]
    assert told == {"id": "4711", "user_name": "Max der Große"}


@pytest.mark.parametrize("name", ["erikamuster", "ErikaMuster", "ＥrikaMuster"])
async def test_a_name_belongs_to_one_account(owner: Browser, name: str) -> None:
    answer = await change(owner, "name", user_name=name, current=PASSWORD)
    assert answer.status == 422
    assert Page(answer).beside("user_name")
    assert Page(answer).form("/account/name").value("user_name") == name


async def test_another_spelling_of_the_own_name_is_no_news(portal: Portal, owner: Browser) -> None:
    typed = {"user_name": "MaxMuster", "current": PASSWORD}
    assert (await change(owner, "name", **typed)).status == 303
    assert await letters(portal) == {}
    assert "MaxMuster" in (await owner.get("/account")).words


async def test_mails_and_pages_speak_the_language_that_was_chosen(
    portal: Portal, owner: Browser
) -> None:
    page = await owner.get("/account")
    answer = await send(owner, page, "/account/language", {"language": "en"})
    assert answer.location == "/account?saved=1"
    assert "Your account" in (await owner.get("/account")).words
    await send(owner, await owner.get("/password"), "/password", {"name": "maxmuster"})
    assert (await letters(portal))[OLD].subject == "Choose a new password for CloudMatic"


@pytest.mark.parametrize("page", ["", "/name", "/email", "/password"])
async def test_the_login_leads_back_to_the_accounts_page(browser: Browser, page: str) -> None:
    answer = await browser.get(f"/account{page}")
    assert answer.location == f"/login?next=account{page}"
    form = await browser.get(answer.location)
    assert Page(form).form("/login").value("next") == f"account{page}"
