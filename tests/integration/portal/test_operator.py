"""The operator's commands, run as processes on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudmatic_portal.cli.demo import CATALOGUE
from cloudmatic_portal.domain.cart import Wish
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.services import cart, checkout
from cloudmatic_portal.services.checkout import Buyer, Purchase
from cloudmatic_portal.storage.database import Database
from tests.integration.portal.commands import run
from tests.integration.portal.test_cli import environment
from tests.integration.portal.world import NOW, TERMS, all_rows, random_bytes

BANK = BankAccount("CloudMatic (Beispiel)", "DE02120300000000202051", "BYLADEM1001")
BUYER = Buyer(account_id=4712, entered_by="login", language="de")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    mails = {"CLOUDMATIC_PORTAL_MAIL_FOLDER": str(tmp_path / "mail")}
    return environment(tmp_path, database_url) | mails


async def ordered(database: Database) -> str:
    """Order Connect for 24,00 € and return the order's number."""
    await cart.put(database, 4712, Wish("connect", 12), NOW)
    quote = await cart.show(database, 4712, NOW)
    purchase = Purchase(
        revision=quote.revision, fingerprint=quote.fingerprint, method="transfer", terms=TERMS
    )
    return await checkout.buy(
        database, BUYER, purchase, bank=BANK, now=NOW, random_bytes=random_bytes
    )


async def test_a_payment_that_arrives_activates_the_order(
    database: Database, settings: dict[str, str]
) -> None:
    number = await ordered(database)
    assert "open  24,00\xa0€ due 24,00\xa0€" in (await run(settings, "orders"))[1]
    spelled = f"{number[:3]} {number[3:6]} {number[6:]}".lower()
    status, said, _ = await run(settings, "pay", spelled, "20", "--source", "bank 1")
    assert (status, "is open; still due: 4,00\xa0€" in said) == (0, True)
    status, said, _ = await run(settings, "pay", number, "5,00", "--source", "bank 2")
    assert (status, "is active now; to the balance: 1,00\xa0€" in said) == (0, True)
    listed = (await run(settings, "orders", "--account", "4712", "--state", "active"))[1]
    assert "CloudMatic Connect × 12" in listed
    assert (await run(settings, "orders", "--account", "4711"))[1] == "no orders\n"


async def test_the_same_payment_is_booked_once(
    database: Database, settings: dict[str, str]
) -> None:
    number = await ordered(database)
    await run(settings, "pay", number, "10", "--source", "bank 1")
    before = await all_rows(database)
    status, _, errors = await run(settings, "pay", number, "10", "--source", "bank 1")
    assert (status, "payment booked before" in errors) == (1, True)
    assert await all_rows(database) == before


async def test_a_cancelled_order_is_cancelled_and_a_paid_one_is_not(
    database: Database, settings: dict[str, str]
) -> None:
    number = await ordered(database)
    assert (await run(settings, "cancel-order", number))[:2] == (0, "cancelled\n")
    assert "cancelled" in (await run(settings, "orders"))[1]
    other = await ordered(database)
    await run(settings, "pay", other, "24", "--source", "bank 3")
    status, _, errors = await run(settings, "cancel-order", other)
    assert (status, "order cannot" in errors) == (1, True)


async def test_an_operator_is_made_set_up_again_and_disabled(
    database: Database, settings: dict[str, str]
) -> None:
    words = ("add-operator", "anna", "--role", "support")
    status, said, _ = await run(settings, *words)
    assert (status, "/admin/setup?token=" in said) == (0, True)
    assert (await run(settings, *words))[2].endswith("there is such an operator already\n")
    again = (await run(settings, *words, "--again"))[1]
    assert again != said
    assert said.split("token=")[1].strip() not in str(await all_rows(database))
    assert (await run(settings, "operators"))[1] == "anna  support  to be set up\n"
    assert (await run(settings, "disable-operator", "anna"))[0] == 0
    assert (await run(settings, "operators"))[1] == "anna  support  disabled\n"
    assert len((await all_rows(database))["audit_log"]) == 3


