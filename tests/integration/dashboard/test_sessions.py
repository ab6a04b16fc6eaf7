"""Nobody gets in without a WebUI session of the right level, whatever the request looks like."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.integration.dashboard.conftest import PREFIX, Dashboard

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN_DE = "Bitte an der WebUI anmelden"
MALFORMED = {
    "empty": "",
    "at signs only": "@@",
    "quotes": quote('@");aaaaa"@'),
    "script": quote('@");Write("x@'),
    "system exec": quote('");system.Exec("touch /tmp/x");Write("'),
    "nul": "%00",
    "nul inside": "@abcde%00ghij@",
    "line break": "@abcdefghij@%0A",
    "unicode digits": quote("@١٢٣٤٥٦٧٨٩٠@"),
    "full width": quote("@ＡＢＣＤＥＦＧＨＩＪ@"),
    "no utf-8": "@abcdefgh%ff%fe@",
    "half an escape": "@abcdefgh%4@",
    "without at signs": "abcdefghij",
    "too short": "@abcdefghi@",
    "too long": "@abcdefghijk@",
    "markup": quote("<script>alert(1)</script>"),
    "template": quote("{{7*7}}"),
    "path": quote("../../etc/config/shadow"),
    "60 KB": "@" + "a" * 60_000 + "@",
}


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_malformed_sid_in_the_address_is_answered_with_the_login_page(
    hub: Dashboard, kind: str, method: str
) -> None:
    lookups = hub.ccu.engine.lookups
    path = PREFIX if method == "GET" else f"{PREFIX}book"
    page = await hub.ask(f"{path}?sid={MALFORMED[kind]}", method=method)
    assert page.status == 403
    assert LOGIN_DE in page.text
    assert page.cookies == []
    assert hub.ccu.engine.lookups == lookups
    assert "49" not in page.text.split("<h1>")[1].split("</h1>")[0]


async def test_a_sid_of_a_megabyte_stops_at_the_web_server(hub: Dashboard) -> None:
    page = await hub.ask(f"{PREFIX}?sid=@{'a' * 1_000_000}@")
    assert page.status in {400, 414, 431}


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "abc",
        '");x("',
        "@abcdefghij@",
        "abcdefghi%00",
        "a" * 11,
        "a" * 60_000,
        "aaaaaaaaa\u00e9",
    ],
    ids=lambda cookie: cookie[:12],
)
async def test_a_malformed_cookie_is_no_session(hub: Dashboard, cookie: str) -> None:
    lookups = hub.ccu.engine.lookups
    page = await hub.ask(headers={"Cookie": f"cloudmatic_sid={cookie}"})
    assert page.status == 403
    assert hub.ccu.engine.lookups == lookups


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "other=1; {}; another=2",
        "other=1;{};another",
        "; odd; =; a=b=c; {};;",
        'quoted="a; b"; {}',
    ],
)
async def test_a_session_is_found_among_cookies_of_other_addons(
    hub: Dashboard, around: str
) -> None:
    own = f"cloudmatic_sid={hub.ccu.engine.login('Admin').strip('@')}"
    page = await hub.ask(headers={"Cookie": around.format(own)})
    assert page.status == 200
    assert "maxmuster" in page.text


async def test_of_two_cookies_the_one_for_the_longer_path_counts(hub: Dashboard) -> None:
    """Browsers send it first (RFC 6265, 5.4). The other may be of whoever shares this host."""
    own = f"cloudmatic_sid={hub.ccu.engine.login('Admin').strip('@')}"
    other = "cloudmatic_sid=abcdefghij"
    assert (await hub.ask(headers={"Cookie": f"{own}; {other}"})).status == 200
    assert (await hub.ask(headers={"Cookie": f"{other}; {own}"})).status == 403


async def test_without_a_session_the_way_to_the_webui_is_shown(hub: Dashboard) -> None:
    german, english = await hub.ask(), await hub.ask(language="en")
    assert german.status == english.status == 403
    assert LOGIN_DE in german.text
    assert "Please log in to the WebUI" in english.text
    assert 'href="/"' in german.text


async def test_an_unknown_or_ended_session_is_refused(hub: Dashboard) -> None:
    assert (await hub.ask(f"{PREFIX}?sid=@0000000000@")).status == 403
    sid = hub.ccu.engine.login("Admin")
    hub.ccu.engine.expire(sid)
    assert (await hub.ask(sid=sid)).status == 403


async def test_a_guest_sees_nothing_of_the_account(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Gast")
    for page in (await hub.ask(f"{PREFIX}?sid={sid}"), await hub.ask(sid=sid)):
        assert page.status == 403
        assert "als Gast" in page.text
        assert "maxmuster" not in page.text
        assert page.cookies == []


async def test_a_guest_cannot_book(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Gast")
    page = await hub.ask(f"{PREFIX}book", sid=sid, method="POST", data={"product": "complete"})
    assert page.status == 403


@pytest.mark.parametrize("user", ["Admin", "Bewohner", "Jürgen Größe"])
async def test_users_and_administrators_see_the_account(hub: Dashboard, user: str) -> None:
    page = await hub.ask(sid=hub.ccu.engine.login(user))
    assert page.status == 200
    assert "maxmuster" in page.text


@pytest.mark.parametrize("encoded", [False, True])
async def test_the_first_page_moves_the_sid_into_a_cookie(hub: Dashboard, encoded: bool) -> None:
    sid = hub.ccu.engine.login("Admin")
    page = await hub.ask(f"{PREFIX}?sid={quote(sid) if encoded else sid}")
    assert (page.status, page.headers["Location"]) == (303, PREFIX)
    [cookie] = page.cookies
    name, *attributes = cookie.split("; ")
    assert name == f"cloudmatic_sid={sid.strip('@')}"
    assert set(attributes) == {"HttpOnly", "SameSite=Strict", f"Path={PREFIX}"}
    assert sid.strip("@") not in (await hub.ask(sid=sid)).text


async def test_a_client_cannot_talk_the_cookie_into_being_lost(hub: Dashboard) -> None:
    """lighttpd says itself which way a request came."""
    sid = hub.ccu.engine.login("Admin")
    page = await hub.ask(f"{PREFIX}?sid={sid}", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" not in page.cookies[0]


async def test_a_new_login_replaces_an_older_cookie(hub: Dashboard) -> None:
    old, new = hub.ccu.engine.login("Gast"), hub.ccu.engine.login("Admin")
    page = await hub.ask(f"{PREFIX}?sid={new}", sid=old)
    assert page.status == 303
    assert new.strip("@") in page.cookies[0]


async def test_a_form_never_carries_its_session_in_the_address(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    token = await hub.form_token(sid)
    data = {"form": token, "product": "complete"}
    page = await hub.ask(f"{PREFIX}book?sid={sid}", method="POST", data=data)
    assert page.status == 403
    assert page.cookies == []


async def test_the_chosen_language_stays_and_is_no_secret(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    page = await hub.ask(f"{PREFIX}?lang=en", sid=sid)
    assert "Linked account" in page.text
    assert page.cookies[0].startswith("cloudmatic_lang=en")
    cookie = f"cloudmatic_lang=en; cloudmatic_sid={sid.strip('@')}"
    assert "Linked account" in (await hub.ask(headers={"Cookie": cookie})).text


@pytest.mark.parametrize("path", ["nowhere", "book/x", "static", "%2e%2e/", "book%00"])
async def test_an_address_that_leads_nowhere_is_a_page_of_its_own(
    hub: Dashboard, path: str
) -> None:
    page = await hub.ask(PREFIX + path)
    assert page.status in {403, 404}
    assert "Traceback" not in page.text
