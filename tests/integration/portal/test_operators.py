"""Operators: set up once, let in with both factors, out in time, no further than their role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import get_args

import pyotp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from cloudmatic_portal.app import make_app
from cloudmatic_portal.domain.audit import ACTIONS, AuditEntry
from cloudmatic_portal.domain.due import DUE_KINDS, DUE_STATES
from cloudmatic_portal.domain.errors import OrderUnknown
from cloudmatic_portal.domain.ledger import ENTRY_KINDS
from cloudmatic_portal.domain.mail import MAIL_STATES, MailKind
from cloudmatic_portal.domain.matching import REASONS
from cloudmatic_portal.domain.operator import ROLES, Role
from cloudmatic_portal.domain.order import ORDER_STATES
from cloudmatic_portal.domain.trail import STEP_KINDS
from cloudmatic_portal.domain.voucher import VOUCHER_KINDS
from cloudmatic_portal.services import operators, orders
from cloudmatic_portal.services.audit import Audited, latest
from cloudmatic_portal.storage.tables import audit_log
from cloudmatic_portal.storage.tables import operators as operators_table
from cloudmatic_portal.web import i18n
from cloudmatic_portal.web.admin import words
from cloudmatic_portal.web.admin.routes import ADMIN_ROUTES, PAGES
from cloudmatic_portal.web.routes import ROUTES
from tests.integration.portal.pages import Page, send
from tests.integration.portal.shopping import order
from tests.integration.portal.staff import LOGIN, PASSWORD, come_in, invite, make
from tests.integration.portal.world import NOW, Browser, Portal, random_bytes

REFUSED = "Name, Passwort und Code gehören nicht zusammen"


async def link_of(portal: Portal) -> str:
    return f"/admin/setup?token={await invite(portal, 'berta', 'support')}"


async def test_an_operator_is_set_up_by_a_link_and_is_in(portal: Portal, browser: Browser) -> None:
    before = await portal.rows()
    page = await browser.get(await link_of(portal))
    invited = await portal.rows()
    assert "Anmeldung von berta einrichten" in page.words
    again = await browser.get(f"/admin/setup?token={page.field('token')}")
    factor = re.search(r'<strong class="code">([A-Z2-7 ]+)</strong>', page.text)
    assert factor
    assert factor[1] in again.text
    assert await portal.rows() == invited != before
    code = pyotp.TOTP(factor[1].replace(" ", "")).at(portal.clock.now)
    wrong = await send(browser, page, "/admin/setup", {"password": PASSWORD, "code": "000000"})
    assert "Diesen Code zeigt die App gerade nicht" in Page(wrong).beside("code")
    short = await send(browser, page, "/admin/setup", {"password": "kurz", "code": code})
    assert "zu kurz" in Page(short).beside("password")
    answer = await send(browser, page, "/admin/setup", {"password": PASSWORD, "code": code})
    assert (answer.status, answer.location) == (303, "/admin")
    assert "Übersicht" in (await browser.get("/admin")).words
    used = await send(browser, page, "/admin/setup", {"password": PASSWORD, "code": code})
    assert used.status in {403, 410}
    assert (await browser.get(f"/admin/setup?token={page.field('token')}")).status == 410
    # The database alone lets nobody in.
    dump = str(await portal.rows())
    assert factor[1].replace(" ", "") not in dump
    assert page.field("token") not in dump


async def test_a_link_expires_and_is_replaced_by_a_newer_one(
    portal: Portal, browser: Browser
) -> None:
    link = await link_of(portal)
    token = await operators.add_again(
        portal.database, "berta", "admin", now=portal.clock.now, random_bytes=random_bytes
    )
    assert (await browser.get(link)).status == 410
    newer = f"/admin/setup?token={token}"
    assert (await browser.get(newer)).status == 200
    portal.clock.move(hours=24)
    assert (await browser.get(newer)).status == 410
    assert (await browser.get("/admin/setup?token=x")).status == 410
    assert (await browser.get("/admin/setup")).status == 410


async def test_all_three_are_needed_and_nothing_tells_which_was_wrong(
    portal: Portal, browser: Browser
) -> None:
    anna = await make(portal)
    answers = [
        await anna.log_in(browser, name="otto"),
        await anna.log_in(browser, password=f"{PASSWORD}!"),
        await anna.log_in(browser, code=anna.code(steps=7)),
    ]
    assert {(each.status, REFUSED in each.words) for each in answers} == {(403, True)}
    pages = {re.sub(r'value="[^"]*"', "", each.text) for each in answers}
    assert len(pages) == 1
    assert (await browser.get("/admin")).location == f"{LOGIN}?next=/admin"
    assert (await anna.log_in(browser)).status == 303


async def test_a_code_lets_in_once(portal: Portal, browser: Browser) -> None:
    anna = await make(portal)
    code = anna.code()
    assert (await anna.log_in(browser, code=code)).status == 303
    async with Browser(portal) as other:
        assert (await anna.log_in(other, code=code)).status == 403
        assert (await anna.log_in(other, code=anna.code(steps=-1))).status == 403
        portal.clock.move(seconds=30)
        assert (await anna.log_in(other, code=code)).status == 403
        assert (await anna.log_in(other)).status == 303


async def test_guessing_is_slowed_down(portal: Portal, browser: Browser) -> None:
    anna = await make(portal)
    for _ in range(5):
        assert (await anna.log_in(browser, code="000000")).status == 403
    answers = [await anna.log_in(browser, code="000000") for _ in range(2)]
    assert answers[-1].status == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert (await anna.log_in(browser)).status == 429
    portal.clock.move(minutes=15)
    assert (await anna.log_in(browser)).status == 303


async def test_a_login_begins_a_new_session_and_ends_the_former(
    portal: Portal, browser: Browser
) -> None:
    anna = await come_in(portal, browser)
    portal.clock.move(seconds=30)
    assert (await anna.log_in(browser)).status == 303
    assert await portal.count("operator_sessions") == 1


@pytest.mark.parametrize(
    ("pause", "times", "inside"), [(29, 3, True), (30, 1, False), (25, 29, False)]
)
async def test_a_session_ends_when_idle_and_after_half_a_day(
    portal: Portal, browser: Browser, pause: int, times: int, inside: bool
) -> None:
    await come_in(portal, browser)
    for _ in range(times):
        portal.clock.move(minutes=pause)
        page = await browser.get("/admin")
    assert (page.status == 200) is inside


async def test_whoever_is_disabled_is_out_at_once(portal: Portal, browser: Browser) -> None:
    anna = await come_in(portal, browser)
    await operators.disable(portal.database, "anna", portal.clock.now)
    assert (await browser.get("/admin")).status == 303
    portal.clock.move(seconds=30)
    assert (await anna.log_in(browser)).status == 403


async def test_logging_out_ends_the_session(portal: Portal, browser: Browser) -> None:
    await come_in(portal, browser)
    answer = await send(browser, await browser.get("/admin"), "/admin/logout")
    assert (answer.status, answer.location) == (303, LOGIN)
    assert await portal.count("operator_sessions") == 0


async def test_another_secret_of_the_portal_asks_for_a_new_link(
    portal: Portal, browser: Browser
) -> None:
    anna = await make(portal)
    changed = replace(portal.settings, secret=b"another secret of the portal, as long")
    app = make_app(changed, clock=portal.clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        other = Portal(server, changed, portal.clock, portal.database)
        async with Browser(other) as visitor:
            assert (await anna.log_in(visitor)).status == 403


@pytest.mark.parametrize("origin", ["http://localhost:8000", "https://www.portal.example"])
async def test_the_cookie_is_strict_and_for_admin_only(portal: Portal, origin: str) -> None:
    anna = await make(portal)
    changed = replace(portal.settings, origin=origin)
    app = make_app(changed, clock=portal.clock, random_bytes=random_bytes)
    async with (
        TestServer(app) as server,
        Browser(Portal(server, changed, portal.clock, portal.database)) as visitor,
    ):
        page = await visitor.get(LOGIN)
        form = (
            Page(page)
            .form(LOGIN)
            .filled({"name": "anna", "password": PASSWORD, "code": anna.code()})
        )
        # A jar keeps no secure cookie over plain http, so it is handed over.
        held = "; ".join(each.partition(";")[0] for each in page.cookies)
        answer = await visitor.post(LOGIN, form, headers={"Cookie": held})
    [cookie] = answer.cookies
    attributes = {each.strip() for each in cookie.split(";")}
    assert {"HttpOnly", "SameSite=Strict", "Path=/admin"} <= attributes
    assert ("Secure" in attributes) is changed.secure
    assert cookie.startswith("__Secure-cm_operator=" if changed.secure else "cm_operator=")


async def test_no_page_below_admin_is_without_its_roles(portal: Portal, browser: Browser) -> None:
    below = [each for each in ROUTES if isinstance(each, web.RouteDef)]
    ours = {(each.method, each.path) for each in below if each.path.startswith("/admin")}
    open_to_all = {(method, path) for path in (LOGIN, "/admin/setup") for method in ("GET", "POST")}
    assert ours - open_to_all == {(each.method, each.path) for each in PAGES}
    assert len(ADMIN_ROUTES) == len(ours)
    for page in PAGES:
        address = re.sub(r"\{[a-z]+\}", "1", page.path)
        ask = browser.get if page.method == "GET" else lambda path: browser.post(path, {})
        answer = await ask(address)
        assert (answer.status, answer.location.partition("?")[0]) == (303, LOGIN)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_reaches_what_the_table_says(
    portal: Portal, browser: Browser, role: Role
) -> None:
    await come_in(portal, browser, role)
    token = (await browser.get("/admin")).field("form_token")
    for page in PAGES:
        if page.path == "/admin/logout":
            continue
        address = re.sub(r"\{[a-z]+\}", "1", page.path)
        before = await portal.rows()
        if page.method == "GET":
            answer = await browser.get(address)
        else:
            answer = await browser.post(address, {"form_token": token})
        refused = "Ihre Rolle reicht dafür nicht aus" in answer.words
        assert refused is (role not in page.roles), page.path
        assert answer.status == 403 if refused else answer.status < 500
        if refused:
            assert await portal.rows() == before


async def test_a_customers_login_is_no_operators(portal: Portal, browser: Browser) -> None:
    await browser.log_in("maxmuster")
    assert (await browser.get("/admin")).status == 303
    form = (await browser.get("/dashboard")).field("form_token")
    assert (await browser.post(LOGIN, {"form_token": form})).status == 403


@contextmanager
def refused_by_the_database() -> Iterator[None]:
    with pytest.raises(DBAPIError, match="audit_log_append_only"):
        yield


async def test_what_was_done_cannot_be_undone_in_the_log(portal: Portal, browser: Browser) -> None:
    await come_in(portal, browser)
    before = await portal.rows()
    assert "log in" in str(before["audit_log"])
    with refused_by_the_database():
        async with portal.database.writing() as connection:
            await connection.execute(update(audit_log).values(operator="nobody"))
    with refused_by_the_database():
        async with portal.database.writing() as connection:
            await connection.execute(delete(audit_log))
    assert await portal.rows() == before


def entry() -> AuditEntry:
    return AuditEntry(
        at=NOW, operator="anna", operator_id=None, action="cancel order", object="order x"
    )


async def test_an_action_and_its_line_are_written_both_or_neither(
    portal: Portal, browser: Browser
) -> None:
    await browser.log_in("maxmuster")
    number = (await order(browser)).rpartition("/")[2]
    before = await portal.rows()
    with pytest.raises(OrderUnknown):
        await orders.cancel(Audited(portal.database, entry()), None, "222222222", NOW)
    assert await portal.rows() == before
    audited = Audited(portal.database, entry())
    await orders.cancel(audited, None, number, NOW)
    assert [each.action for each in await latest(portal.database, 9)] == ["cancel order"]
    # Two transactions would leave one of them without a line.
    with pytest.raises(RuntimeError):
        await orders.cancel(audited, None, number, NOW)


async def test_a_password_alone_is_refused_by_the_database(portal: Portal) -> None:
    await make(portal)
    for changes in ({"totp_sealed": None}, {"totp_step": None}, {"role": "root"}):
        with pytest.raises(DBAPIError):
            async with portal.database.writing() as connection:
                await connection.execute(update(operators_table).values(changes))
    async with portal.database.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM operators"))).scalar() == 1


def test_every_word_that_the_log_keeps_is_translated() -> None:
    german = i18n.load("de")
    assert set(words.ACTIONS) == set(ACTIONS)
    assert set(words.ROLES) == set(ROLES)
    for known, labels in (
        (ORDER_STATES, words.ORDER_STATES),
        (MAIL_STATES, words.MAIL_STATES),
        (get_args(MailKind), words.MAIL_KINDS),
        (DUE_STATES, words.DUE_STATES),
        (DUE_KINDS, words.DUE_KINDS),
        (ENTRY_KINDS, words.ENTRY_KINDS),
        (STEP_KINDS, words.STEP_KINDS),
        (VOUCHER_KINDS, words.VOUCHER_KINDS),
    ):
        assert set(labels) == set(known)
    assert set(REASONS) <= set(words.LINE_REASONS)
    for label in words.ACTIONS.values():
        assert german.gettext(label) != label
