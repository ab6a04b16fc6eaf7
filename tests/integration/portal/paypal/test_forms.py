"""The forms that lead to PayPal: as strict as all others, and the pages that they stand on."""

from __future__ import annotations

import pytest

from cloudmatic_portal.web.routes import ROUTES
from tests.integration.portal import test_every_form as every
from tests.integration.portal.every_form import BY_PAYPAL, Case, Opened, enter
from tests.integration.portal.pages import Page
from tests.integration.portal.shopping import buy, put
from tests.integration.portal.test_every_form import Trial, trial
from tests.integration.portal.test_every_page import OUTSIDE, POLICY
from tests.integration.portal.world import Browser, Portal
from tests.paypal_sandbox.server import Sandbox

__all__ = ["trial"]


def _case(base: str) -> Case:
    async def opened(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        await put(browser, "connect", base)
        address = (await buy(browser, base, method="transfer")).location
        return await browser.get(address), f"{address}/paypal"

    needs = "booking" if base else "login"
    return Case(f"{base}/orders/{{number}}/paypal", opened, needs=needs)  # type: ignore[arg-type]


CASES = (_case(""), _case("/booking"))


def test_no_form_is_forgotten() -> None:
    assert {case.route for case in CASES} == BY_PAYPAL
    assert {getattr(each, "path", None) for each in ROUTES} >= BY_PAYPAL


@pytest.fixture(params=CASES, ids=lambda case: case.route)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


async def test_the_page_names_paypal_and_nobody_else_as_where_its_forms_lead(
    portal: Portal, browser: Browser, sandbox: Sandbox, case: Case
) -> None:
    page, address = await case.open(portal, browser)
    policy = page.headers["Content-Security-Policy"]
    found = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    assert found == POLICY | {"form-action": f"'self' {sandbox.base}"}
    assert OUTSIDE.search(page.text) is None
    assert Page(page).form(address).value("form_token")
    other = await browser.get("/products")
    assert sandbox.base not in other.headers["Content-Security-Policy"]


async def test_a_form_that_is_not_ours_is_refused(
    portal: Portal, trial: Trial, subtests: pytest.Subtests, sandbox: Sandbox
) -> None:
    await every.test_a_form_that_is_not_ours_is_refused(portal, trial, subtests)
    assert sandbox.calls == []


async def test_without_its_session_a_form_leads_to_the_login_or_back_to_the_hub(
    portal: Portal, trial: Trial, case: Case
) -> None:
    await every.test_without_its_session_a_form_leads_to_the_login_or_back_to_the_hub(
        portal, trial, case
    )
