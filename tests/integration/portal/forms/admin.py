"""The forms of operators."""

from __future__ import annotations

from typing import Final

from sqlalchemy import insert, select, update

from cloudmatic_portal.services import gateways, statements, uploads
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.storage.tables import bank_lines, due_actions, hubs, mails, operators
from tests.bank_statements import Paid, camt
from tests.integration.portal.forms.case import (
    FILL_IN,
    TOO_SHORT,
    WRONG_CODE,
    Case,
    Opened,
    Opener,
    at,
)
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.shopping import order
from tests.integration.portal.staff import PASSWORD, come_in, invite, make
from tests.integration.portal.world import BANK, NOW, Browser, Portal

NO_ORDER: Final = "Keine Bestellung und kein Abonnement hat diese Nummer"
NO_AMOUNT: Final = "Bitte geben Sie"
NO_DAY: Final = "Bitte geben Sie einen Tag"
SET_ASIDE: Final = {
    "kind": "reminder_last",
    "key": "reminder_last:4711",
    "account_id": 4711,
    "due_at": NOW,
    "state": "failed",
    "settled_at": NOW,
    "why": "ValueError",
}
ASKED: Final = {
    "/admin/orders/{number}/cancel": "/admin/orders/{order}/cancel",
    "/admin/accounts/{number}/hubs/{hub}/revoke": "/admin/accounts/4711/hubs/{hub}/revoke",
    "/admin/accounts/{number}/second-factor/off": "/admin/accounts/4711/second-factor/off",
    "/admin/actions/{number}/retry": "/admin/actions/{action}/retry",
    "/admin/mails/{number}/retry": "/admin/mails/{mail}/retry",
    "/admin/work-list/{number}/ignore": "/admin/work-list/{line}/ignore",
    "/admin/webhooks/{name}/retry": "/admin/webhooks/vpn/retry",
    "/admin/catalogue/{code}/offer": "/admin/catalogue/connect/offer",
    "/admin/catalogue/{code}/withdraw": "/admin/catalogue/connect/withdraw",
}
"""Routes that ask an operator for a reason, and where each is for what `_asked` has prepared."""


async def _admin_login(portal: Portal, browser: Browser) -> Opened:
    await make(portal)
    return await at(browser, "/admin/login")


async def _admin_logout(portal: Portal, browser: Browser) -> Opened:
    await come_in(portal, browser)
    return await browser.get("/admin"), "/admin/logout"


async def _admin_setup(portal: Portal, browser: Browser) -> Opened:
    token = await invite(portal, "berta", "support")
    return await browser.get(f"/admin/setup?token={token}"), "/admin/setup"


def _asked(address: str) -> Opener:
    """A page that asks an operator for a reason; `address` names an order, a hub or a mail."""

    async def opened(portal: Portal, browser: Browser) -> Opened:
        await enrolled_hub(portal)
        async with Browser(portal) as customer:
            await customer.log_in("maxmuster")
            number = (await order(customer)).rpartition("/")[2]
        secret = portal.settings.secret
        await gateways.put(portal.database, secret, "vpn", "https://vpn.example", NOW)
        upload = Upload(name="november", data=camt(Paid(cents=1, text="Spende")))
        await statements.run(portal.database, upload, [BANK.iban], NOW)
        async with portal.database.writing() as connection:
            await connection.execute(
                update(mails).where(mails.c.state == "queued").values(state="uncertain")
            )
            await connection.execute(insert(due_actions).values(SET_ASIDE))
            keys = {
                "action": select(due_actions.c.id).where(due_actions.c.state == "failed"),
                "hub": select(hubs.c.id),
                "line": select(bank_lines.c.id),
                "mail": select(mails.c.id).where(mails.c.state == "uncertain"),
            }
            found = {
                name: (await connection.execute(query)).scalars().first()
                for name, query in keys.items()
            }
        await come_in(portal, browser)
        return await at(browser, address.format(order=number, **found))

    return opened


def _operator_at(address: str) -> Opener:
    async def opened(portal: Portal, browser: Browser) -> Opened:
        await come_in(portal, browser)
        return await at(browser, address)

    return opened


async def _statement(portal: Portal, browser: Browser) -> Opened:
    await come_in(portal, browser)
    return await at(browser, await bring_statement(portal))


async def bring_statement(portal: Portal) -> str:
    """The page of a statement that the operator has brought, to be imported."""
    upload = Upload(name="dezember", data=camt(Paid(cents=2, text="Spende")))
    async with portal.database.reading() as connection:
        anna = select(operators.c.id).where(operators.c.name == "anna")
        operator = (await connection.execute(anna)).scalar_one()
    kept = await uploads.keep(portal.database, operator, upload, portal.clock.now)
    return f"/admin/statements/{kept}"


