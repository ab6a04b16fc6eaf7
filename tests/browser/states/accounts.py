"""How an account's pages get into a state that an address alone does not lead to."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from tests.browser import mailbox
from tests.browser.customers import PASSWORD
from tests.browser.guests import Guests


def login_refused(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/login")
    page.locator("[name=name]").fill("niemand")
    page.locator("[name=password]").fill("falsch")
    page.locator("main [type=submit]").click()
    page.get_by_role("alert").wait_for()
    return page


def billing_faulty(guests: Guests) -> Page:
    page = guests.visit(guests.regular, "/account/billing")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.locator("[name=vat_id]").fill("DE1")
    page.locator("main [type=submit]").click()
    page.locator(".problem").first.wait_for()
    return page


def _register(guests: Guests, name: str, password: str) -> Page:
    page = guests.visit(guests.stranger, "/register")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("[name=user_name]").fill(name)
    page.locator("[name=email]").fill(f"{name}@haus.example" if password else "max")
    page.locator("[name=password]").fill(password or "kurz")
    page.locator("main [type=submit]").click()
    return page


def register_faulty(guests: Guests) -> Page:
    page = _register(guests, "maxmuster", "")
    page.locator(".problem").first.wait_for()
    return page


def register_confirm(guests: Guests) -> Page:
    name = f"neu-{guests.language}"
    _register(guests, name, "ein langes Passwort").wait_for_url("**/register/sent")
    mail = guests.customers.mailbox.wait_for(f"{name}@haus.example", "")
    return _follow(guests, mailbox.link(mail, "/register/confirm"))


def password_missing(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/password")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.locator("main [type=submit]").click()
    page.locator(".problem").wait_for()
    return page


def password_new(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/password")
    page.locator("[name=name]").fill(guests.other.name)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/password/sent")
    mail = guests.customers.mailbox.wait_for(guests.other.email, "")
    return _follow(guests, mailbox.link(mail, "/password/new"))


def _follow(guests: Guests, address: str) -> Page:
    return guests.visit(guests.stranger, address.removeprefix(guests.system.portal.origin))


def _change_email(guests: Guests, who: BrowserContext, new: str) -> None:
    page = guests.visit(who, "/account/email")
    page.locator("[name=email]").fill(new)
    page.locator("[name=current]").fill(PASSWORD)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/account/email/sent")


def email_confirm(guests: Guests) -> Page:
    new = f"umgezogen-{guests.language}@haus.example"
    _change_email(guests, guests.regular, new)
    mail = guests.customers.mailbox.wait_for(new, "")
    return _follow(guests, mailbox.link(mail, "/account/email/confirm"))


def email_stop(guests: Guests) -> Page:
    _change_email(guests, guests.newcomer, f"anders-{guests.language}@haus.example")
    subject = "Ihr CloudMatic-Konto soll"
    mail = guests.customers.mailbox.wait_for(guests.other.email, subject)
    return _follow(guests, mailbox.link(mail, "/account/email/stop"))


def wrong_password(path: str) -> Callable[[Guests], Page]:
    def show(guests: Guests) -> Page:
        page = guests.visit(guests.newcomer, path)
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.locator("main [type=submit]").click()
        page.locator(".problem").first.wait_for()
        return page

    return show
