"""What holds for every page: forms are ours, headers are set, nothing is given away."""

from __future__ import annotations

import gzip
import logging
import re
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from cloudmatic_link.api import LINK_FIELD
from cloudmatic_portal.app import make_app
from cloudmatic_portal.cli.logs import NoRequests
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.world import PASSWORD, Browser, Clock, Portal, random_bytes


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(
    portal: Portal, browser: Browser, headers: dict[str, str]
) -> None:
    link = (await enrolled_hub(portal)).link()
    before = await portal.rows()
    page = await browser.show_link(link)
    form = f"{LINK_FIELD}={link}&form_token={page.field('form_token')}"
    sent = {"Content-Type": "application/x-www-form-urlencoded"} | headers
    answer = await browser.post("/entry", form, headers=sent)
    assert answer.status == 403
    assert "Das Formular konnte nicht angenommen werden" in answer.words
    assert await portal.rows() == before


@pytest.mark.parametrize("token", ["", "A" * 43, "ü", "x" * 10_000])
async def test_a_form_without_our_token_is_refused(
    portal: Portal, browser: Browser, token: str
) -> None:
    link = (await enrolled_hub(portal)).link()
    await browser.show_link(link)
    answer = await browser.post("/entry", {LINK_FIELD: link, "form_token": token})
    assert answer.status == 403
    assert await portal.count("consumed_links") == 0


async def test_a_token_belongs_to_its_browser_and_its_session(
    portal: Portal, browser: Browser
) -> None:
    hub = await enrolled_hub(portal)
    token = (await browser.show_link(hub.link())).field("form_token")
    async with Browser(portal) as other:
        await other.show_link(hub.link())
        stolen = {LINK_FIELD: hub.link(), "form_token": token}
        assert (await other.post("/entry", stolen)).status == 403
    await browser.log_in("maxmuster")
    mine = (await browser.get("/cart")).field("form_token")
    await browser.log_in("erikamuster")
    assert (await browser.post("/cart", {"form_token": mine})).status == 403


async def test_a_login_from_elsewhere_is_refused(portal: Portal, browser: Browser) -> None:
    form = {"name": "maxmuster", "password": PASSWORD, "form_token": "A" * 43}
    assert (await browser.post("/login", form)).status == 403
    assert (await browser.post("/logout", {})).status == 403
    assert await portal.count("sessions") == 0


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"a=%00", b"a=%ff", b"a=%0d%0aSet-Cookie:x", b"a=1&" * 200]
)
async def test_forms_that_no_browser_sends_are_refused(browser: Browser, body: bytes) -> None:
    await browser.get("/login")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/login", body, headers=headers)).status in {400, 403}


FORM = "application/x-www-form-urlencoded"
NOT_READABLE = [
    {"Content-Encoding": "gzip", "Content-Type": FORM},
    {"Content-Encoding": "deflate", "Content-Type": FORM},
    {"Content-Encoding": "gzip", "Content-Type": f"{FORM}; charset=nope"},
]


