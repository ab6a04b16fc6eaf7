"""Every form of the site: the page that it stands on, what fills it, and what it says if it is not.

Whoever adds a form adds a row; `test_every_form.py` notices a route without one.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy import insert, select, update

from cloudmatic_link.api import LINK_FIELD
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.services import gateways, statements, uploads
from cloudmatic_portal.services.renewal import House
from cloudmatic_portal.services.statements import Upload
from cloudmatic_portal.services.worker import Worker
from cloudmatic_portal.storage.tables import bank_lines, due_actions, hubs, mails, operators
from tests.bank_statements import Paid, camt
from tests.integration.portal.pages import Value, send
from tests.integration.portal.postbox import Postbox
from tests.integration.portal.shopping import order, put, subscribe
from tests.integration.portal.staff import PASSWORD as OPERATORS_PASSWORD
from tests.integration.portal.staff import come_in, invite, make
from tests.integration.portal.world import (
    BANK,
    NOW,
    PASSWORD,
    Answer,
    Browser,
    Hub,
    Portal,
    enrolled_hub,
    random_bytes,
)

Opened = tuple[Answer, str]
"""The page, and the address that the form goes to."""

NEW_PASSWORD: Final = "ein ganz neues Wort"
FILL_IN: Final = "Bitte füllen Sie dieses Feld aus."
CHOOSE_KIND: Final = "Bitte entscheiden Sie sich für eine Einzelbuchung oder ein Abonnement."
CHOOSE_TERM: Final = "Bitte wählen Sie eine Laufzeit aus."
CHOOSE_PLAN: Final = "Bitte wählen Sie ein Paket und eine Laufzeit aus."
NO_PAIRING_CODE: Final = "Bitte geben Sie den Code ein."
CHOOSE_METHOD: Final = "Bitte wählen Sie eine Zahlungsweise aus."
NO_CODE: Final = "Bitte geben Sie einen Gutscheincode ein."
NAME_RULE: Final = "Bitte wählen Sie 3 bis 40 Buchstaben und Ziffern"
EMAIL_RULE: Final = "Bitte geben Sie eine vollständige E-Mail-Adresse an"
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
    "/admin/actions/{number}/retry": "/admin/actions/{action}/retry",
    "/admin/mails/{number}/retry": "/admin/mails/{mail}/retry",
    "/admin/work-list/{number}/ignore": "/admin/work-list/{line}/ignore",
    "/admin/webhooks/{name}/retry": "/admin/webhooks/vpn/retry",
    "/admin/catalogue/{code}/offer": "/admin/catalogue/connect/offer",
    "/admin/catalogue/{code}/withdraw": "/admin/catalogue/connect/withdraw",
}
"""Routes that ask an operator for a reason, and where each is for what `_asked` has prepared."""
WRONG_CODE: Final = "Diesen Code zeigt die App gerade nicht"
NOT_YOURS: Final = "Das ist nicht Ihr Passwort."
TOO_SHORT: Final = "Das Passwort ist zu kurz"


BY_PAYPAL: Final = {"/orders/{number}/paypal", "/booking/orders/{number}/paypal"}
"""To PayPal and back: forms that are there only with a PayPal account, tried in
`paypal/test_forms.py`, and addresses that show no page of their own.
"""


@dataclass(frozen=True)
class Case:
    """One form.

    `good` fills it. `strict` are fields in which nothing but what is good is taken; `free` ones
    may hold anything of the right length. `beside` is the sentence beside a field that was left
    empty, `kept` are the fields that still hold what was typed. `counted` is a form that must not
    be sent too often, `mute` one that answers alike whatever it was told, because anything else
    would tell about accounts.
    """

    route: str
    open: Callable[[Portal, Browser], Awaitable[Opened]]
    good: Mapping[str, Value] = field(default_factory=dict)
    strict: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    counted: bool = False
    mute: bool = False
    needs: Literal["login", "booking", "admin"] | None = None


async def _at(browser: Browser, address: str) -> Opened:
    return await browser.get(address), address


async def _login(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/login")


async def _logout(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await browser.get("/dashboard"), "/logout"


async def _logout_everywhere(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await _at(browser, "/logout-everywhere")


async def _password(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/password")


async def _new_password(portal: Portal, browser: Browser) -> Opened:
    await send(browser, await browser.get("/password"), "/password", {"name": "maxmuster"})
    link = (await Postbox(portal).only()).link("/password/new")
    return await browser.get_exactly(link), "/password/new"


REGISTRATION: Final = {
    "user_name": "neumann",
    "email": "nora@neumann.example",
    "password": NEW_PASSWORD,
}


async def _register(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/register")


async def _confirm(portal: Portal, browser: Browser) -> Opened:
    await send(browser, await browser.get("/register"), "/register", REGISTRATION)
    link = (await Postbox(portal).only()).link("/register/confirm")
    return await browser.get_exactly(link), "/register/confirm"


def _account(page: str) -> Callable[[Portal, Browser], Awaitable[Opened]]:
    async def opened(_: Portal, browser: Browser) -> Opened:
        await browser.log_in("maxmuster")
        return await _at(browser, f"/account/{page}")

    return opened


async def _language(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await browser.get("/account"), "/account/language"


NEW_EMAIL: Final = {"email": "max@neu.example", "current": PASSWORD}


def _email(step: str, recipient: str) -> Callable[[Portal, Browser], Awaitable[Opened]]:
    """The page of the link that comes to `recipient` with a change of the address."""

    async def opened(portal: Portal, browser: Browser) -> Opened:
        await browser.log_in("maxmuster")
        page = await browser.get("/account/email")
        await send(browser, page, "/account/email", NEW_EMAIL)
        letters = await Postbox(portal).empty()
        letter = next(each for each in letters if each.recipient == recipient)
        address = f"/account/email/{step}"
        return await browser.get_exactly(letter.link(address)), address

    return opened


async def _cancellation(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/cancel-contract")


async def _withdrawal(_: Portal, browser: Browser) -> Opened:
    return await _at(browser, "/withdraw-contract")


DECLARED: Final = {
    "name": "Max Muster",
    "contract": "CloudMatic Complete",
    "email": "max@muster.example",
}


async def _entry(portal: Portal, browser: Browser) -> Opened:
    link = (await enrolled_hub(portal)).link()
    return await browser.show_link(link), "/entry"


BILLING: Final = {
    "name": "Max Muster",
    "street": "Lange Straße 7",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}


async def _billing(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await _at(browser, "/account/billing")


async def _mail_entry(portal: Portal, browser: Browser) -> Opened:
    # The package of account 4711 ends in five days: the reminder comes, with its link.
    portal.clock.now = datetime(2026, 12, 19, 12, tzinfo=UTC)
    worker = Worker(House(Rules(), BANK), random_bytes)
    while await worker.work(portal.database, portal.clock.now):
        pass
    link = (await Postbox(portal).only()).link("/entry/mail")
    return await browser.get_exactly(link), "/entry/mail"


async def _admin_login(portal: Portal, browser: Browser) -> Opened:
    await make(portal)
    return await _at(browser, "/admin/login")


async def _admin_logout(portal: Portal, browser: Browser) -> Opened:
    await come_in(portal, browser)
    return await browser.get("/admin"), "/admin/logout"


async def _admin_setup(portal: Portal, browser: Browser) -> Opened:
    token = await invite(portal, "berta", "support")
    return await browser.get(f"/admin/setup?token={token}"), "/admin/setup"


async def _pair(_: Portal, browser: Browser) -> Opened:
    await browser.log_in("maxmuster")
    return await _at(browser, "/pair")


async def _pair_decide(portal: Portal, browser: Browser) -> Opened:
    told = await Hub(portal).begin_pairing()
    await browser.log_in("maxmuster")
    page = await browser.get("/pair")
    return await send(browser, page, "/pair", {"code": told["user_code"]}), "/pair/decide"


async def _revoke(portal: Portal, browser: Browser) -> Opened:
    await enrolled_hub(portal)
    await browser.log_in("maxmuster")
    return await _at(browser, await revoke_address(browser))


async def revoke_address(browser: Browser) -> str:
    """The page that asks before the account's hub is withdrawn."""
    page = await browser.get("/dashboard")
    return str(re.search(r"/hubs/[0-9]+/revoke", page.text)[0])  # type: ignore[index]


