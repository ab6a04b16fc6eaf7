"""Every command that lists can do so for machines: an array of objects, whatever there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from cloudmatic_portal.services import statements
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage.database import Database
from tests.bank_statements import Paid, camt
from tests.integration.portal.commands import run
from tests.integration.portal.purchases import buy, fill, pay
from tests.integration.portal.test_cli import environment
from tests.integration.portal.world import BANK, NOW

FIELDS: Final = {
    ("orders",): {
        *("number", "account", "state", "method", "created_at", "pay_until", "total_cents"),
        *("due_cents", "currency", "lines"),
    },
    ("mails",): {
        *("mail", "kind", "state", "recipient", "created_at", "due_at", "sent_at", "attempts"),
        "last_error",
    },
    ("prices",): {"code", "name", "kind", "active", "terms"},
    ("subscriptions", "4711"): {
        *("subscription", "reference", "state", "product", "months", "price_cents", "currency"),
        *("paid_until", "waits_for"),
    },
    ("gateways",): {
        *("name", "webhook", "notified", "told_at", "attempts", "last_error", "next_attempt_at"),
    },
    ("work-list",): {
        *("id", "file", "line", "day", "cents", "currency", "payer", "iban", "text", "why"),
        *("suggestions", "takes_back"),
    },
    ("operators",): {"name", "role", "state", "disabled_at"},
    ("vouchers",): {
        *("code", "kind", "value", "valid_from", "valid_until", "products", "account", "limit"),
        *("per_account", "combinable", "active", "redeemed"),
    },
    ("due", "--dry-run", "--on", "2030-01-01"): {
        *("due_at", "account", "kind", "key", "outcome", "why"),
    },
}
"""What docs/operating.md promises."""

EMPTY: Final = (
    *(("invoices",), ("declarations",), ("voucher-batches",), ("paypal-events",)),
    *(("due", "--failed"), ("orders", "--state", "refunded")),
)


@pytest.fixture
async def machine(tmp_path: Path, database_url: str, database: Database) -> dict[str, str]:
    """The environment of commands, with something of everything in the database."""
    settings = environment(tmp_path, database_url)
    await pay(database, await buy(database, await fill(database, kind="subscription")))
    upload = Upload(name="november", data=camt(Paid(cents=1, text="Spende")))
    await statements.run(database, upload, [BANK.iban], NOW)
    for words in (("add-gateway", "vpn"), ("add-operator", "anna", "--role", "support")):
        assert (await run(settings, *words))[0] == 0
    return settings


async def found(machine: dict[str, str], *words: str) -> Any:
    status, said, errors = await run(machine, *words, "--json")
    assert (status, errors) == (0, "")
    return json.loads(said)


async def test_every_list_has_the_fields_that_are_promised(
    machine: dict[str, str], subtests: pytest.Subtests
) -> None:
    for words, fields in FIELDS.items():
        with subtests.test(words=words):
            listed = await found(machine, *words)
            assert listed
            assert all(set(each) == fields for each in listed)


async def test_nothing_is_an_empty_list(machine: dict[str, str], subtests: pytest.Subtests) -> None:
    for words in EMPTY:
        with subtests.test(words=words):
            assert await found(machine, *words) == []


async def test_the_ledger_has_its_balance_with_it(machine: dict[str, str]) -> None:
    listed = await found(machine, "ledger", "4711")
    assert listed["balance_cents"] == 0
    assert {each["kind"] for each in listed["entries"]} >= {"payment", "charge"}
    assert set(listed["entries"][0]) == {
        *("booked_at", "kind", "cents", "currency", "order", "source", "note"),
    }


@pytest.mark.parametrize("words", [("due",), ("due", "--retry", "1")])
async def test_what_does_something_has_no_json(
    machine: dict[str, str], words: tuple[str, ...]
) -> None:
    status, _, errors = await run(machine, *words, "--json")
    assert (status, "--json goes with --failed and --dry-run only" in errors) == (1, True)
