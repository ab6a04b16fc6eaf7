"""The dashboard's pages: each state of the account, each error, each kind of screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from ccu_dashboard.clients.logic_engine import VARIABLE
from tests.browser.running import RunningSystem
from tests.browser.visits import Visitor
from tests.browser.watching import watched
from tests.simulated_ccu.account_files import Case, account_files

Picture = Callable[[Page, str], None]
pytestmark = pytest.mark.browser

PHONE = 360


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (Case.NOT_LINKED, "Kein Konto verknüpft"),
        (Case.REGISTRATION_PENDING, "Registrierung läuft"),
        (Case.BINARY_RUBBISH, "Kontodaten auf der Zentrale unlesbar"),
        (Case.EMPTY, "Kontodaten auf der Zentrale unlesbar"),
        (Case.MISSING, "Kein Konto verknüpft"),
    ],
)
def test_what_the_hub_knows_is_told_in_plain_words(
    visitor: Visitor, picture: Picture, today: date, case: Case, sentence: str
) -> None:
    visitor.system.ccu.fs.write_account_files(account_files(case, today))
    page = visitor.open_the_dashboard_directly()
    expect(page.locator("h1")).to_have_text(sentence)
    expect(page.get_by_role("button", name="Zugang buchen")).to_have_count(0)
    picture(page, f"account-{case}")


@pytest.fixture
def unknown_to_the_portal(running: RunningSystem) -> Iterator[None]:
    """The hub as it was before it heard from the portal for the first time."""
    with running.system.addon.before_the_portals_word():
        yield


@pytest.mark.usefixtures("unknown_to_the_portal")
@pytest.mark.parametrize("case", [Case.TRIAL, Case.EXPIRED, Case.NEARLY_EXPIRED])
def test_trial_end_and_expiry_look_different(
    visitor: Visitor, picture: Picture, today: date, case: Case
) -> None:
    visitor.system.ccu.fs.write_account_files(account_files(case, today))
    page = visitor.open_the_dashboard_directly()
    badge = {
        Case.TRIAL: "Testzugang",
        Case.EXPIRED: "abgelaufen",
        Case.NEARLY_EXPIRED: "läuft bald ab",
    }
    expect(page.locator(".badge", has_text=badge[case])).to_be_visible()
    expect(page.locator(".told")).to_contain_text("laut den Dateien dieser Zentrale")
    picture(page, f"package-{case}")


@pytest.mark.usefixtures("unknown_to_the_portal")
def test_where_no_link_can_be_signed_the_website_is_offered_with_a_warning(
    visitor: Visitor, picture: Picture
) -> None:
    dashboard = visitor.open_the_dashboard_directly()
    page = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
    expect(page.locator("strong")).to_have_text("maxmuster")
    picture(page, "plain-link")
    page.get_by_role("link", name="Zur Webseite").click()
    page.wait_for_url(re.compile(r"/products\?product=complete"))


def test_without_a_session_the_page_leads_back_to_the_webui(
    visitor: Visitor, picture: Picture
) -> None:
    page = visitor.context.new_page()
    page.goto(visitor.system.ccu.url + "/addons/cloudmatic/")
    expect(page.locator("h1")).to_have_text("Bitte an der WebUI anmelden")
    picture(page, "no-session")
    page.get_by_role("link", name="Zur WebUI").click()
    expect(page.locator("[name=tbUsername]")).to_be_visible()


def test_a_guest_is_told_why_not(visitor: Visitor) -> None:
    page = visitor.open_the_dashboard_directly("Gast")
    expect(page.locator("h1")).to_have_text("Ihr Benutzer darf diese Seite nicht sehen")


def test_the_page_comes_by_itself_when_the_logic_engine_is_back(
    visitor: Visitor, running: RunningSystem, picture: Picture
) -> None:
    engine = running.system.ccu.engine
    sid = engine.login("Admin")
    running.do(engine.down())
    try:
        page = visitor.context.new_page()
        page.goto(f"{running.system.ccu.url}/addons/cloudmatic/?sid={sid}")
        expect(page.locator("h1")).to_have_text("Die Zentrale ist noch nicht bereit")
        picture(page, "engine-down")
    finally:
        running.do(engine.recover())
    expect(page.locator("h1")).to_have_text("Übersicht", timeout=20_000)


def test_the_page_comes_by_itself_when_the_service_has_started(
    visitor: Visitor, running: RunningSystem, picture: Picture
) -> None:
    running.do(running.system.addon.stop())
    try:
        page = visitor.open_the_dashboard_directly()
        expect(page.locator("h1")).to_contain_text("CloudMatic startet")
        picture(page, "starting")
    finally:
        running.do(running.system.addon.start())
    expect(page.locator("h1")).to_have_text("Übersicht", timeout=20_000)


def test_english_is_one_click_away_and_stays(visitor: Visitor, picture: Picture) -> None:
    page = visitor.open_the_dashboard_directly()
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Overview")
    page.goto(visitor.system.ccu.url + "/addons/cloudmatic/")
    expect(page.get_by_role("button", name="Book access")).to_be_visible()
    picture(page, "dashboard-english")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(
    browser: Browser, running: RunningSystem, picture: Picture, look: str
) -> None:
    with watched(
        browser,
        running.system,
        viewport={"width": PHONE, "height": 740},
        color_scheme="dark" if look == "dark" else "light",
    ) as context:
        visitor = Visitor(context, running.system)
        dashboard = visitor.open_the_dashboard_directly()
        confirmation = visitor.click_into_new_tab(dashboard.get_by_text("Zugang buchen"))
        for name, page in (("dashboard", dashboard), ("confirmation", confirmation)):
            picture(page, f"phone-{look}-{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
        confirmation.get_by_role("main").get_by_role("button").first.click()
        confirmation.wait_for_url("**/booking/cart")
        picture(confirmation, f"phone-{look}-cart")
        assert confirmation.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_the_system_variable_is_switched_on_and_off(
    visitor: Visitor, running: RunningSystem, picture: Picture
) -> None:
    page = visitor.open_the_dashboard_directly()
    page.get_by_role("button", name="Systemvariable anlegen").click()
    expect(page.get_by_text("CloudMatic-Tage steht auf")).to_be_visible()
    picture(page, "system-variable")
    variable = running.system.ccu.engine.dom.named(VARIABLE)
    assert variable is not None
    expect(
        page.get_by_text(f"CloudMatic-Tage steht auf {variable.values['State']}.")
    ).to_be_visible()
    page.get_by_role("button", name="Systemvariable entfernen").click()
    expect(page.get_by_role("button", name="Systemvariable anlegen")).to_be_visible()
    assert running.system.ccu.engine.dom.named(VARIABLE) is None


def test_on_paper_the_buttons_are_gone(visitor: Visitor, picture: Picture) -> None:
    page = visitor.open_the_dashboard_directly()
    page.emulate_media(media="print")
    expect(page.get_by_text("Zugang buchen")).to_be_hidden()
    expect(page.locator(".package .name")).to_be_visible()
    picture(page, "dashboard-print")
