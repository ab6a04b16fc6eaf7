"""What the worker does about declarations: what is certain; the rest is the operator's."""

from __future__ import annotations

import re
from datetime import date

import pytest

from cloudmatic_portal.cli import _parser, operator
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import Payment
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import declarations, ledger, orders, payments, subscriptions
from cloudmatic_portal.settings import Settings
from tests.integration.portal.declaring import (
    WORKER,
    declare,
    listed,
    state_of,
    subscriber,
    tend,
)
from tests.integration.portal.pages import send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.purchases import add_voucher, buy, fill, find, pay
from tests.integration.portal.shopping import order, put
from tests.integration.portal.world import NOW, TODAY, Browser, Portal


@pytest.fixture
async def owner(portal: Portal, browser: Browser) -> Browser:
    return await subscriber(portal, browser)


@pytest.mark.parametrize("identification", ["4711", "MaxMuster"])
async def test_a_subscription_that_is_named_for_certain_ends_with_what_is_paid(
    portal: Portal, owner: Browser, identification: str
) -> None:
    await declare(owner, identification=identification, email="Max@Muster.example")
    assert await tend(portal) == ["CloudMatic Connect cancelled, ends 2027-01-24"]
    assert await state_of(portal) == []
    assert await listed(portal) == [("settled", 4711, None)]
    done = next(each for each in await Postbox(portal).empty() if "gekündigt" in each.subject)
    assert done.recipient == "max@muster.example"
    assert "Es endet am 24.01.2027" in done.text


@pytest.mark.parametrize(
    ("typed", "account", "why"),
    [
        ({"identification": "4712"}, None, "no account is named for certain"),
        ({"email": "other@muster.example"}, None, "no account is named for certain"),
        (
            {"cancellation": "extraordinary", "reason": "defekt"},
            4711,
            "an extraordinary cancellation: look at its reason",
        ),
        (
            {"ends_on": "2027-06-30"},
            4711,
            "CloudMatic Connect shall end on 2027-06-30, it is paid until 2027-01-24",
        ),
    ],
)
async def test_what_is_not_certain_or_not_ordinary_waits_for_the_operator(
    portal: Portal, owner: Browser, typed: dict[str, str], account: int | None, why: str
) -> None:
    await declare(owner, **typed)
    assert await tend(portal) == [why]
    assert await state_of(portal) == ["active"]
    assert await listed(portal) == [("open", account, None)]
    assert len(await Postbox(portal).empty()) == 1


async def test_of_two_subscriptions_the_one_that_is_named_ends(
    portal: Portal, owner: Browser
) -> None:
    await put(owner, "smarthome", kind="subscription", quantity="1")
    page = await owner.get("/checkout")
    bought = (await send(owner, page, "/checkout", {"method": "transfer"})).location
    reference = bought.rpartition("/")[2].replace("-", "")
    await pay(portal.database, reference, portal.clock.now)
    await declare(owner, contract="Mein Abo")
    await declare(owner, contract="cloudmatic SMARTHOME bitte")
    assert [each.split(",")[0] for each in await tend(portal)] == [
        "2 subscriptions go on",
        "CloudMatic SmartHome cancelled",
    ]
    assert await state_of(portal) == ["active"]


async def test_an_orders_number_names_the_subscription_without_a_name(
    portal: Portal, owner: Browser
) -> None:
    [standing] = await subscriptions.of_account(portal.database, 4711)
    assert standing.waiting is None
    number = re.search(
        r"/orders/([A-Z0-9-]{11})", (await owner.get("/dashboard")).text.replace("\n", " ")
    )
    assert number is not None
    await declare(owner, contract=f"Bestellung {number[1].lower()}", identification="weiß nicht")
    assert await tend(portal) == ["CloudMatic Connect cancelled, ends 2027-01-24"]


