"""How the operators' pages get into a state that an address alone does not lead to."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page

from tests.bank_statements import Paid, camt
from tests.browser.guests import Guests


def refused(guests: Guests) -> Page:
    page = guests.visit(guests.stranger, "/admin/login")
    page.locator("[name=name]").fill("niemand")
    page.locator("[name=password]").fill("falsch")
    page.locator("[name=code]").fill("123456")
    page.locator("main [type=submit]").click()
    page.get_by_role("alert").wait_for()
    return page


def hub(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/accounts/4711")
    page.locator("a[href$='/revoke']").first.click()
    return page


def batch(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/vouchers/batches")
    for name, value in (("name", f"Messe {guests.language}"), ("count", "12"), ("value", "10")):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=reason]").fill("Messe")
    page.locator("main form [type=submit]").click()
    page.wait_for_url("**/admin/vouchers/batches/*")
    return page


def gateway(guests: Guests) -> Page:
    _ = guests.staff
    name = f"vpn-{guests.language}"
    guests.customers.gateway(name)
    return guests.visit(guests.operator, f"/admin/webhooks/{name}/retry")


def statement(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/statements")
    paid = (
        Paid(cents=100, text=f"Danke {guests.open}"),
        Paid(cents=4711, text=f"Spende {guests.language}", payer="Verein der Freunde"),
    )
    file = FilePayload(name="november.xml", mimeType="application/xml", buffer=camt(*paid))
    page.locator("[type=file]").set_input_files(file)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/admin/statements/*")
    return page


def line(guests: Guests) -> Page:
    page = statement(guests)
    page.locator("main [type=submit]").click()
    page.wait_for_url("**/admin/statements?*")
    page = guests.visit(guests.operator, "/admin/work-list")
    page.locator("main td a").last.click()
    return page


def ignore(guests: Guests) -> Page:
    page = line(guests)
    page.locator("a[href$='/ignore']").click()
    return page


def payout(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, f"/admin/accounts/{guests.customer.account_id}/refund")
    return look(page, amount="1,50", reason="Kündigung")


def debt(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, f"/admin/accounts/{guests.customer.account_id}/correct")
    page.locator("[name=direction][value=take]").check()
    return look(page, amount="100", reason="Doppelt gutgeschrieben")


def other_than_booked(guests: Guests) -> Page:
    """Back after the booking, and another amount from the same form."""
    _ = guests.staff
    path = f"/admin/accounts/{guests.customer.account_id}/correct"
    page = guests.visit(guests.operator, path)
    key = page.locator("[name=key]").input_value()
    page.locator("[name=direction][value=add]").check()
    look(page, amount="1", reason="Kulanz")
    page.locator("[name=step][value=book]").click()
    page.wait_for_url("**#ledger")
    page = guests.visit(guests.operator, path)
    page.evaluate("key => document.querySelector('[name=key]').value = key", key)
    page.locator("[name=direction][value=add]").check()
    page.locator("[name=amount]").fill("2")
    page.locator("[name=reason]").fill("Kulanz")
    page.locator("main [type=submit]").click()
    page.get_by_role("alert").wait_for()
    return page


def texts(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/catalogue/complete/texts")
    page.locator("[name=feature_de]").last.fill("Alle Dienste in einem Paket")
    page = look(page, reason="Neuer Dienst")
    page.locator("summary").first.click()
    return page


def version(guests: Guests) -> Page:
    _ = guests.staff
    guests.customers.former_terms()
    page = guests.visit(guests.operator, "/admin/legal")
    page.locator("main th a.code").first.click()
    page.locator("del").first.wait_for()
    return page


def look(page: Page, **typed: str) -> Page:
    for name, value in typed.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main [type=submit]").click()
    page.locator("[name=step]").first.wait_for()
    return page


def faulty(guests: Guests) -> Page:
    _ = guests.staff
    page = guests.visit(guests.operator, "/admin/payments")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.locator("main [type=submit]").click()
    page.locator(".problem").first.wait_for()
    return page


def setup(guests: Guests) -> Page:
    staff = guests.customers.staff(f"berta-{guests.language}", "support")
    page = guests.visit(guests.stranger, staff.link)
    page.locator("[name=password]").fill("ein langes Passwort")
    page.locator("[name=code]").fill("123456")
    page.locator("main [type=submit]").click()
    page.locator(".problem").wait_for()
    return page
