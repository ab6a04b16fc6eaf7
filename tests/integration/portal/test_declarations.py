"""Cancelling and withdrawing without a login: acknowledged at once, and telling nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from cloudmatic_portal.cli import _parser, operator
from cloudmatic_portal.cli.operator import CommandRefused
from cloudmatic_portal.domain.declaration import Content
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services import declarations, ending, subscriptions
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage import declaration as stored
from cloudmatic_portal.storage.tables import declarations as table
from tests.integration.portal.pages import Page, send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.purchases import buy, fill, find, pay
from tests.integration.portal.shopping import order, put, subscribe
from tests.integration.portal.world import BANK, NOW, Answer, Browser, Portal, random_bytes

MAX = {"name": "Max Muster", "email": "max@muster.example"}
CANCEL = {**MAX, "contract": "Abo", "identification": "4711", "cancellation": "ordinary"}
WORKER = Worker(House(Rules(), BANK), random_bytes)


@pytest.fixture
async def owner(portal: Portal, browser: Browser) -> Browser:
    """maxmuster, with a subscription of Connect that is paid for a month."""
    await subscribe(portal, browser)
    await Postbox(portal).empty()
    return browser


async def declare(browser: Browser, kind: str = "cancel", **typed: str) -> Answer:
    address = f"/{kind}-contract"
    facts = CANCEL if kind == "cancel" else MAX
    return await send(browser, await browser.get(address), address, {**facts, **typed})


async def tend(portal: Portal) -> list[str]:
    done = []
    while (one := await WORKER.tend(portal.database, portal.clock.now)) is not None:
        if one.startswith("declaration"):
            done.append(one.partition(": ")[2])
    return done


async def state_of(portal: Portal) -> list[str]:
    standing = await subscriptions.of_account(portal.database, 4711)
    return [each.subscription.state for each in standing]


async def listed(portal: Portal) -> list[tuple[str, int | None, date | None]]:
    found = await declarations.search(portal.database, state=None, most=9)
    return [(each.state, each.account_id, each.deadline) for each in found]


async def test_both_buttons_are_on_every_page_in_the_words_of_the_law(browser: Browser) -> None:
    for address in ("/", "/login", "/agb", "/nirgends"):
        page = (await browser.get(address)).text
        assert re.search(r'<a[^>]* href="/cancel-contract">Verträge hier kündigen</a>', page)
        assert re.search(r'<a[^>]* href="/withdraw-contract">Vertrag widerrufen</a>', page)
    cancel = (await browser.get("/cancel-contract")).text
    assert re.search(r'<button[^>]*type="submit">jetzt kündigen</button>', cancel)
    withdraw = (await browser.get("/withdraw-contract")).text
    assert re.search(r'<button[^>]*type="submit">Widerruf bestätigen</button>', withdraw)


async def test_a_cancellation_is_acknowledged_at_once_with_all_that_it_says(
    portal: Portal, browser: Browser
) -> None:
    reason = "Die Zentrale ist seit Wochen nicht erreichbar."
    answer = await declare(
        browser, cancellation="extraordinary", reason=reason, ends_on="2027-03-31"
    )
    assert answer.status == 303
    page = await browser.get(answer.location)
    saved = await browser.get(answer.location.replace("receipt?", "receipt.txt?"))
    letter = await Postbox(portal).only()
    assert letter.recipient == "max@muster.example"
    assert letter.subject == "Ihre Kündigung ist bei uns eingegangen"
    for said in (page.words, saved.text, letter.text, letter.html):
        for part in ("23.11.2026", "18:00", "Max Muster", "4711", "Abo", reason, "31.03.2027"):
            assert part in said
    for said in (page.words, saved.text):
        assert "durch Betätigen der Schaltfläche „jetzt kündigen“ erklärt" in said
    assert saved.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="cancellation-[A-Z0-9-]{11}\.txt"',
        saved.headers["Content-Disposition"],
    )


async def test_without_a_day_a_contract_ends_as_soon_as_it_can(
    portal: Portal, browser: Browser
) -> None:
    page = await browser.get((await declare(browser)).location)
    assert "zum nächstmöglichen Zeitpunkt" in page.words
    assert "zum nächstmöglichen Zeitpunkt" in (await Postbox(portal).only()).text


async def test_a_receipt_can_be_seen_by_whoever_has_its_link_and_for_a_month(
    portal: Portal, browser: Browser
) -> None:
    address = (await declare(browser)).location
    portal.clock.move(days=29)
    assert (await browser.get(address)).status == 200
    portal.clock.move(days=1)
    for wrong in (address, "/declarations/receipt", "/declarations/receipt.txt?token=x"):
        assert (await browser.get(wrong)).status == 404


async def test_neither_answer_nor_work_tells_whether_there_is_a_contract(
    portal: Portal, owner: Browser
) -> None:
    async with Browser(portal) as stranger:
        known = await stranger.get((await declare(stranger)).location)
        nobody = {"email": "nobody@else.example", "identification": "nobody"}
        unknown = await stranger.get((await declare(stranger, **nobody)).location)
    letters = await Postbox(portal).empty()
    shown = [_without_facts(page.words) for page in (known, unknown)]
    mailed = [_without_facts(letter.text) for letter in letters]
    assert shown[0] == shown[1]
    assert mailed[0] == mailed[1]
    # What there is to be found is found later, by somebody else.
    assert await state_of(portal) == ["active"]
    assert [each[0] for each in await listed(portal)] == ["received", "received"]


def _without_facts(text: str) -> str:
    for fact in ("max@muster.example", "nobody@else.example", "4711", "nobody"):
        text = text.replace(fact, "…")
    return re.sub(r"[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{3}", "…", text)


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
    [why] = await tend(portal)
    assert "pay back" in why
    assert await listed(portal) == [("open", 4711, date(2026, 12, 7))]
    assert (await find(portal.database, reference)).state == "active"


@pytest.mark.parametrize("email", ["erika@muster.example", "nobody@else.example"])
async def test_nobody_withdraws_from_somebody_elses_order(portal: Portal, email: str) -> None:
    reference = await buy(portal.database, await fill(portal.database))
    async with Browser(portal) as stranger:
        await declare(stranger, "withdraw", contract=reference, email=email)
    assert await tend(portal) == ["no order is named for certain"]
    assert (await find(portal.database, reference)).state == "open"


async def test_a_declaration_that_cannot_be_examined_does_not_keep_others_waiting(
    portal: Portal, owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = ending.find

    async def broken(connection: object, declaration: object, now: object) -> object:
        if "kaputt" in repr(declaration):
            raise ZeroDivisionError
        return await usual(connection, declaration, now)  # type: ignore[arg-type]

    monkeypatch.setattr(ending, "find", broken)
    await declare(owner, contract="kaputt")
    await declare(owner)
    assert await tend(portal) == [
        "it could not be examined; see the log",
        "CloudMatic Connect cancelled, ends 2027-01-24",
    ]


async def test_a_strangers_mailbox_is_not_flooded_but_every_declaration_counts(
    portal: Portal, browser: Browser
) -> None:
    for _ in range(7):
        assert (await declare(browser)).status == 303
    assert len(await Postbox(portal).empty()) == 5
    assert await portal.count("declarations") == 7
    portal.clock.move(days=1, seconds=1)
    await declare(browser)
    assert len(await Postbox(portal).empty()) == 1


async def test_a_network_that_declares_without_end_is_slowed_down(
    portal: Portal, browser: Browser
) -> None:
    content = Content(kind="withdrawal", name="x", contract="x", email="x@y.example")
    for number in range(21):
        each = replace(content, email=f"x{number}@y.example")
        await declarations.declare(
            portal.database, each, "de", "127.0.0.0/24", now=NOW, random_bytes=random_bytes
        )
    answer = await declare(browser, "withdraw", contract="Nr. 1")
    assert answer.status == 429
    assert "Max Muster" in answer.text
    portal.clock.move(minutes=1)
    assert (await declare(browser, "withdraw", contract="Nr. 1")).status == 303


async def test_two_workers_examine_each_declaration_once(portal: Portal, owner: Browser) -> None:
    await declare(owner)
    async with portal.database.writing() as connection:
        held = await stored.take(connection)
        assert held is not None
        if connection.dialect.name == "postgresql":
            assert await declarations.examine_next(portal.database, portal.clock.now) is None
    assert len(await tend(portal)) == 1


async def test_the_constraints_know_what_a_declaration_is(portal: Portal, owner: Browser) -> None:
    await declare(owner)
    for wrong in ({"state": "settled"}, {"cancellation": None}, {"kind": "withdrawal"}):
        with pytest.raises(Exception, match=r"(?i)check"):
            async with portal.database.writing() as connection:
                await connection.execute(update(table).values(wrong))


async def test_a_day_that_is_none_is_told_beside_its_field(browser: Browser) -> None:
    answer = await declare(browser, ends_on="31.3.2027")
    assert (answer.status, "Bitte geben Sie einen Tag an" in answer.words) == (422, True)


async def test_whoever_is_logged_in_need_not_type_the_name(owner: Browser) -> None:
    page = await owner.get("/cancel-contract")
    assert Page(page).form("/cancel-contract").value("identification") == "maxmuster"


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