CASES: Final = (
    Case(
        "/admin/login",
        _admin_login,
        # Nobody's code, so that whatever is tried, nobody is let in.
        {"name": "anna", "password": PASSWORD, "code": "000000"},
        strict=("name", "password", "code"),
        beside={"name": FILL_IN, "password": FILL_IN, "code": FILL_IN},
        kept=("name",),
        counted=True,
    ),
    Case(
        "/admin/setup",
        _admin_setup,
        {"password": PASSWORD, "code": "000000"},
        strict=("token", "code"),
        free=("password",),
        beside={"password": TOO_SHORT, "code": WRONG_CODE},
    ),
    *(
        Case(
            route,
            _asked(address),
            {"reason": "Anruf von Max"},
            free=("reason",),
            beside={"reason": FILL_IN},
            needs="admin",
        )
        for route, address in ASKED.items()
    ),
    Case(
        "/admin/orders/{number}/refund",
        _asked("/admin/orders/{order}/refund"),
        # The order is open, so that it cannot be taken back.
        {"reason": "Anruf von Max"},
        free=("reason",),
        beside={"reason": FILL_IN},
        needs="admin",
    ),
    *(
        Case(
            f"/admin/accounts/{{number}}/{way}",
            _operator_at(f"/admin/accounts/4711/{way}"),
            # Without `step` it is looked at only.
            {"amount": "24,00", "reason": "Kulanz", **rest},
            strict=("key", "amount", *rest),
            free=("reason",),
            beside={"amount": NO_AMOUNT, "reason": FILL_IN, **beside},
            kept=("amount", "reason"),
            needs="admin",
        )
        for way, rest, beside in (
            ("refund", {"means": "cash", "paid_on": "2026-11-23"}, {"paid_on": NO_DAY}),
            ("correct", {"direction": "take"}, {}),
        )
    ),
    Case("/admin/statements/{number}", _statement, needs="admin"),
    Case(
        "/admin/work-list/{number}",
        _asked("/admin/work-list/{line}"),
        {"choice": "parts", "parts": "nobody"},
        strict=("choice", "parts"),
        beside={"choice": "Bitte wählen Sie aus.", "parts": "Bitte schreiben Sie es wie"},
        kept=("parts",),
        needs="admin",
    ),
    Case(
        "/admin/payments",
        _operator_at("/admin/payments"),
        # Nobody's order, so that whatever is tried, nothing is booked.
        {
            "reference": "222-222-222",
            "amount": "24,00",
            "received_on": "2026-11-23",
            "source": "Bank 1",
        },
        strict=("reference", "amount", "received_on"),
        beside={
            "reference": NO_ORDER,
            "amount": NO_AMOUNT,
            "received_on": NO_DAY,
        },
        kept=("reference", "amount", "source"),
        needs="admin",
    ),
    Case(
        "/admin/vouchers",
        _operator_at("/admin/vouchers"),
        # Of an account that is not there, so that none is made.
        {"code": "MESSE-27", "value": "10", "account": "9", "reason": "Messe"},
        strict=("code", "kind", "value"),
        free=("reason",),
        beside={"value": NO_AMOUNT, "reason": FILL_IN},
        kept=("code", "value", "reason"),
        needs="admin",
    ),
    Case(
        "/admin/vouchers/batches",
        _operator_at("/admin/vouchers/batches"),
        # For an account that is not there, so that none is made.
        {"name": "Messe", "count": "5", "value": "10", "account": "9", "reason": "Messe"},
        strict=("count", "kind", "value", "limit"),
        free=("reason",),
        beside={
            "count": "Bitte geben Sie eine Anzahl von 1 bis 5000",
            "value": NO_AMOUNT,
            "reason": FILL_IN,
        },
        kept=("name", "count", "value", "reason"),
        needs="admin",
    ),
    Case(
        "/admin/catalogue/{code}/price",
        _operator_at("/admin/catalogue/connect/price"),
        # A day that has passed, so that no price is set.
        {"quantity": "12", "price": "27", "from": "2026-01-01", "reason": "Neue Preise"},
        strict=("quantity", "price", "vat"),
        free=("reason",),
        beside={
            "quantity": "Bitte geben Sie eine Anzahl Monate",
            "price": NO_AMOUNT,
            "vat": "Bitte geben Sie einen Satz",
            "reason": FILL_IN,
        },
        kept=("quantity", "price", "reason"),
        needs="admin",
    ),
    Case(
        "/admin/catalogue/{code}/texts",
        _operator_at("/admin/catalogue/connect/texts"),
        # Without `step` they are looked at only.
        {
            "name": "CloudMatic Connect",
            "summary_de": "Fernzugriff.",
            "summary_en": "Remote access.",
            "reason": "Kürzer",
        },
        free=("name", "summary_de", "summary_en", "reason"),
        beside=dict.fromkeys(("name", "summary_de", "summary_en", "reason"), FILL_IN),
        kept=("name", "summary_de", "summary_en", "reason"),
        needs="admin",
    ),
    Case(
        "/admin/catalogue/{code}/end",
        _operator_at("/admin/catalogue/connect/end"),
        {"quantity": "12", "after": "2026-01-01", "reason": "Auslaufmodell"},
        strict=("quantity", "after"),
        free=("reason",),
        beside={
            "quantity": "Bitte geben Sie eine Anzahl Monate",
            "after": NO_DAY,
            "reason": FILL_IN,
        },
        kept=("quantity", "reason"),
        needs="admin",
    ),
    Case("/admin/logout", _admin_logout, needs="admin"),
)
