"""Login and session look-up give the answers of the contract's transcripts."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.simulated_ccu.engine_sessions import MAX_SESSIONS, TooManySessionsError
from tests.simulated_ccu.logic_engine import LogicEngine

TRAILER = (
    b"<xml><exec>/rega.exe</exec><sessionId></sessionId>"
    b"<httpUserAgent>User-Agent: curl/7.88.1</httpUserAgent></xml>"
)


async def run_script(client: aiohttp.ClientSession, engine: LogicEngine, script: str) -> bytes:
    """The body of the engine's answer."""
    headers = {"User-Agent": "curl/7.88.1"}
    async with client.post(f"{engine.url}/rega.exe", data=script, headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/xml; charset=iso-8859-1"
        return await response.read()


async def look_up(client: aiohttp.ClientSession, engine: LogicEngine, bare_sid: str) -> bytes:
    return await run_script(client, engine, f'Write(system.GetSessionVarStr("{bare_sid}"));')


async def log_in(
    client: aiohttp.ClientSession, engine: LogicEngine, name: str, password: str
) -> aiohttp.ClientResponse:
    """As a browser does from an ISO-8859-1 page."""
    form = {"tbUsername": name, "tbPassword": password}
    return await client.post(
        f"{engine.url}/login.htm",
        data=urlencode(form, encoding="iso-8859-1").encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        allow_redirects=False,
    )


async def test_a_login_redirects_to_the_start_page_with_a_sid(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    response = await log_in(client, engine, "Admin", "admin-demo")
    assert response.status == 302
    location = response.headers["Location"]
    assert re.fullmatch(r"/pages/index\.htm\?sid=@[A-Za-z0-9]{10}@", location)


@pytest.mark.parametrize(("name", "password"), [("Admin", "wrong"), ("", ""), ("admin", "x")])
async def test_wrong_credentials_lead_back_to_the_login(
    engine: LogicEngine, client: aiohttp.ClientSession, name: str, password: str
) -> None:
    response = await log_in(client, engine, name, password)
    assert (response.status, response.headers["Location"]) == (302, "/login.htm?error=1")


async def test_the_login_form_is_german_and_latin(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    async with client.get(f"{engine.url}/login.htm?error=1") as response:
        assert response.headers["Content-Type"] == "text/html; charset=iso-8859-1"
        body = await response.read()
    assert "Bitte schließen".encode("iso-8859-1") in body
    assert b'name="tbUsername"' in body
    assert b"Anmeldung fehlgeschlagen" in body


async def test_the_eleventh_session_is_refused(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    for _ in range(MAX_SESSIONS):
        assert (await log_in(client, engine, "Admin", "admin-demo")).status == 302
    assert (await log_in(client, engine, "Admin", "admin-demo")).status == 503
    with pytest.raises(TooManySessionsError):
        engine.login("Admin")


async def test_logging_out_frees_a_session(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    sids = [engine.login("Admin") for _ in range(MAX_SESSIONS)]
    await client.get(f"{engine.url}/logout.htm?sid={sids[0]}")
    assert engine.login("Gast") not in sids


async def test_a_look_up_answers_the_user_and_the_trailer(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    sid = engine.login("Admin")
    assert await look_up(client, engine, sid.strip("@")) == b"1004;8;Admin;;;" + TRAILER


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Bewohner", b"1236;2;Bewohner;Erika;Mustermann;<xml>"),
        ("Gast", b"1237;1;Gast;;;<xml>"),
        ("Jürgen Größe", "1238;2;Jürgen Größe;Jürgen;Größe;<xml>".encode("iso-8859-1")),
    ],
)
async def test_a_look_up_tells_the_level_and_latin_names(
    engine: LogicEngine, client: aiohttp.ClientSession, name: str, start: bytes
) -> None:
    sid = engine.login(name)
    assert (await look_up(client, engine, sid.strip("@"))).startswith(start)


async def test_a_user_with_umlauts_can_log_in(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    response = await log_in(client, engine, "Jürgen Größe", "umlaut-demö")
    page = await client.get(engine.url + response.headers["Location"], allow_redirects=False)
    assert page.status == 200
    assert "Willkommen, Jürgen Größe." in await page.text()


async def test_a_sid_with_its_at_signs_is_unknown(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    assert await look_up(client, engine, engine.login("Admin")) == TRAILER
    assert await look_up(client, engine, "0000000000") == TRAILER
    assert engine.foreign_scripts == []


async def test_an_expired_session_is_unknown(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    sid = engine.login("Admin")
    engine.expire(sid)
    assert await look_up(client, engine, sid.strip("@")) == TRAILER


@pytest.mark.parametrize(
    "script",
    [
        'Write(system.GetSessionVarStr("x")); system.Exec("reboot");',
        'Write(system.GetSessionVarStr("x\\"));',
        'Write(system.GetSessionVarStr("ä"));',
        'Write(system.GetSessionVarStr("x"));\n',
        "",
        'object v = dom.GetObject(ID_SYSTEM_VARIABLES).Get("x"); system.Exec("reboot");',
        'object v = dom.GetObject(ID_SYSTEM_VARIABLES).Get("x"); v.Channel(5);',
        'object v = dom.GetObject(ID_SYSTEM_VARIABLES).Get("x")',
        'object v = dom.GetObject(ID_SYSTEM_VARIABLES).Get("a"b");',
    ],
)
async def test_any_other_script_writes_nothing_and_is_kept_as_evidence(
    engine: LogicEngine, client: aiohttp.ClientSession, script: str
) -> None:
    assert await run_script(client, engine, script) == TRAILER
    assert engine.foreign_scripts == [script.encode()]
    assert engine.lookups == 0


async def test_look_ups_are_counted(engine: LogicEngine, client: aiohttp.ClientSession) -> None:
    await asyncio.gather(*(look_up(client, engine, "0000000000") for _ in range(3)))
    assert engine.lookups == 3


async def test_the_start_page_needs_a_session_and_leads_to_systemsteuerung(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    sid = engine.login("Admin")
    async with client.get(f"{engine.url}/pages/index.htm?sid={sid}") as response:
        assert f'href="/config/control_panel.cgi?sid={sid}"' in await response.text()
    for unknown in ("", "@0000000000@", sid.strip("@")):
        address = f"{engine.url}/pages/index.htm?sid={unknown}"
        async with client.get(address, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (302, "/login.htm")


async def test_a_script_makes_sets_and_deletes_a_system_variable(
    engine: LogicEngine, client: aiohttp.ClientSession
) -> None:
    find = 'object v = dom.GetObject(ID_SYSTEM_VARIABLES).Get("Tage");'
    make = (
        f'{find} if (!v) {{ v = dom.CreateObject(OT_VARDP); v.Name("Tage"); '
        "dom.GetObject(ID_SYSTEM_VARIABLES).Add(v.ID()); } v.State(-1); Write(v.State());"
    )
    for _ in range(2):
        assert (await run_script(client, engine, make)).startswith(b"-1<xml>")
    assert len(engine.dom.objects) == 1
    look = f'{find} if (v) {{ Write("there"); }} else {{ Write("gone"); }}'
    assert (await run_script(client, engine, look)).startswith(b"there<xml>")
    delete = f"{find} dom.GetObject(ID_SYSTEM_VARIABLES).Remove(v.ID()); dom.DeleteObject(v.ID());"
    assert await run_script(client, engine, delete) == TRAILER
    assert (await run_script(client, engine, look)).startswith(b"gone<xml>")
    assert engine.foreign_scripts == []