async def test_bodies_that_cannot_be_read_are_the_senders_fault(
    portal: Portal, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    logging.getLogger("aiohttp.server").addFilter(quiet := NoRequests())
    for path in ("/login", "/logout", "/entry"):
        for headers in NOT_READABLE:
            with subtests.test(path=path, headers=headers):
                async with Browser(portal) as browser:
                    answer = await browser.post(path, b"not packed", headers=headers)
                assert answer.status == 400
                assert "Die Anfrage war nicht lesbar" in answer.words
    logging.getLogger("aiohttp.server").removeFilter(quiet)
    assert not [each for each in caplog.records if each.exc_info]


async def test_what_is_packed_too_small_is_still_too_large(browser: Browser) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": FORM}
    answer = await browser.post("/login", gzip.compress(b"x" * 1_000_000), headers=headers)
    assert answer.status == 413


async def test_too_large_forms_get_a_page_of_ours(browser: Browser) -> None:
    answer = await browser.post("/login", {"name": "x" * 20_000})
    assert answer.status == 413
    assert "Das war zu viel" in answer.words


async def test_unknown_addresses_and_methods_get_pages_of_ours(browser: Browser) -> None:
    missing = await browser.get("/gibt-es-nicht")
    assert (missing.status, "Seite nicht gefunden" in missing.words) == (404, True)
    wrong = await browser.post("/products", {})
    assert (wrong.status, wrong.headers["Allow"]) == (405, "GET,HEAD")
    logout = await browser.get("/logout")
    assert (logout.status, logout.headers["Allow"]) == (405, "POST")
    assert (await browser.get("/static/../app.py")).status == 404
    assert (await browser.get("/static/%2e%2e/app.py")).status in {403, 404}


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/login", "/admin/login", "/api/hub/status"])
async def test_methods_that_nothing_needs_are_refused(
    browser: Browser, portal: Portal, method: str, path: str
) -> None:
    secret = {"X-Not-To-Be-Echoed": "secret"}
    async with browser.session.request(method, portal.url(path), headers=secret) as answer:
        assert answer.status in {404, 405}
        assert "secret" not in await answer.text()
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/", "/static", "/.git/config", "/admin/static/"])
async def test_no_folder_is_listed(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status in {403, 404}
    assert "portal.css" not in answer.words


@pytest.mark.parametrize("path", ["/orders/1%0d%0aX-Slipped-In:1", "/admin/orders/%0aX:1"])
async def test_an_address_writes_no_header_of_the_answer(browser: Browser, path: str) -> None:
    answer = await browser.get_exactly(path)
    assert answer.status in {303, 404}
    assert not {"X-Slipped-In", "X"} & set(answer.headers)


async def test_a_failure_of_ours_shows_no_traceback(
    portal: Portal, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("cloudmatic_portal.services.catalogue.stored_catalogue.every", fail)
    answer = await browser.get("/products")
    assert answer.status == 500
    assert "Bei uns ist etwas schiefgegangen" in answer.words
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/", "/entry", "/nothing", "/api/v1/hub/status", "/static/portal.css"]
)
async def test_every_answer_carries_the_headers(browser: Browser, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin"
    assert "Strict-Transport-Security" not in headers
    assert "aiohttp" not in headers["Server"]


async def test_no_page_needs_another_host_or_a_script(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    await browser.accept(hub.link())
    await browser.log_in("maxmuster")
    for path in ("/", "/products", "/login", "/dashboard", "/cart", "/booking/cart", "/nothing"):
        text = (await browser.get(path)).text
        for outside in ("http://", "https://", 'src="//', "<script", "style=", " onclick"):
            assert outside not in text


async def test_over_https_cookies_are_bound_to_the_host(
    settings: Settings, clock: Clock, database: Database
) -> None:
    secure = replace(settings, origin="https://www.portal.example")
    app = make_app(secure, clock=clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        portal = Portal(server, secure, clock, database)
        hub = await enrolled_hub(portal)
        async with Browser(portal) as browser:
            link = hub.link()
            page = await browser.show_link(link)
            assert page.headers["Strict-Transport-Security"] == "max-age=63072000"
            cookie = next(each for each in page.cookies if "cm_form" in each)
            form = {LINK_FIELD: link, "form_token": page.field("form_token")}
            sent = {"Cookie": cookie.split(";")[0]}
            accepted = await browser.post("/entry", form, headers=sent)
            assert accepted.status == 303
            for each in [cookie, *accepted.cookies]:
                assert each.startswith("__Host-cm_")
                for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                    assert attribute in each
                assert "Domain" not in each


async def test_the_language_follows_the_browser_and_then_the_choice(browser: Browser) -> None:
    assert "Produkte" in (await browser.get("/products")).words
    english = {"Accept-Language": "fr, en;q=0.8, de;q=0.5"}
    assert "Products" in (await browser.get("/products", headers=english)).words
    german = {"Accept-Language": "en-GB;q=0.7, de-AT"}
    assert "Produkte" in (await browser.get("/products", headers=german)).words
    assert "Products" in (await browser.get("/products?lang=en")).words
    assert "Products" in (await browser.get("/products", headers=german)).words
    assert "Produkte" in (await browser.get("/products?lang=de")).words
    assert "Produkte" in (await browser.get("/products?lang=xx")).words


@pytest.mark.parametrize(
    "target",
    ["//evil.example/x", "//evil.example/x?lang=de&a=%2F%2Fb", "/%5Cevil.example/", "/\\e/"],
)
async def test_the_language_links_stay_on_the_page_whatever_its_path(
    browser: Browser, target: str
) -> None:
    page = await browser.get_exactly(target)
    assert page.status == 404
    links = re.findall(r'href="([^"]*lang=[^"]*)"', page.text)
    assert len(links) == 2
    assert all(each.startswith("?") for each in links)


async def test_static_files_are_kept_by_browsers_until_they_change(browser: Browser) -> None:
    page = await browser.get("/")
    address = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = await browser.get(address)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/css")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