async def test_an_order_that_is_not_paid_is_withdrawn_from_by_itself(
    portal: Portal, browser: Browser
) -> None:
    await browser.log_in("maxmuster")
    number = (await order(browser)).rpartition("/")[2]
    await Postbox(portal).empty()
    async with Browser(portal) as stranger:
        answer = await declare(stranger, "withdraw", contract=f"Nr. {number}")
        assert "Ihr Widerruf ist bei uns eingegangen" in (await stranger.get(answer.location)).words
    assert await tend(portal) == [f"order {number} cancelled"]
    assert (await find(portal.database, number.replace("-", ""))).state == "cancelled"
    letters = [each.subject for each in await Postbox(portal).empty()]
    assert f"Die Bestellung {number} ist storniert" in letters


async def test_money_that_was_paid_is_the_operators_within_fourteen_days(portal: Portal) -> None:
    reference = await buy(portal.database, await fill(portal.database))
    await pay(portal.database, reference)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
    number = grouped(reference)
    [why] = await tend(portal)
    assert why.startswith(f"order {number} of 2026-11-23 is active, 36.00 EUR is paid: ")
    assert why.endswith("end it with `refund-order`, and pay back with `refund`")
    assert await listed(portal) == [("open", 4711, date(2026, 12, 7))]
    assert (await find(portal.database, reference)).state == "active"


async def test_of_an_order_that_was_paid_in_part_that_part_goes_back(portal: Portal) -> None:
    reference = await buy(portal.database, await fill(portal.database))
    await payments.book(portal.database, reference, Payment(Money(1000), TODAY, "part"), NOW)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
    number = grouped(reference)
    [why] = await tend(portal)
    assert why.startswith(f"order {number} of 2026-11-23 is open, 10.00 EUR is paid: ")
    assert why.endswith("end it with `cancel-order`, and pay back with `refund`")


async def test_what_was_taken_back_before_is_not_paid_back_again(portal: Portal) -> None:
    database = portal.database
    reference = await buy(database, await fill(database))
    await pay(database, reference)
    await orders.refund(database, reference, NOW)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
        taken_back = f"order {grouped(reference)} of 2026-11-23 was taken back before"
        assert await tend(portal) == [f"{taken_back}: pay out of the balance 36.00 EUR"]
        await ledger.refund(database, 4711, Money(3600), "back", NOW)
        await declare(stranger, "withdraw", contract=reference)
    assert await tend(portal) == [f"{taken_back}, and nothing of it is left in the balance"]
    assert [each[0] for each in await listed(portal)] == ["settled", "open"]


async def test_what_was_paid_for_a_cancelled_order_is_not_forgotten(portal: Portal) -> None:
    database = portal.database
    reference = await buy(database, await fill(database))
    await orders.cancel(database, None, reference, NOW)
    await pay(database, reference)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
        before = f"order {grouped(reference)} of 2026-11-23 was cancelled before"
        assert await tend(portal) == [f"{before}: pay out of the balance 36.00 EUR"]
        await ledger.refund(database, 4711, Money(3600), "back", NOW)
        await declare(stranger, "withdraw", contract=reference)
    assert await tend(portal) == [f"{before}, and nothing of it is left in the balance"]


async def test_other_money_in_the_balance_is_not_that_of_an_order_that_nobody_paid(
    portal: Portal,
) -> None:
    database = portal.database
    reference = await buy(database, await fill(database))
    await orders.cancel(database, None, reference, NOW)
    await ledger.correct(database, 4711, Money(500), "gift", "goodwill", NOW)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
    before = f"order {grouped(reference)} of 2026-11-23 was cancelled before"
    assert await tend(portal) == [f"{before}, and nothing of it is left in the balance"]
    assert [each[0] for each in await listed(portal)] == ["settled"]


async def test_no_more_is_paid_back_than_the_order_gave_to_the_balance(portal: Portal) -> None:
    database = portal.database
    reference = await buy(database, await fill(database))
    await payments.book(database, reference, Payment(Money(1000), TODAY, "part"), NOW)
    await orders.cancel(database, None, reference, NOW)
    await ledger.correct(database, 4711, Money(500), "gift", "goodwill", NOW)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
    before = f"order {grouped(reference)} of 2026-11-23 was cancelled before"
    assert await tend(portal) == [f"{before}: pay out of the balance 10.00 EUR"]
    assert [each[0] for each in await listed(portal)] == ["open"]


