"""What the pages say: each state of the hub its own sentence, in both languages, never a 500."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import USER_KEY
from tests.integration.dashboard.conftest import PORTAL, PREFIX, TODAY, Dashboard
from tests.simulated_ccu.account_files import HUB_SERIAL, Case, account_files, linked

pytestmark = pytest.mark.asyncio(loop_scope="module")

USUAL = ("Aktives Paket", "Active package")
NOT_KNOWN = ("Paket nicht bekannt", "Package not known")
BROKEN_OFF = (
    "Die Datei mhcfg bricht mitten in einer Zeile ab",
    "The file mhcfg breaks off in the middle of a line",
)
SENTENCES = {
    Case.LINKED: USUAL,
    Case.NOT_LINKED: ("Kein Konto verknüpft", "No account linked"),
    Case.REGISTRATION_PENDING: ("Registrierung läuft", "Registration under way"),
    Case.TRIAL: ("Testzugang", ">trial<"),
    Case.EXPIRED: ("Abgelaufenes Paket", "Expired package"),
    Case.NEARLY_EXPIRED: ("läuft bald ab", "ends soon"),
    Case.LOWER_CASE_PRODUCT: ("CloudMatic Complete", "CloudMatic Complete"),
    Case.UMLAUTS: ("müller-größe", "müller-größe"),
    Case.MISSING: (
        "CloudMatic ist auf dieser Zentrale ausgeschaltet",
        "CloudMatic is switched off",
    ),
    Case.EMPTY: ("Die Datei mhcfg ist leer", "The file mhcfg is empty"),
    Case.TRUNCATED_IN_KEY: BROKEN_OFF,
    Case.TRUNCATED_IN_VALUE: BROKEN_OFF,
    Case.TRUNCATED_BEFORE_DATE: BROKEN_OFF,
    Case.CRLF: USUAL,
    Case.BINARY_RUBBISH: ("Die Datei mhcfg enthält keinen Text", "mhcfg does not hold text"),
    Case.IDS_EMPTY_VALUES: (HUB_SERIAL, HUB_SERIAL),
    Case.IDS_COPROCESSOR_ERROR: (HUB_SERIAL, HUB_SERIAL),
    Case.OFFLINE: NOT_KNOWN,
    Case.NO_LICENCE: NOT_KNOWN,
    Case.UNKNOWN_KEYS: USUAL,
}


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("case", Case)
async def test_each_state_of_the_account_files_has_its_own_sentence(
    hub: Dashboard, case: Case
) -> None:
    hub.link(account_files(case, TODAY))
    sid = hub.ccu.engine.login("Bewohner")
    for language, sentence in zip(("de", "en"), SENTENCES[case], strict=True):
        page = await hub.ask(sid=sid, language=language)
        assert page.status == 200
        assert f'<html lang="{language}">' in page.text
        assert sentence in plain(page.text)
        assert USER_KEY not in page.text
        assert "Schlüssel0815" not in page.text
        assert sid.strip("@") not in page.text


@pytest.mark.parametrize(
    ("days", "german", "english"),
    [
        (1, "noch 1 Tag<", "1 day left<"), (2, "noch 2 Tage", "2 days left"),
        (0, "letzte", "today is the last day"), (-1, "seit 1 Tag<", "1 day ago<"),
    ],
)  # fmt: skip
async def test_the_days_left_are_counted_in_words(
    hub: Dashboard, days: int, german: str, english: str
) -> None:
    hub.link(linked(ends=TODAY + timedelta(days=days)))
    sid = hub.ccu.engine.login("Bewohner")
    assert german in (await hub.ask(sid=sid)).text
    assert english in (await hub.ask(sid=sid, language="en")).text


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "%(id)s",
     "a&amp;b",
     "100%", "{% raw %}", "' onmouseover='x"],
)  # fmt: skip
async def test_a_user_name_is_text_and_nothing_else(hub: Dashboard, name: str) -> None:
    hub.link(linked(ends=TODAY, user=name))
    sid = hub.ccu.engine.login("Bewohner")
    token = await hub.form_token(sid)
    data = {"form": token, "product": "complete"}
    pages = [
        await hub.ask(sid=sid),
        await hub.ask(f"{PREFIX}book", sid=sid, method="POST", data=data),
    ]
    escaped = (
        name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        .replace('"', "&#34;").replace("'", "&#39;")
    )  # fmt: skip
    for page in pages:
        assert page.status == 200
        assert escaped in page.text
        assert escaped == name or name not in page.text


@pytest.mark.parametrize("path", [PREFIX, f"{PREFIX}?sid=x", f"{PREFIX}nowhere"])
@pytest.mark.parametrize("logged_in", [False, True])
async def test_every_page_has_the_headers_that_protect_it(
    hub: Dashboard, path: str, logged_in: bool
) -> None:
    page = await hub.ask(path, sid=hub.ccu.engine.login("Admin") if logged_in else "")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {PORTAL};" in policy
    assert "unsafe" not in policy
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_a_page_asks_for_nothing_beyond_the_hub(hub: Dashboard) -> None:
    page = await hub.ask(sid=hub.ccu.engine.login("Admin"))
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', page.text):
        assert address.startswith(("/addons/", "#")), address
    assert "style=" not in page.text
    # After a booking a page looks by itself whether it was paid, with the hub's own script.
    assert not re.search(r'<script(?! src="/addons/)', page.text)


async def test_the_static_files_come_from_the_web_server_itself(hub: Dashboard) -> None:
    page = await hub.ask(sid=hub.ccu.engine.login("Admin"))
    addresses = set(re.findall(rf'"({PREFIX}static/[^"]*)"', page.text))
    assert len(addresses) >= 2
    for address in addresses:
        answer = await hub.ask(address)
        assert answer.status == 200
        assert "Content-Security-Policy" not in answer.headers


async def test_while_the_service_is_down_a_page_waits_for_it(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    await hub.addon.stop()
    try:
        page = await hub.ask(f"{PREFIX}?sid={sid}")
        assert page.status == 503
        assert "CloudMatic startet" in page.text
        assert '<meta http-equiv="refresh"' in page.text
        for address in re.findall(r'"(/addons/[^"]*)"', page.text):
            assert (await hub.ask(address)).status == 200
    finally:
        await hub.addon.rc("start")
        await hub.addon.until_up()
    # lighttpd asks a backend that was gone again after a second; the page does after two.
    for _ in range(100):
        page = await hub.ask(f"{PREFIX}?sid={sid}")
        if page.status != 503:
            break
        await asyncio.sleep(0.1)
    assert page.status == 303


async def test_an_account_that_is_linked_meanwhile_shows_at_once(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    hub.link(account_files(Case.NOT_LINKED, TODAY))
    assert "maxmuster" not in (await hub.ask(sid=sid)).text
    hub.link(replace(linked(ends=TODAY, user="erika"), register_pending=b"status=1\n"))
    assert "erika" in (await hub.ask(sid=sid)).text
