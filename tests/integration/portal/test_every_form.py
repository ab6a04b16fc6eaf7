"""Every form with everything that may be sent with it: a plain answer, and nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlencode

import pytest
from aiohttp import web
from sqlalchemy import delete

from cloudmatic_link.api import DEVICE_PATH, DEVICE_TOKEN_PATH, HUBS_PATH
from cloudmatic_portal.storage.tables import attempts
from cloudmatic_portal.web.places import WEBHOOK_PATH
from cloudmatic_portal.web.routes import ROUTES
from tests.integration.portal.every_form import (
    BY_PAYPAL,
    CASES,
    NEW_PASSWORD,
    Case,
    Opened,
    enter,
)
from tests.integration.portal.pages import Page, Value, send
from tests.integration.portal.shopping import order
from tests.integration.portal.world import PASSWORD, Answer, Browser, Portal

HOSTILE: Final = {
    "blank": " \u00a0 ",
    "tab": "\t",
    "overlong": "x" * 10_000,
    "markup, sql, templates": "\"'><script>alert(1)</script>' OR 1=1; -- {{ 7*7 }} %s %(code)s %%",
    "emoji, right to left": "👩‍👩‍👧‍👦\u202egnp.exe../../../etc/passwd",
    "other digits": "１２",
    "a large number": "9" * 300,
}
NEVER_TYPED: Final = ("a\0b", "\x1b[31m", "\r\nSet-Cookie: a=b\x7f")
FORM: Final = "application/x-www-form-urlencoded"
ABROAD: Final = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Content-Type": "text/plain"},
    {"Content-Type": "application/json"},
    {"Content-Type": "multipart/form-data; boundary=x"},
)
BODIES: Final = {
    "not ascii": b"\xff\xfe\x00",
    "not utf-8": b"a=%ff",
    "half a surrogate": b"a=%ed%a0%80",
    "too many fields": b"a=1&" * 200,
}

each_form = pytest.mark.parametrize("case", CASES, ids=lambda case: case.route)


def test_no_form_is_forgotten() -> None:
    posts = [each for each in ROUTES if isinstance(each, web.RouteDef) and each.method == "POST"]
    # No browser posts to the API; what it refuses is in test_enrolment.py, test_pairing.py and
    # paypal/test_webhooks.py.
    api = {HUBS_PATH, DEVICE_PATH, DEVICE_TOKEN_PATH, WEBHOOK_PATH}
    # A form with a file has its tests in test_statement_pages.py.
    forms = {each.path for each in posts} - api - {"/admin/statements"}
    assert forms - BY_PAYPAL == {case.route for case in CASES}


class Trial:
    """A form on its page, to be sent again and again."""

    def __init__(self, portal: Portal, browser: Browser, case: Case, opened: Opened) -> None:
        self.portal, self.browser, self.case = portal, browser, case
        self.page, self.address = opened

    async def send(self, changes: dict[str, Value], **options: dict[str, str]) -> Answer:
        """Send it filled, but for `changes`. Whatever comes of it, nobody has to wait for it."""
        filled = {**self.case.good, **changes}
        answer = await send(self.browser, self.page, self.address, filled, **options)
        if self.case.counted:
            async with self.portal.database.writing() as connection:
                await connection.execute(delete(attempts))
        return self.checked(answer)

    async def send_body(self, body: bytes) -> Answer:
        headers = {"Content-Type": FORM}
        return self.checked(await self.browser.post(self.address, body, headers=headers))

    def checked(self, answer: Answer) -> Answer:
        """What holds for every answer."""
        assert answer.status < 500
        for secret in (PASSWORD, NEW_PASSWORD, *self.tokens()):
            assert secret not in answer.text
        assert "<script" not in answer.text
        return answer

    def tokens(self) -> list[str]:
        names = ("cm_session", "cm_booking", "cm_operator")
        named = (self.browser.cookie(name) for name in names)
        return [token for token in named if token]

    def keeps(self, answer: Answer, name: str, value: str) -> bool:
        """Whether the field still holds it, as far as the field is long; spaces do not matter."""
        shown = Page(answer).form(self.address).value(name).strip()
        return shown == value.strip() or (len(shown) >= 64 and value.startswith(shown))


@pytest.fixture
async def trial(portal: Portal, browser: Browser, case: Case) -> AsyncIterator[Trial]:
    """Whatever a test does with the form, in the end nothing is changed."""
    opened = Trial(portal, browser, case, await case.open(portal, browser))
    before = await portal.rows_but_tallies()
    yield opened
    assert await portal.rows_but_tallies() == before


@each_form
async def test_what_must_not_stand_in_a_field_is_refused_and_kept(
    trial: Trial, case: Case, subtests: pytest.Subtests
) -> None:
    for name in case.strict:
        for what, value in HOSTILE.items():
            with subtests.test(field=name, what=what):
                answer = await trial.send({name: value})
                if case.mute and value.strip():
                    assert answer.status == 303
                    continue
                assert 400 <= answer.status < 500
                if name in case.kept:
                    assert trial.keeps(answer, name, value)
                    assert Page(answer).beside(name)
    for name in (*case.strict, *case.free, "form_token", "unheard_of"):
        for value in NEVER_TYPED:
            with subtests.test(field=name, what=value):
                answer = await trial.send({name: value})
                assert answer.status == 400
                assert "Ein Feld enthält unsichtbare Zeichen" in answer.words


@each_form
async def test_a_field_left_empty_or_out_has_a_sentence_beside_it(
    trial: Trial, case: Case, subtests: pytest.Subtests
) -> None:
    for name in (*case.strict, *case.free):
        for what, value in (("empty", ""), ("missing", None)):
            with subtests.test(field=name, what=what):
                answer = await trial.send({name: value})
                assert 400 <= answer.status < 500
                if name in case.beside:
                    assert case.beside[name] in Page(answer).beside(name)
                for other in set(case.kept) - {name}:
                    assert trial.keeps(answer, other, str(case.good[other]))
        with subtests.test(field=name, what="twice, and the first one counts"):
            good = case.good.get(name, Page(trial.page).form(trial.address).value(name))
            answer = await trial.send({name: ["", str(good)]})
            assert 400 <= answer.status < 500
    for name in case.free:
        with subtests.test(field=name, what="overlong"):
            answer = await trial.send({name: "längeres Wort " * 300})
            assert answer.status == 422
            assert "zu lang" in Page(answer).beside(name)


@each_form
async def test_a_form_that_is_not_ours_is_refused(
    portal: Portal, trial: Trial, subtests: pytest.Subtests
) -> None:
    async with Browser(portal) as other:
        stolen = (await other.get("/login")).field("form_token")
    for token in (None, "", "A" * 43, "ü", stolen, ["", stolen]):
        with subtests.test(token=token):
            assert (await trial.send({"form_token": token})).status == 403
    for headers in ABROAD:
        with subtests.test(headers=headers):
            assert (await trial.send({}, headers=headers)).status == 403
    token_field = urlencode({"form_token": trial.page.field("form_token")}).encode()
    for what, body in BODIES.items():
        with subtests.test(what=what):
            assert (await trial.send_body(token_field + b"&" + body)).status == 403
    for size in (17_000, 1_000_000):
        with subtests.test(size=size):
            answer = await trial.send_body(token_field + b"&a=" + b"x" * size)
            assert answer.status == 413
            assert "Das war zu viel" in answer.words


@each_form
async def test_without_its_session_a_form_leads_to_the_login_or_back_to_the_hub(
    portal: Portal, trial: Trial, case: Case
) -> None:
    if case.needs is None:
        return
    async with Browser(portal) as stranger:
        token = (await stranger.get("/login")).field("form_token")
        form = Page(trial.page).form(trial.address).filled({**case.good, "form_token": token})
        answer = trial.checked(await stranger.post(trial.address, form))
    if case.needs == "booking":
        assert answer.status == 403
        assert "Ihre Buchung wurde unterbrochen" in answer.words
    else:
        login = "/admin/login" if case.needs == "admin" else "/login"
        assert (answer.status, answer.location.partition("?")[0]) == (303, login)


@pytest.mark.parametrize("base", ["", "/booking"])
async def test_another_accounts_order_is_unknown_and_stays_as_it_is(
    portal: Portal, browser: Browser, base: str
) -> None:
    async with Browser(portal) as owner:
        await owner.log_in("erikamuster")
        address = base + await order(owner)
    await enter(portal, browser, base)
    token = (await browser.get(f"{base}/cart")).field("form_token")
    before = await portal.rows()
    for answer in (
        await browser.get(address),
        await browser.get(f"{address}/cancel"),
        await browser.post(f"{address}/cancel", {"form_token": token}),
    ):
        assert answer.status == 404
        assert "Diese Bestellung gibt es nicht" in answer.words
    assert await portal.rows() == before


@pytest.mark.parametrize("path", ["/products/%00", "/products/a%00b", "/orders/%00/cancel"])
@pytest.mark.parametrize("base", ["", "/booking"])
async def test_an_address_that_no_page_has_is_none_for_forms_either(
    portal: Portal, browser: Browser, base: str, path: str
) -> None:
    await enter(portal, browser, base)
    token = (await browser.get(f"{base}/cart")).field("form_token")
    before = await portal.rows()
    form = {"form_token": token, "quantity": "12", "kind": "single"}
    answer = await browser.post(base + path, form)
    assert answer.status == 404
    assert await portal.rows() == before
