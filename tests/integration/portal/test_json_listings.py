"""Every command that lists can do so for machines: an array of objects, whatever there is."""

from __future__ import annotations

import json
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final

import pytest

from cloudmatic_portal.domain.audit import AuditEntry
from cloudmatic_portal.domain.declaration import Content
from cloudmatic_portal.domain.hub import HubKey
from cloudmatic_portal.services import declarations, statements
from cloudmatic_portal.services.paypal import events
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage import account as stored_account
from cloudmatic_portal.storage import audit as stored_audit
from cloudmatic_portal.storage import due as stored_due
from cloudmatic_portal.storage import hub as stored_hub
from cloudmatic_portal.storage.database import Database
from tests.bank_statements import Paid, camt
from tests.integration.portal.commands import run
from tests.integration.portal.purchases import buy, fill, pay
from tests.integration.portal.test_cli import environment
from tests.integration.portal.test_invoices import bought_dearly, work
from tests.integration.portal.test_webhooks_page import WAITS
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
    ("accounts", "maxm"): {"account", "user_name", "email", "language", "created_at", "deleted"},
    ("hubs", "4711"): {"hub", "serial", "linked", "enrolled_at", "last_contact_at"},
    ("audit-log",): {
        *("at", "operator", "operator_id", "action", "object", "detail", "reason"),
    },
    ("operators",): {"name", "role", "state", "disabled_at"},
    ("vouchers",): {
        *("code", "kind", "value", "valid_from", "valid_until", "products", "account", "limit"),
        *("per_account", "combinable", "active", "redeemed"),
    },
    ("due", "--dry-run", "--on", "2030-01-01"): {
        *("due_at", "account", "kind", "key", "outcome", "why"),
    },
    ("due", "--failed"): {
        *("action", "due_at", "account", "kind", "key", "since", "why", "attempts"),
    },
    ("invoices",): {
        *("number", "kind", "issued_on", "account", "order", "treatment", "net_cents"),
        *("vat_cents", "gross_cents", "currency", "corrects"),
    },
    ("invoices", "--missing"): {
        *("order", "account", "active_since", "total_cents", "currency", "account_deleted"),
        "why",
    },
    ("declarations",): {"number", "kind", "state", "account", "received_at", "deadline"},
    ("voucher-batches",): {"batch", "name", "made_at", "count", "used"},
    ("paypal-events",): {
        *("event", "type", "kind", "subject", "parent", "cents", "currency", "received_at"),
        *("state", "why"),
    },
}
"""What docs/operating.md promises."""

WITHDRAWAL: Final = Content(
    kind="withdrawal", name="Max Muster", contract="Abo", email="max@muster.example"
)
DONE: Final = AuditEntry(
    at=NOW,
    operator="anna",
    operator_id=None,
    action="cancel order",
    object="order K7Q-X4M-P9R",
    reason="Rückruf",
)
EMPTY: Final = (
    *(("invoices", "--missing"), ("due", "--failed"), ("gateways",), ("operators",)),
    *(
        ("invoices",),
        ("audit-log",),
        ("hubs", "4711"),
        ("accounts", "nobody"),
        ("declarations",),
        ("voucher-batches",),
        ("paypal-events",),
        ("orders",),
    ),
)


@pytest.fixture
async def machine(tmp_path: Path, database_url: str, database: Database) -> dict[str, str]:
    """The environment of commands, with something of everything in the database."""
    settings = environment(tmp_path, database_url)
    await pay(database, await buy(database, await fill(database, kind="subscription")))
    await bought_dearly(database)
    assert {each.outcome.state for each in await work(database)} == {"done", "dropped"}
    await set_aside(database)
    await declarations.declare(database, WITHDRAWAL, "de", "::1", now=NOW, random_bytes=token_bytes)
    assert await events.receive(database, WAITS, NOW)
    upload = Upload(name="november", data=camt(Paid(cents=1, text="Spende")))
    await statements.run(database, upload, [BANK.iban], NOW)
    await hub_of(database, "3014F711A0001F5A4993A42B")
    async with database.writing() as connection:
        await stored_audit.add(connection, DONE)
    for words in (
        ("add-gateway", "vpn"),
        ("add-operator", "anna", "--role", "support"),
        ("add-vouchers", "2", "--name", "Messe", "--months", "1"),
    ):
        assert (await run(settings, *words))[0] == 0
    return settings


async def hub_of(database: Database, serial: str) -> None:
    """A hub of maxmuster's, linked."""
    key = HubKey(
        key_id="k" * 43,
        public_key=b"\1" * 32,
        serial=serial,
        account_id=4711,
        user_name="maxmuster",
        created_at=NOW,
    )
    async with database.writing() as connection:
        await stored_account.lock(connection, 4711)
        await stored_hub.add_key(connection, key)