def _asked(address: str) -> Callable[[Portal, Browser], Awaitable[Opened]]:
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
        return await _at(browser, address.format(order=number, **found))

    return opened


async def _admin_payment(portal: Portal, browser: Browser) -> Opened:
    await come_in(portal, browser)
    return await _at(browser, "/admin/payments")


async def _statement(portal: Portal, browser: Browser) -> Opened:
    await come_in(portal, browser)
    return await _at(browser, await bring_statement(portal))


async def bring_statement(portal: Portal) -> str:
    """The page of a statement that the operator has brought, to be imported."""
    upload = Upload(name="dezember", data=camt(Paid(cents=2, text="Spende")))
    async with portal.database.reading() as connection:
        anna = select(operators.c.id).where(operators.c.name == "anna")
        operator = (await connection.execute(anna)).scalar_one()
    kept = await uploads.keep(portal.database, operator, upload, portal.clock.now)
    return f"/admin/statements/{kept}"


def _operator_at(address: str) -> Callable[[Portal, Browser], Awaitable[Opened]]:
    async def opened(portal: Portal, browser: Browser) -> Opened:
        await come_in(portal, browser)
        return await _at(browser, address)

    return opened


async def _admin_voucher(portal: Portal, browser: Browser) -> Opened:
    await come_in(portal, browser)
    return await _at(browser, "/admin/vouchers")


