"""Every page there is: its headers, what it loads, its cookies. A new route needs a line here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Final, Self

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from cloudmatic_link.api import LINK_FIELD
from cloudmatic_portal.app import make_app
from cloudmatic_portal.domain.mail_link import MailLink
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.domain.voucher_batch import PLACEHOLDER, WantedBatch
from cloudmatic_portal.services import voucher_batches
from cloudmatic_portal.services.sessions import token_hash
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import mail_link as stored_mail_link
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.storage.tables import (
    bank_lines,
    due_actions,
    hubs,
    mails,
    orders,
    terms_versions,
)
from cloudmatic_portal.web.routes import ROUTES
from tests.integration.portal.every_form import (
    ASKED,
    BY_PAYPAL,
    CASES,
    DECLARED,
    bring_statement,
    revoke_address,
)
from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.pages import Page, send
from tests.integration.portal.phone import FACTOR, set_up, type_code
from tests.integration.portal.shopping import order, put, subscribe
from tests.integration.portal.world import Answer, Browser, Clock, Portal, random_bytes

POLICY: Final = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
OUTSIDE: Final = re.compile(
    r"""<script|<iframe|<object|<embed|\bstyle=|\bon[a-z]+=|(?:src|href|action)="(?:[a-z]+:|//)""",
    re.IGNORECASE,
)
NO_PAGES: Final = ("/api/", "/healthz", "/readyz")
DOCUMENTS: Final = {"/invoices/{number}"}
"""Files to keep, no pages; see test_invoice_pages.py."""
COOKIES: Final = {"cm_session", "cm_booking", "cm_form_", "cm_device_", "cm_lang", "cm_step"}


LINKED: Final = {
    "/password/new",
    "/register/confirm",
    "/account/email/confirm",
    "/account/email/stop",
    "/admin/setup",
}
"""Pages that a link in a mail leads to."""


def pages() -> set[str]:
    gets = [each for each in ROUTES if isinstance(each, web.RouteDef) and each.method == "GET"]
    shown = {
        each.path for each in gets if not each.path.startswith(NO_PAGES) and not is_file(each.path)
    }
    return shown - BY_PAYPAL - DOCUMENTS


def is_file(path: str) -> bool:
    """Whether a browser is to keep what is there, not to show it: it has a name with a dot."""
    return "." in path.rpartition("/")[2]


async def addresses(portal: Portal, browser: Browser) -> dict[str, str]:
    """An address of each page that shows something to somebody with a login and a booking."""
    hub = await enrolled_hub(portal)
    found = {}
    for case in CASES:
        if case.route in LINKED:
            async with Browser(portal) as other:
                page, address = await case.open(portal, other)
                token = Page(page).form(address).value("token")
                found[case.route] = f"{case.route}?token={token}"
    found |= await admin_addresses(portal, browser)
    await browser.accept(hub.link())
    subscription = await subscribe(portal, browser)
    found |= {
        f"/subscriptions/{{number}}/{step}": f"{subscription}/{step}"
        for step in ("pause", "resume", "change", "cancel", "standing-order")
    }
    found["/hubs/{number}/revoke"] = await revoke_address(browser)
    for base in ("", "/booking"):
        ordered = await order(browser, base=base)
        await put(browser, "connect", base)
        found |= {
            f"{base}/products/{{code}}": f"{base}/products/complete",
            f"{base}/orders/{{number}}": ordered,
            f"{base}/orders/{{number}}/cancel": f"{ordered}/cancel",
        }
    declared = await send(
        browser, await browser.get("/withdraw-contract"), "/withdraw-contract", DECLARED
    )
    found["/declarations/receipt"] = declared.location
    found["/entry/mail"] = f"/entry/mail?token={await mailed_link(portal)}"
    found["/entry"] = f"/entry?{LINK_FIELD}={hub.link()}"
    return {path: path for path in pages() if "{" not in path} | found


async def admin_addresses(portal: Portal, browser: Browser) -> dict[str, str]:
    """The operators' pages about something; `browser` is logged in as one afterwards."""
    await next(case for case in CASES if case.route in ASKED).open(portal, browser)
    async with portal.database.reading() as connection:
        uncertain = select(mails.c.id).where(mails.c.state == "uncertain")
        mail = (await connection.execute(uncertain)).scalars().first()
        line = (await connection.execute(select(bank_lines.c.id))).scalars().first()
        hub = (await connection.execute(select(hubs.c.id))).scalars().first()
        failed = select(due_actions.c.id).where(due_actions.c.state == "failed")
        action = (await connection.execute(failed)).scalar_one()
        version = (await connection.execute(select(terms_versions.c.version))).scalar_one()
        reference = (await connection.execute(select(orders.c.reference))).scalars().first()
    asked = {
        route: address.format(order=reference, hub=hub, mail=mail, action=action, line=line)
        for route, address in ASKED.items()
    }
    return asked | {
        "/admin/accounts/{number}": "/admin/accounts/4711",
        "/admin/accounts/{number}/refund": "/admin/accounts/4711/refund",
        "/admin/accounts/{number}/correct": "/admin/accounts/4711/correct",
        "/admin/orders/{number}": f"/admin/orders/{reference}",
        "/admin/orders/{number}/refund": f"/admin/orders/{reference}/refund",
        "/admin/mails/{number}": f"/admin/mails/{mail}",
        "/admin/work-list/{number}": f"/admin/work-list/{line}",
        "/admin/statements/{number}": await bring_statement(portal),
        "/admin/vouchers/batches/{number}": await make_batch(portal),
        "/admin/legal/{version}": f"/admin/legal/{version}",
        "/admin/catalogue/{code}/texts": "/admin/catalogue/connect/texts",
        "/admin/catalogue/{code}/price": "/admin/catalogue/connect/price",
        "/admin/catalogue/{code}/end": "/admin/catalogue/connect/end",
    }