async def set_aside(database: Database) -> None:
    """As if the action that lies farthest ahead had failed too often."""
    async with database.writing() as connection:
        *_, due = await stored_due.in_state(connection, "waiting", 99)
        await stored_due.postpone(connection, due, None, "RuntimeError", NOW)


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


@pytest.mark.usefixtures("database")
async def test_nothing_is_an_empty_list(
    tmp_path: Path, database_url: str, subtests: pytest.Subtests
) -> None:
    for words in EMPTY:
        with subtests.test(words=words):
            assert await found(environment(tmp_path, database_url), *words) == []


async def test_a_hub_is_found_and_withdrawn_by_command(machine: dict[str, str]) -> None:
    [hub] = await found(machine, "hubs", "4711")
    assert hub["linked"]
    _, said, _ = await run(machine, "hubs", "4711")
    assert "linked" in said
    assert "never heard" in said
    status, said, _ = await run(
        machine, "revoke-hub", "4711", str(hub["hub"]), "--reason", "gestohlen"
    )
    assert (status, said) == (0, f"hub {hub['serial']} of account 4711 is withdrawn\n")
    [hub] = await found(machine, "hubs", "4711")
    assert not hub["linked"]
    why = ("--reason", "gestohlen")
    assert (await run(machine, "revoke-hub", "4712", str(hub["hub"]), *why))[0] == 1
    [noted] = await found(machine, "audit-log", "--about", "account 4711")
    assert (noted["action"], noted["reason"]) == ("revoke hub key", "gestohlen")
    assert noted["detail"] == hub["serial"]


async def test_an_account_is_found_by_what_a_customer_says(machine: dict[str, str]) -> None:
    for text in ("4711", "maxmuster", "max@", "3014F711A0001F5A4993A42B"):
        assert [each["account"] for each in await found(machine, "accounts", text)] == [4711], text
    _, said, _ = await run(machine, "accounts", "4711")
    assert said.startswith("4711  maxmuster  ")


async def test_what_operators_did_is_told_with_the_reason(machine: dict[str, str]) -> None:
    _, said, _ = await run(machine, "audit-log", "--about", "order K7Q-X4M-P9R")
    assert said.endswith("anna  cancel order  order K7Q-X4M-P9R  “Rückruf”\n")
    assert await found(machine, "audit-log", "--about", "order 222-222-222") == []


async def test_the_ledger_has_its_balance_with_it(machine: dict[str, str]) -> None:
    listed = await found(machine, "ledger", "4711")
    assert listed["balance_cents"] == 0
    assert {each["kind"] for each in listed["entries"]} >= {"payment", "charge"}
    assert set(listed["entries"][0]) == {
        *("booked_at", "kind", "cents", "currency", "order", "source", "note"),
    }


async def test_a_list_has_one_form(tmp_path: Path) -> None:
    for command in ("invoices", "vouchers"):
        status, said, errors = await run(environment(tmp_path), command, "--csv", "--json")
        assert (status, said, "not allowed with argument" in errors) == (2, "", True)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "words", [("--csv",), ("--from", "2026-11-01"), ("--until", "2026-11-30")], ids=str
)
async def test_missing_invoices_have_no_days_and_no_table(
    tmp_path: Path, database_url: str, words: tuple[str, ...]
) -> None:
    settings = environment(tmp_path, database_url)
    status, said, errors = await run(settings, "invoices", "--missing", *words)
    assert (status, said) == (1, "")
    assert "--missing goes with none of --from, --until and --csv" in errors


@pytest.mark.parametrize(
    "words",
    [
        *(("orders", "--most"), ("mails", "--most"), ("work-list", "--after")),
        *(("due", "--failed", "--most"), ("due", "--retry"), ("vouchers", "--batch")),
        *(("add-voucher", "MESSE", "--months", "1", "--limit"), ("mail", "show")),
        *(("declarations", "--most"), ("paypal-events", "--most"), ("ledger", "4711", "--most")),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("number", ["9" * 20, "-1", "1e3", "٣"])
async def test_a_number_that_is_none_is_refused_in_words(
    tmp_path: Path, words: tuple[str, ...], number: str
) -> None:
    status, said, errors = await run(environment(tmp_path), *words, number)
    assert (status, said, "Traceback" in errors) == (2, "", False)
    assert f"{number!r} is not a " in errors
    assert "whole number of up to 9 digits" in errors or "number as the list shows it" in errors


@pytest.mark.parametrize("words", [("due",), ("due", "--retry", "1")])
async def test_what_does_something_has_no_json(
    machine: dict[str, str], words: tuple[str, ...]
) -> None:
    status, _, errors = await run(machine, *words, "--json")
    assert (status, "--json goes with --failed and --dry-run only" in errors) == (1, True)
