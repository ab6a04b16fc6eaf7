"""Many vouchers at once: made, used, listed and taken along, by page and by command."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Final

import pytest

from cloudmatic_portal.services import audit
from tests.integration.portal.commands import run
from tests.integration.portal.pages import Page, send
from tests.integration.portal.shopping import buy, put, redeem
from tests.integration.portal.staff import come_in
from tests.integration.portal.test_cli import environment
from tests.integration.portal.world import Browser, Portal

HOME: Final = "/admin/vouchers/batches"
GOOD: Final = {
    "name": "=Messe 2027",
    "count": "3",
    "prefix": "messe-",
    "value": "10",
    "product": "connect",
    "reason": "Messe",
}


@pytest.fixture
async def operator(portal: Portal, browser: Browser) -> Browser:
    await come_in(portal, browser, "accounting")
    return browser


async def make(operator: Browser) -> str:
    """The address of a new batch of three."""
    answer = await send(operator, await operator.get(HOME), HOME, GOOD)
    assert answer.status == 303
    return answer.location


async def rows(operator: Browser, address: str) -> list[dict[str, str]]:
    answer = await operator.get_exactly(address)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="gutscheine-')
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))


async def test_a_batch_is_made_listed_and_taken_along(portal: Portal, operator: Browser) -> None:
    address = await make(operator)
    table = await rows(operator, f"{address}/vouchers.csv")
    codes = {each["code"] for each in table}
    assert len(codes) == 3
    assert all(each.startswith("MESSE-") for each in codes)
    assert {(each["kind"], each["value"], each["products"], each["state"]) for each in table} == {
        ("percent", "10,00", "connect", "unused")
    }
    shown = (await operator.get(address)).words
    assert all(code in shown for code in codes)
    assert "=Messe 2027" in (await operator.get(HOME)).words
    entry = (await audit.latest(portal.database, 1))[0]
    facts = (entry.action, entry.object, entry.detail, entry.reason)
    assert facts == ("make vouchers", "batch =Messe 2027", "3 × percent 1000", "Messe")


async def test_what_was_used_is_told_from_what_was_not(portal: Portal, operator: Browser) -> None:
    address = await make(operator)
    used = (await rows(operator, f"{address}/vouchers.csv"))[0]["code"]
    async with Browser(portal) as customer:
        await customer.log_in("maxmuster")
        await put(customer, "connect")
        await redeem(customer, used)
        assert (await buy(customer)).status == 303
    listed = (await operator.get(HOME)).words
    assert "3 1 2" in listed
    left = await rows(operator, f"{address}/vouchers.csv?unused=1")
    assert len(left) == 2
    assert used not in {each["code"] for each in left}
    assert used not in (await operator.get(f"{address}?unused=1")).words
    states = {
        each["code"]: each["state"] for each in await rows(operator, f"{address}/vouchers.csv")
    }
    assert states.pop(used) == "used"
    assert set(states.values()) == {"unused"}


async def test_how_often_each_may_be_redeemed_must_be_said(operator: Browser) -> None:
    [field] = re.findall(r'<input id="limit"[^>]*>', (await operator.get(HOME)).text)
    assert " required" in field
    [free] = re.findall(r'<input id="limit"[^>]*>', (await operator.get("/admin/vouchers")).text)
    assert " required" not in free


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"name": ""}, 422, "name"),
        ({"count": "5001"}, 422, "count"),
        ({"count": ""}, 422, "count"),
        ({"prefix": "a b"}, 422, "prefix"),
        ({"limit": ""}, 422, "limit"),
        ({"value": "101"}, 422, "value"),
        ({"account": "9"}, 409, "name"),
    ],
)
async def test_a_batch_that_cannot_be_is_told_beside_the_field(
    portal: Portal, operator: Browser, changes: dict[str, str], status: int, field: str
) -> None:
    before = await portal.rows()
    answer = await send(operator, await operator.get(HOME), HOME, GOOD | changes)
    assert answer.status == status
    assert Page(answer).beside(field)
    assert await portal.rows() == before


async def test_a_name_is_taken_once(portal: Portal, operator: Browser) -> None:
    await make(operator)
    before = await portal.rows()
    again = await send(operator, await operator.get(HOME), HOME, GOOD)
    assert again.status == 409
    assert "Es gibt schon" in Page(again).beside("name")
    assert await portal.rows() == before


@pytest.mark.parametrize("number", ["1", "x", "99999999999"])
@pytest.mark.parametrize("rest", ["", "/vouchers.csv"])
async def test_a_batch_that_is_not_there_has_no_page(
    operator: Browser, number: str, rest: str
) -> None:
    answer = await operator.get(f"{HOME}/{number}{rest}")
    assert answer.status == 404


async def test_support_makes_none_and_sees_none(portal: Portal, browser: Browser) -> None:
    await come_in(portal, browser, "support")
    for address in (HOME, f"{HOME}/1", f"{HOME}/1/vouchers.csv"):
        assert (await browser.get(address)).status == 403


@pytest.fixture
def machine(tmp_path: Path, database_url: str) -> dict[str, str]:
    return environment(tmp_path, database_url)


@pytest.mark.usefixtures("database")
async def test_the_same_by_commands(machine: dict[str, str]) -> None:
    words = ("add-vouchers", "4", "--name", "Aktion", "--amount", "5,00", "--until", "2099-12-31")
    status, said, _ = await run(machine, *words)
    head, *codes = said.splitlines()
    assert (status, head.partition(": ")[2], len(set(codes))) == (0, "4 vouchers made", 4)
    number = head.split()[1].rstrip(":")
    status, _, errors = await run(machine, *words)
    assert (status, "there is a batch “Aktion”" in errors) == (1, True)
    [batch] = json.loads((await run(machine, "voucher-batches", "--json"))[1])
    assert (batch["name"], batch["count"], batch["used"]) == ("Aktion", 4, 0)
    listed = json.loads((await run(machine, "vouchers", "--batch", number, "--json"))[1])
    assert {each["code"] for each in listed} == set(codes)
    assert {(each["kind"], each["value"], each["limit"]) for each in listed} == {("amount", 500, 1)}
    table = (await run(machine, "vouchers", "--batch", number, "--unused", "--csv"))[1]
    assert table.count("unused") == 4
    assert (await run(machine, "vouchers", "--unused"))[0] == 1
    assert (await run(machine, "vouchers", "--batch", f"{number}0"))[0] == 1


async def test_the_help_says_how_often_each_may_be_redeemed(machine: dict[str, str]) -> None:
    for command, usual in (
        ("add-voucher", "any number by default"),
        ("add-vouchers", "1 by default"),
    ):
        status, said, _ = await run(machine, command, "--help")
        assert (status, f"how often in all; {usual}" in " ".join(said.split())) == (0, True)


@pytest.mark.usefixtures("database")
async def test_a_command_reads_the_prefix_as_the_page_does(machine: dict[str, str]) -> None:
    words = ("add-vouchers", "1", "--name", "Aktion", "--months", "1", "--prefix")
    status, said, _ = await run(machine, *words, "messe-")
    assert (status, said.splitlines()[1].startswith("MESSE-")) == (0, True)
    assert "--" not in said
    status, _, errors = await run(machine, *words, "a b")
    assert (status, "a prefix has 1 to 16 letters" in errors) == (1, True)


@pytest.mark.parametrize("count", ["0", "5001"])
async def test_a_command_makes_no_batch_that_cannot_be(machine: dict[str, str], count: str) -> None:
    status, _, errors = await run(
        machine, "add-vouchers", count, "--name", "Aktion", "--months", "1"
    )
    assert (status, "a batch has 1 to 5000 vouchers" in errors) == (1, True)
