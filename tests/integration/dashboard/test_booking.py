""" "Zugang buchen" from a form of ours only, and the plain way in where no link can be signed."""

from __future__ import annotations

import asyncio
import signal

import pytest

from ccu_dashboard.storage import hub_key, status_cache
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory
from cloudmatic_link import signing
from cloudmatic_link.claims import BookingLink
from tests.integration.dashboard.conftest import PORTAL, PREFIX, TODAY, Dashboard, Page
from tests.simulated_ccu.account_files import Case, account_files, linked

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOOK = f"{PREFIX}book"


async def book(hub: Dashboard, sid: str, **form: str) -> Page:
    return await hub.ask(BOOK, sid=sid, method="POST", data=form)


async def test_without_a_portal_the_website_is_offered_with_the_warning(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Bewohner")
    page = await book(hub, sid, form=await hub.form_token(sid), product="smarthome")
    assert page.status == 200
    assert "<strong>maxmuster</strong>" in page.text
    assert "4711" in page.text
    assert f'href="{PORTAL}/products?product=smarthome"' in page.text


async def test_an_enrolled_hub_sends_the_customer_on_with_a_signed_link(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Bewohner")
    token = await hub.form_token(sid)
    key = hub_key.load_or_create(hub.addon.state / "hub_key.pem")
    status = hub.addon.state / "status.json"
    status_cache.save(status, PortalMemory(Enrolment(PORTAL, "4711", key.key_id)))
    hub.addon.hand_over()
    try:
        pages = [await book(hub, sid, form=token, product="complete") for _ in range(2)]
        hub.link(linked(ends=TODAY, userid=815, user="erika"))
        other = await book(hub, sid, form=token, product="complete")
    finally:
        status.unlink()
    links = [page.headers["Location"].removeprefix(f"{PORTAL}/entry?link=") for page in pages]
    assert [page.status for page in pages] == [303, 303]
    assert links[0] != links[1]
    assert pages[0].headers["Cache-Control"].startswith("no-store")
    claims = [signing.read(link, BookingLink).statement(key.public) for link in links]
    assert {(each.subject, each.product) for each in claims} == {("4711", "complete")}
    assert other.status == 200
    assert "<strong>erika</strong>" in other.text


@pytest.mark.parametrize("form", ["", "0" * 64, "x", "\u00e9" * 64, "<script>"])
async def test_a_form_that_is_not_from_here_books_nothing(hub: Dashboard, form: str) -> None:
    sid = hub.ccu.engine.login("Bewohner")
    page = await book(hub, sid, form=form, product="complete")
    assert page.status == 403
    assert "nicht mehr aktuell" in page.text
    assert (await book(hub, sid, product="complete")).status == 403


async def test_a_form_of_another_session_books_nothing(hub: Dashboard) -> None:
    one, other = hub.ccu.engine.login("Admin"), hub.ccu.engine.login("Bewohner")
    page = await book(hub, other, form=await hub.form_token(one), product="complete")
    assert page.status == 403


async def test_a_form_from_before_a_restart_books_nothing(hub: Dashboard) -> None:
    sid = hub.ccu.engine.login("Admin")
    token = await hub.form_token(sid)
    await hub.addon.rc("restart")
    await hub.addon.until_up()
    assert (await book(hub, sid, form=token, product="complete")).status == 403
    assert (await book(hub, sid, form=await hub.form_token(sid), product="complete")).status == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_a_post_books(hub: Dashboard, method: str) -> None:
    sid = hub.ccu.engine.login("Admin")
    page = await hub.ask(f"{BOOK}?product=complete", sid=sid, method=method)
    assert page.status == 405
    assert "Location" not in page.headers


@pytest.mark.parametrize("product", ["", "unheard", "../x", "complete\x00", "notifyme", "x" * 9000])
async def test_what_is_not_on_offer_is_not_booked(hub: Dashboard, product: str) -> None:
    sid = hub.ccu.engine.login("Admin")
    page = await book(hub, sid, form=await hub.form_token(sid), product=product)
    assert page.status == 400
    assert "nicht angeboten" in page.text or "Angebot" in page.text


@pytest.mark.parametrize("case", [Case.NOT_LINKED, Case.EMPTY, Case.MISSING])
async def test_without_a_linked_account_nobody_is_booked_for(hub: Dashboard, case: Case) -> None:
    sid = hub.ccu.engine.login("Admin")
    token = await hub.form_token(sid)
    hub.link(account_files(case, TODAY))
    assert (await book(hub, sid, form=token, product="complete")).status == 409


URLENCODED = "application/x-www-form-urlencoded"
STRANGE_FORMS = {
    "too large": (URLENCODED, b"a" * 100_000),
    "huge": (URLENCODED, b"a=" + b"b" * 900_000),
    "many fields": (URLENCODED, b"a=1&" * 3000),
    "no text": (URLENCODED, b"product=\xff\xfe"),
    "escaped rubbish": (URLENCODED, b"product=%ff%fe%00&form=%zz"),
    "unknown charset": (f"{URLENCODED}; charset=klingon", b"product=x"),
    "utf-16": (f"{URLENCODED}; charset=utf-16", b"x"),
    "no boundary": ("multipart/form-data", b"--x"),
    "broken multipart": ("multipart/form-data; boundary=x", b"--x\r\nrubbish"),
    "multipart file": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="form"; filename="f"\r\n\r\nabc\r\n--x--\r\n',
    ),
    "json": ("application/json", b'{"product": "complete"}'),
    "no type": ("", b"product=complete"),
}


@pytest.mark.parametrize("kind", STRANGE_FORMS)
async def test_a_strange_form_is_answered_with_a_page_and_never_a_500(
    hub: Dashboard, kind: str
) -> None:
    media_type, body = STRANGE_FORMS[kind]
    sid = hub.ccu.engine.login("Admin")
    headers = {"Content-Type": media_type}
    page = await hub.ask(BOOK, sid=sid, method="POST", data=body, headers=headers)
    assert page.status in {400, 403, 413, 415}
    assert "<h1>" in page.text


async def test_the_service_says_nothing_secret(hub: Dashboard) -> None:
    """The service by itself, with its output in hand; the hub's logger takes it otherwise."""
    await hub.addon.stop()
    program = hub.ccu.fs.root / "usr/local/addons/cloudmatic/current/bin/ccu-dashboard"
    child = await asyncio.create_subprocess_exec(
        str(program), "serve", env=hub.addon.environment(),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    sid = hub.ccu.engine.login("Admin")
    try:
        await hub.addon.until_up()
        await hub.ask(f"{PREFIX}?sid={sid}")
        await hub.ask(f"{PREFIX}?sid=@secretsecr@")
        await hub.ask(f"{PREFIX}?sid=@secret-malformed@")
        await hub.ask(f"{PREFIX}nowhere?sid={sid}")
        token = await hub.form_token(sid)
        for form in (token, "stale"):
            for product in ("complete", "unheard"):
                await book(hub, sid, form=form, product=product)
        hub.ccu.engine.http_500()
        await hub.ask(f"{PREFIX}?sid=@otherother@")
    finally:
        child.send_signal(signal.SIGTERM)
        output, _ = await asyncio.wait_for(child.communicate(), 10)
        await hub.addon.rc("start")
        await hub.addon.until_up()
    said = output.decode()
    assert child.returncode == 0
    assert "ready on" in said
    for secret in (sid.strip("@"), "secret", "otherother", token, "a1b2c3d4e5f6"):
        assert secret not in said, said
    assert "Traceback" not in said


async def test_the_cookie_is_for_https_only_where_the_hub_is_reached_by_https(
    hub: Dashboard,
) -> None:
    for origin, secure in ((hub.ccu.web.https_url, True), (hub.ccu.url, False)):
        sid = hub.ccu.engine.login("Admin")
        page = await hub.ask(f"{PREFIX}?sid={sid}", hub=origin)
        assert page.status == 303
        assert ("Secure" in page.cookies[0].split("; ")) is secure


async def test_a_page_that_retries_after_a_post_ends_at_the_overview(hub: Dashboard) -> None:
    page = await hub.ask(BOOK, sid=hub.ccu.engine.login("Admin"))
    assert (page.status, page.headers["Location"]) == (303, PREFIX)


async def test_a_body_that_is_not_encoded_as_it_says_is_a_bad_request(hub: Dashboard) -> None:
    headers = {
        "Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    sid = hub.ccu.engine.login("Admin")
    page = await hub.ask(BOOK, sid=sid, method="POST", data=b"abc", headers=headers)
    assert page.status == 400
    assert "<h1>" in page.text