async def test_what_the_balance_paid_and_got_back_waits_for_the_operator(portal: Portal) -> None:
    database = portal.database
    await ledger.correct(database, 4711, Money(3600), "gift", "too much paid", NOW)
    reference = await buy(database, await fill(database))
    await orders.refund(database, reference, NOW)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
    before = f"order {grouped(reference)} of 2026-11-23 was taken back before"
    assert await tend(portal) == [f"{before}: pay out of the balance 36.00 EUR"]


async def test_of_an_order_that_cost_nothing_nothing_goes_back(portal: Portal) -> None:
    database = portal.database
    gift = Voucher(code="UMSONST-1", kind="percent", value=10_000, valid_from=TODAY)
    agreed = await fill(database, voucher=await add_voucher(database, gift))
    reference = await buy(database, agreed)
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
    number = grouped(reference)
    assert await tend(portal) == [
        f"order {number} of 2026-11-23 is active and cost nothing: end it with `refund-order`"
    ]
    assert (await orders.refund(database, reference, NOW)).state == "refunded"


async def test_an_order_that_nobody_paid_in_time_is_withdrawn_from_by_itself(
    portal: Portal,
) -> None:
    reference = await buy(portal.database, await fill(portal.database))
    portal.clock.move(days=20)
    while await WORKER.work(portal.database, portal.clock.now):
        pass
    assert (await find(portal.database, reference)).state == "expired"
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference)
    assert await tend(portal) == [f"order {grouped(reference)} cancelled"]


@pytest.mark.parametrize("email", ["erika@muster.example", "nobody@else.example"])
async def test_nobody_withdraws_from_somebody_elses_order(portal: Portal, email: str) -> None:
    reference = await buy(portal.database, await fill(portal.database))
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference, email=email)
    assert await tend(portal) == ["no order is named for certain"]
    assert (await find(portal.database, reference)).state == "open"


async def test_the_operator_sees_what_waits_and_says_when_it_is_done(
    portal: Portal, owner: Browser, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async def command(*words: str) -> str:
        await operator.run(_parser().parse_args(words), settings)
        return capsys.readouterr().out

    assert await command("declarations") == "no declarations\n"
    await declare(owner, cancellation="extraordinary", reason="defekt")
    assert await tend(portal)
    listed = await command("declarations", "--state", "open")
    assert "cancellation  open  4711" in listed
    number = listed.split()[0]
    shown = await command("declaration", "show", number.lower())
    for line in ("name: Max Muster", "reason: defekt", "e-mail: max@muster.example", "outcome: "):
        assert line in shown
    assert await command("declaration", "settle", number, "--note", "telefoniert") == "settled\n"
    assert await command("declarations", "--state", "open") == "no declarations\n"
    assert "outcome: telefoniert" in await command("declaration", "show", number)
    for refused in (("show", "AAA-AAA-AAA"), ("settle", number, "--note", "nochmal")):
        with pytest.raises(CommandRefused):
            await command("declaration", *refused)


async def test_open_declarations_are_listed_by_their_deadline(
    portal: Portal, browser: Browser, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async def listed(*words: str) -> list[str]:
        await operator.run(_parser().parse_args(["declarations", *words]), settings)
        return [each.split("  ")[2] for each in capsys.readouterr().out.splitlines()]

    await declare(browser, contract="irgendeiner", identification="weiß nicht")
    await declare(browser, "withdraw", contract="irgendeiner")
    portal.clock.move(days=2)
    await declare(browser, contract="irgendeiner", identification="weiß nicht")
    await declare(browser, "withdraw", contract="irgendeiner")
    await tend(portal)
    newest_first = ["withdrawal", "cancellation", "withdrawal", "cancellation"]
    assert await listed() == newest_first
    # What has a deadline comes first, and of the rest what has waited longest.
    found = await declarations.search(portal.database, state="open", most=9)
    first, second = date(2026, 12, 7), date(2026, 12, 9)
    assert [each.deadline for each in found] == [first, second, None, None]
    assert found[2].received_at < found[3].received_at
    assert await listed("--state", "open") == [
        "withdrawal",
        "withdrawal",
        "cancellation",
        "cancellation",
    ]
    assert await listed("--state", "open", "--most", "1") == ["withdrawal"]
