"""Systemsteuerung renders the buttons as the firmware does, weaknesses included."""

from __future__ import annotations

import aiohttp
import pytest

from tests.integration.simulated_ccu.javascript import run_script_of
from tests.simulated_ccu.ccu import SimulatedCcu
from tests.simulated_ccu.config_pages import ConfigPage, add_config_page


async def panel(
    client: aiohttp.ClientSession, ccu: SimulatedCcu, *pages: ConfigPage, user: str = "Admin"
) -> bytes:
    """Systemsteuerung with additional buttons, seen by a user who just logged in."""
    for page in pages:
        add_config_page(ccu.fs, page)
    address = f"{ccu.url}/config/control_panel.cgi?sid={ccu.engine.login(user)}"
    async with client.get(address, allow_redirects=False) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/html; charset=iso-8859-1"
        return await response.read()


def described(text: str, page_id: str = "demo") -> ConfigPage:
    return ConfigPage(page_id, "/addons/demo/", "Demo", {"de": text, "en": "x"})


async def test_every_add_on_has_a_button_that_opens_it_with_the_sid(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    sid = ccu.engine.login("Admin")
    async with client.get(f"{ccu.url}/config/control_panel.cgi?sid={sid}") as response:
        text = await response.text()
    for url in ("/addons/mh/index.cgi", "/addons/hqtimer/index.html", "/addons/email/index.html"):
        assert f"onclick=\"window.open('{url}?sid={sid}');\"" in text
    assert ">CloudMatic</div>" in text


async def test_the_page_shows_its_table_and_descriptions(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    outcome = run_script_of((await panel(client, ccu)).decode("iso-8859-1"))
    assert outcome.error is None
    assert outcome.table_is_shown
    assert outcome.elements["description_mh"]["innerHTML"] == "<li>Fernzugriff</li>"


@pytest.mark.parametrize(
    "text",
    ["Josef's Haus", "eins\nzwei", "C:\\users"],
    ids=["apostrophe", "line break", "backslash"],
)
async def test_a_wrong_character_in_a_description_breaks_the_control_panel(
    ccu: SimulatedCcu, client: aiohttp.ClientSession, text: str
) -> None:
    body = await panel(client, ccu, described(text))
    assert f"addOnDescr['de'] = '{text}';".encode() in body
    outcome = run_script_of(body.decode("iso-8859-1"))
    assert outcome.error == "SyntaxError"
    assert not outcome.table_is_shown


async def test_umlauts_reach_the_page_as_their_latin_bytes(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    body = await panel(client, ccu, described("Größe"))
    assert "addOnDescr['de'] = 'Größe';".encode("iso-8859-1") in body


async def test_an_underscore_in_an_id_costs_the_tooltip(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    page = (await panel(client, ccu, described("x", "cloud_matic"))).decode("iso-8859-1")
    outcome = run_script_of(page)
    assert outcome.elements["btnAddOn_cloud_matic"]["hidden"] is True
    assert outcome.elements["btnAddOn_mh"]["hidden"] is False


@pytest.mark.parametrize("user", ["Admin", "Bewohner", "Gast"])
async def test_every_level_with_a_session_sees_the_page(
    ccu: SimulatedCcu, client: aiohttp.ClientSession, user: str
) -> None:
    assert b"CloudMatic" in await panel(client, ccu, user=user)


@pytest.mark.parametrize(
    "query", ["", "?sid=", "?sid=@0000000000@", "?sid=@a%22);x@", "?sid=%22);system.Exec(%22x@"]
)
async def test_without_a_session_the_way_leads_to_the_login(
    ccu: SimulatedCcu, client: aiohttp.ClientSession, query: str
) -> None:
    address = f"{ccu.url}/config/control_panel.cgi{query}"
    async with client.get(address, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/login.htm")
    assert ccu.engine.foreign_scripts == []


async def test_an_engine_that_is_down_counts_as_no_session(
    ccu: SimulatedCcu, client: aiohttp.ClientSession
) -> None:
    sid = ccu.engine.login("Admin")
    await ccu.engine.down()
    address = f"{ccu.url}/config/control_panel.cgi?sid={sid}"
    async with client.get(address, allow_redirects=False) as response:
        assert response.status == 302