async def make_batch(portal: Portal) -> str:
    """The page of a batch of vouchers."""
    now = portal.clock.now
    kind = Voucher(code=PLACEHOLDER, kind="months", value=1, valid_from=now.date(), limit=1)
    wanted = WantedBatch(name="Messe", count=2, kind=kind)
    made = await voucher_batches.make(portal.database, wanted, now=now, random_bytes=random_bytes)
    return f"/admin/vouchers/batches/{made}"


async def mailed_link(portal: Portal) -> str:
    """The token of a link in a reminder to maxmuster."""
    now, token = portal.clock.now, "T" * 43
    expires_at = now + timedelta(days=30)
    link = MailLink(
        account_id=4711,
        user_name="maxmuster",
        product="complete",
        created_at=now,
        expires_at=expires_at,
    )
    async with portal.database.writing() as connection:
        await stored_mail_link.add(connection, token_hash(token), link)
    return token


@pytest.fixture
async def shown(portal: Portal, browser: Browser) -> dict[str, Answer]:
    """Every page with something on it."""
    found = await addresses(portal, browser)
    assert set(found) == pages()
    # Nobody sees this one and the others of the second factor at once.
    unset = {FACTOR: await browser.get(found.pop(FACTOR))}
    await set_up(portal, browser, seconds=0)
    await browser.log_in("maxmuster")
    return unset | {path: await browser.get_exactly(address) for path, address in found.items()}


async def test_every_page_forbids_whatever_it_does_not_need(
    shown: dict[str, Answer], subtests: pytest.Subtests
) -> None:
    for path, page in shown.items():
        with subtests.test(path=path):
            assert page.status == 200
            policy = page.headers["Content-Security-Policy"]
            assert dict(each.strip().split(" ", 1) for each in policy.split(";")) == POLICY
            assert page.headers["X-Content-Type-Options"] == "nosniff"
            assert page.headers["X-Frame-Options"] == "DENY"
            assert page.headers["Referrer-Policy"] == "strict-origin"
            assert page.headers["Cache-Control"] == "no-store"
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_no_page_loads_leads_or_sends_anywhere_else(
    shown: dict[str, Answer], subtests: pytest.Subtests
) -> None:
    for path, page in shown.items():
        with subtests.test(path=path):
            assert OUTSIDE.search(page.text) is None


async def test_every_form_carries_a_token_and_goes_where_a_form_may_go(
    portal: Portal, browser: Browser, shown: dict[str, Answer]
) -> None:
    # This one comes only after another form.
    code = (await Hub(portal).begin_pairing())["user_code"]
    asking = await send(browser, shown["/pair"], "/pair", {"code": code})
    posts = [each for each in ROUTES if isinstance(each, web.RouteDef) and each.method == "POST"]
    patterns = [re.sub(r"\{[a-z]+\}", "[^/]+", each.path) for each in posts]
    forms = [form for page in (*shown.values(), asking) for form in Page(page).forms]
    for form in forms:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", form.value("form_token"))
        assert any(re.fullmatch(pattern, form.action) for pattern in patterns)
    # No form is hidden from the tests of forms.
    for case in CASES:
        pattern = re.sub(r"\{[a-z]+\}", "[^/]+", case.route)
        assert any(re.fullmatch(pattern, form.action) for form in forms)


class BrowserOverTls(Browser):
    """Believes that the connection is encrypted, and keeps cookies that want it to be."""

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(
            unsafe=True, quote_cookie=False, treat_as_secure_origin=self.portal.url("/").origin()
        )
        self.session = aiohttp.ClientSession(cookie_jar=jar)
        return self


@pytest.fixture(params=["http://localhost:8000", "https://www.portal.example"])
async def reached(
    request: pytest.FixtureRequest, settings: Settings, clock: Clock, database: Database
) -> AsyncIterator[Portal]:
    changed = replace(settings, origin=request.param)
    app = make_app(changed, clock=clock, random_bytes=random_bytes)
    async with TestServer(app) as server:
        yield Portal(server, changed, clock, database)


async def second_step(portal: Portal, browser: Browser) -> Answer:
    """The answer to the first step of a login, of which the second one follows."""
    phone = await set_up(portal, browser)
    answer = await browser.log_in("maxmuster")
    assert (await type_code(browser, phone.code())).status == 303
    return answer


async def test_every_cookie_is_for_this_host_and_out_of_reach_of_scripts(reached: Portal) -> None:
    secure = reached.settings.secure
    async with BrowserOverTls(reached) as browser:
        answers = [
            await browser.get("/login?lang=de"),
            await browser.log_in("maxmuster"),
            await browser.accept((await enrolled_hub(reached)).link()),
            await send(browser, await browser.get("/logout-everywhere"), "/logout-everywhere"),
            await browser.log_in("maxmuster"),
            await second_step(reached, browser),
            await send(browser, await browser.get("/dashboard"), "/logout"),
        ]
    cookies = [cookie for answer in answers for cookie in answer.cookies]
    for cookie in cookies:
        attributes = {each.strip() for each in cookie.split(";")[1:]}
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
        assert ("Secure" in attributes) is secure
        assert not any(each.startswith("Domain") for each in attributes)
        assert cookie.startswith("__Host-cm_" if secure else "cm_")
    names = {cookie.partition("=")[0].removeprefix("__Host-") for cookie in cookies}
    assert {kind for kind in COOKIES if any(name.startswith(kind) for name in names)} == COOKIES
    assert all(any(name.startswith(kind) for kind in COOKIES) for name in names)