def _subscription(step: str) -> Callable[[Portal, Browser], Awaitable[Opened]]:
    async def opened(portal: Portal, browser: Browser) -> Opened:
        address = await subscribe(portal, browser)
        if step == "resume":
            page = await browser.get(f"{address}/pause")
            await send(browser, page, f"{address}/pause")
        return await _at(browser, f"{address}/{step}")

    return opened


async def enter(portal: Portal, browser: Browser, base: str) -> None:
    """Be maxmuster: logged in, or come from the hub, which puts a package into the cart."""
    if base:
        await browser.accept((await enrolled_hub(portal)).link())
    else:
        await browser.log_in("maxmuster")


def _shop(base: str) -> tuple[Case, ...]:
    """The forms that a login and a booking session both have."""

    async def package(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        return await _at(browser, f"{base}/products/connect")

    async def cart(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        await put(browser, "complete", base)
        return await _at(browser, f"{base}/cart")

    async def checkout(portal: Portal, browser: Browser) -> Opened:
        await cart(portal, browser)
        return await _at(browser, f"{base}/checkout")

    async def cancel(portal: Portal, browser: Browser) -> Opened:
        await enter(portal, browser, base)
        return await _at(browser, f"{await order(browser, 'complete', base)}/cancel")

    needs: Literal["login", "booking"] = "booking" if base else "login"
    return (
        Case(
            f"{base}/products/{{code}}",
            package,
            {"quantity": "12", "kind": "single"},
            strict=("quantity", "kind"),
            beside={"quantity": CHOOSE_TERM, "kind": CHOOSE_KIND},
            needs=needs,
        ),
        Case(
            f"{base}/cart",
            cart,
            # A code that nobody has made: so nothing that stands beside it may be done.
            {"voucher": "NOBODYS-CODE", "do": "redeem"},
            strict=("voucher", "remove", "withdraw", "do"),
            beside={"voucher": NO_CODE},
            kept=("voucher",),
            counted=True,
            needs=needs,
        ),
        Case(
            f"{base}/checkout",
            checkout,
            strict=("revision", "fingerprint", "terms", "method"),
            beside={"method": CHOOSE_METHOD},
            needs=needs,
        ),
        Case(f"{base}/orders/{{number}}/cancel", cancel, needs=needs),
    )


CASES: Final = (
    Case(
        "/login",
        _login,
        {"name": "maxmuster", "password": PASSWORD},
        strict=("name", "password"),
        beside={"name": FILL_IN, "password": FILL_IN},
        kept=("name",),
        counted=True,
    ),
    Case("/logout", _logout),
    Case("/logout-everywhere", _logout_everywhere, needs="login"),
    Case(
        "/password",
        _password,
        {"name": "maxmuster"},
        strict=("name",),
        beside={"name": FILL_IN},
        kept=("name",),
        counted=True,
        mute=True,
    ),
    Case(
        "/password/new",
        _new_password,
        {"password": NEW_PASSWORD},
        strict=("token",),
        free=("password",),
        beside={"password": TOO_SHORT},
    ),
    Case(
        "/register",
        _register,
        REGISTRATION,
        strict=("user_name", "email"),
        free=("password",),
        beside={"user_name": NAME_RULE, "email": EMAIL_RULE, "password": TOO_SHORT},
        kept=("user_name", "email"),
        counted=True,
    ),
    Case("/account/language", _language, strict=("language",), needs="login"),
    Case(
        "/account/name",
        _account("name"),
        {"user_name": "max.neu", "current": PASSWORD},
        strict=("user_name", "current"),
        beside={"user_name": NAME_RULE, "current": NOT_YOURS},
        kept=("user_name",),
        counted=True,
        needs="login",
    ),
    Case(
        "/account/password",
        _account("password"),
        {"current": PASSWORD, "password": NEW_PASSWORD},
        strict=("current",),
        free=("password",),
        beside={"current": NOT_YOURS, "password": TOO_SHORT},
        counted=True,
        needs="login",
    ),
    Case(
        "/account/email",
        _account("email"),
        NEW_EMAIL,
        strict=("email", "current"),
        beside={"email": EMAIL_RULE, "current": NOT_YOURS},
        kept=("email",),
        counted=True,
        needs="login",
    ),
    Case("/account/email/confirm", _email("confirm", "max@neu.example"), strict=("token",)),
    Case("/account/email/stop", _email("stop", "max@muster.example"), strict=("token",)),
    Case(
        "/account/delete",
        _account("delete"),
        {"current": PASSWORD, "understood": "1"},
        strict=("current", "understood"),
        beside={"current": NOT_YOURS, "understood": "Bitte setzen Sie hier den Haken"},
        counted=True,
        needs="login",
    ),
    Case(
        "/cancel-contract",
        _cancellation,
        {**DECLARED, "identification": "4711", "cancellation": "ordinary"},
        strict=("email", "cancellation"),
        free=("name", "identification", "contract"),
        beside=dict.fromkeys(("email", "cancellation", "name", "contract"), FILL_IN),
        kept=("name", "identification", "contract", "email"),
        counted=True,
    ),
    Case(
        "/withdraw-contract",
        _withdrawal,
        DECLARED,
        strict=("email",),
        free=("name", "contract"),
        beside=dict.fromkeys(DECLARED, FILL_IN),
        kept=("name", "contract", "email"),
        counted=True,
    ),
    Case(
        "/account/billing",
        _billing,
        BILLING,
        strict=("name", "street", "postcode", "city", "country"),
        beside={
            **dict.fromkeys(("name", "street", "postcode", "city"), FILL_IN),
            "country": "Bitte wählen Sie ein Land aus der Liste.",
        },
        needs="login",
    ),
    Case("/register/confirm", _confirm, strict=("token",)),
    Case("/entry", _entry, strict=(LINK_FIELD,)),
    Case(
        "/pair",
        _pair,
        {"code": "BCDF-GHJK"},
        strict=("code",),
        beside={"code": NO_PAIRING_CODE},
        kept=("code",),
        counted=True,
        needs="login",
    ),
    Case(
        "/pair/decide",
        _pair_decide,
        {"do": "confirm"},
        strict=("code", "do"),
        needs="login",
    ),
    Case("/hubs/{number}/revoke", _revoke, needs="login"),
    Case("/entry/mail", _mail_entry, strict=("token",)),
    *(
        Case(f"/subscriptions/{{number}}/{step}", _subscription(step), needs="login")
        for step in ("pause", "resume", "cancel")
    ),
    Case(
        "/subscriptions/{number}/change",
        _subscription("change"),
        strict=("plan",),
        beside={"plan": CHOOSE_PLAN},
        needs="login",
    ),
    Case(
        "/admin/login",
        _admin_login,
        # Nobody's code, so that whatever is tried, nobody is let in.
        {"name": "anna", "password": OPERATORS_PASSWORD, "code": "000000"},
        strict=("name", "password", "code"),
        beside={"name": FILL_IN, "password": FILL_IN, "code": FILL_IN},
        kept=("name",),
        counted=True,
    ),
    Case(
        "/admin/setup",
        _admin_setup,
        {"password": OPERATORS_PASSWORD, "code": "000000"},
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
        _admin_payment,
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
        _admin_voucher,
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
    *_shop(""),
    *_shop("/booking"),
)
