"""CloudMatic-IDs have up to ten digits, and longer numbers are none, wherever they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudmatic_portal.domain.account import MAX_ACCOUNT_ID
from tests.bank_statements import Paid
from tests.integration.portal.commands import run
from tests.integration.portal.pages import Page, send
from tests.integration.portal.purchases import add_accounts
from tests.integration.portal.staff import come_in
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_work_list import waiting
from tests.integration.portal.world import Browser, Portal

LARGE = (2**31, MAX_ACCOUNT_ID)
NONE = (str(MAX_ACCOUNT_ID + 1), str(2**63), "9" * 40, "0", "04711", "٤٧١١")


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser)
    await add_accounts(portal.database, *LARGE)
    return browser


async def test_an_account_of_ten_digits_is_found_and_shown(operator: Browser) -> None:
    for number in LARGE:
        answer = await operator.get("/admin/accounts", params={"q": str(number)})
        assert (answer.status, answer.location) == (303, f"/admin/accounts/{number}")
        assert f"customer{number}" in (await operator.get(answer.location)).words


async def test_what_is_no_number_of_an_account_is_nobodys(operator: Browser) -> None:
    for text in NONE:
        assert (await operator.get("/admin/accounts", params={"q": text})).status == 200
        assert (await operator.get(f"/admin/accounts/{text}")).status == 404


async def test_a_voucher_is_made_for_an_account_of_ten_digits(
    portal: Portal, operator: Browser
) -> None:
    page = await operator.get("/admin/vouchers")
    typed = {"code": "MESSE-27", "value": "10", "reason": "Messe", "account": str(LARGE[0])}
    assert (await send(operator, page, "/admin/vouchers", typed)).status == 303
    before = await portal.rows()
    for text in NONE:
        answer = await send(
            operator, page, "/admin/vouchers", typed | {"code": "ANDERE", "account": text}
        )
        assert answer.status == 422
        assert Page(answer).beside("account")
    assert await portal.rows() == before


async def test_a_bank_line_is_booked_for_an_account_of_ten_digits(
    portal: Portal, operator: Browser
) -> None:
    chosen, written = await waiting(portal.database, Paid(cents=100), Paid(cents=200))
    for line, typed, name in (
        (chosen, "account:{}", "choice"),
        (written, "konto:{}", "parts"),
    ):
        address = f"/admin/work-list/{line}"
        page = await operator.get(address)
        rest = {} if name == "choice" else {"choice": "parts"}
        for text in NONE:
            answer = await send(operator, page, address, {**rest, name: typed.format(text)})
            assert answer.status in {409, 422}, text
        answer = await send(operator, page, address, {**rest, name: typed.format(LARGE[0])})
        assert answer.status == 303


@pytest.mark.parametrize("text", NONE)
async def test_a_command_names_a_number_that_is_none(tmp_path: Path, text: str) -> None:
    settings = environment(tmp_path)
    assert (await run(settings, "migrate"))[0] == 0
    for words in (("ledger", text), ("orders", "--account", text), ("revoke-links", text)):
        code, _, errors = await run(settings, *words)
        assert (code, "is not a CloudMatic-ID" in errors) == (2, True)