async def test_money_that_comes_and_goes_is_told_by_ledger_and_trail(
    database: Database, settings: dict[str, str]
) -> None:
    number = await ordered(database)
    await run(settings, "pay", number, "30", "--source", "bank 1")
    status, said, _ = await run(settings, "return-debit", "bank 1", "30", "--source", "back 1")
    assert (status, said) == (0, "taken back from account 4712; balance: −24,00\xa0€\n")
    trail = (await run(settings, "trail", number))[1]
    assert f"ATTENTION: {grouped(number)} is active though money for it was taken back" in trail
    assert [word in trail for word in ("bank 1", "charge", "back 1", "connect")] == [True] * 4
    assert "to the balance: 24,00\xa0€" in (await run(settings, "refund-order", number))[1]
    await run(settings, "correct-balance", "4712", "5", "--source", "c 1", "--note", "goodwill")
    paid_out = ("refund", "4712", "3", "--source", "out 1", "--note", "moved away")
    assert (await run(settings, *paid_out))[:2] == (0, "paid out; balance: 2,00\xa0€\n")
    trail = (await run(settings, "trail", number))[1]
    assert [word in trail for word in ("c 1", "goodwill", "out 1", "moved away")] == [True] * 4
    ledger = (await run(settings, "ledger", "4712"))[1].splitlines()
    assert (len(ledger), ledger[-1]) == (11, "balance: 2,00\xa0€")


@pytest.mark.parametrize(
    "words",
    [
        ("add-operator", "Anna", "--role", "admin"),
        ("add-operator", "otto", "--role", "admin", "--again"),
        ("disable-operator", "otto"),
        ("refund", "4712", "1", "--source", "x"),
        ("refund", "9", "1", "--source", "x"),
        ("refund", "4712", "1", "--source", "x", "--note", "n" * 201),
        ("refund-order", "222222222"),
        ("return-debit", "unheard of", "1", "--source", "x"),
        ("correct-balance", "4712", "0", "--source", "x", "--note", "n"),
        ("ledger", "9"),
        ("trail", "unheard of"),
        ("pay", "ABC", "12", "--source", "x"),
        ("pay", "222222222", "0", "--source", "x"),
        ("cancel-order", "222222222"),
        ("add-voucher", "x", "--months", "2"),
        ("add-voucher", "HALF", "--percent", "101"),
        ("add-voucher", "HALF", "--percent", "50", "--product", "unknown"),
        ("add-voucher", "HALF", "--percent", "50", "--account", "9"),
        ("add-voucher", "HALF", "--percent", "50", "--until", "2020-01-01"),
        ("add-voucher", "HALF", "--percent", "50", "--limit", "0"),
        ("load-catalogue", "/nowhere.toml"),
        ("load-catalogue", __file__),
    ],
)
async def test_what_cannot_be_done_says_why_and_changes_nothing(
    database: Database, settings: dict[str, str], words: tuple[str, ...]
) -> None:
    before = await all_rows(database)
    status, output, errors = await run(settings, *words)
    assert (status, output) == (1, "")
    assert errors.startswith("cloudmatic-portal: ")
    assert "Traceback" not in errors
    assert await all_rows(database) == before


async def test_a_voucher_is_made_once(database: Database, settings: dict[str, str]) -> None:
    words = ("add-voucher", "HALF-2027", "--percent", "50", "--product", "complete")
    assert (await run(settings, *words))[:2] == (0, "voucher HALF-2027 made\n")
    assert (await run(settings, *words))[0] == 1
    await cart.put(database, 4711, Wish("complete", 12), NOW)
    await cart.update(
        database, 4711, typed=cart.TypedCode(" half-2027 "), now=NOW.replace(year=2027)
    )
    quote = await cart.show(database, 4711, NOW.replace(year=2027))
    assert quote.total.gross.cents == 1800


async def test_loading_the_catalogue_again_changes_no_price(
    database: Database, settings: dict[str, str], tmp_path: Path
) -> None:
    before = await all_rows(database)
    dearer = tmp_path / "dearer.toml"
    dearer.write_text(CATALOGUE.read_text("utf-8").replace("3600", "9900"), "utf-8")
    assert (await run(settings, "load-catalogue", str(dearer)))[1].startswith("0 new products, 0")
    assert await all_rows(database) == before
