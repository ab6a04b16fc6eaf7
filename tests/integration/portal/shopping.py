"""What customers do on the way to an order, as they do it: by pages and forms."""

from __future__ import annotations

from sqlalchemy import update

from cloudmatic_portal.domain.voucher import Voucher
from cloudmatic_portal.services import subscriptions, vouchers
from cloudmatic_portal.storage.tables import terms
from tests.integration.portal.pages import Value, send
from tests.integration.portal.purchases import pay
from tests.integration.portal.world import TODAY, Answer, Browser, Portal


async def put(browser: Browser, product: str = "complete", base: str = "", **choice: str) -> Answer:
    """Choose in the package window and put it into the cart; a year of it, if nothing is said."""
    address = f"{base}/products/{product}"
    return await send(browser, await browser.get(address), address, choice)


async def redeem(browser: Browser, code: str, base: str = "") -> Answer:
    return await in_cart(browser, base, voucher=code, do="redeem")


async def in_cart(browser: Browser, base: str = "", **changes: Value) -> Answer:
    """Enter `changes` in the cart and press a button (`do`), the one for an update by default."""
    address = f"{base}/cart"
    return await send(browser, await browser.get(address), address, {"do": "update", **changes})


async def buy(browser: Browser, base: str = "", **changes: Value) -> Answer:
    """Look at the checkout and press its button; by bank transfer, if nothing is said."""
    address = f"{base}/checkout"
    return await send(browser, await browser.get(address), address, changes)


async def order(browser: Browser, product: str = "complete", base: str = "", **choice: str) -> str:
    """The address of the page of a new order."""
    await put(browser, product, base, **choice)
    answer = await buy(browser, base)
    assert answer.status == 303
    return answer.location


async def subscribe(portal: Portal, browser: Browser) -> str:
    """Be maxmuster with a monthly subscription that is paid; the address of its pages."""
    await browser.log_in("maxmuster")
    await put(browser, "connect", kind="subscription", quantity="1")
    page = (await buy(browser, method="transfer")).location
    await pay(portal.database, page.rpartition("/")[2].replace("-", ""), portal.clock.now)
    [mine] = await subscriptions.of_account(portal.database, 4711)
    return f"/subscriptions/{mine.subscription.subscription_id}"


async def make_voucher(portal: Portal, code: str, **facts: object) -> None:
    usual: dict[str, object] = {"kind": "percent", "value": 1000, "valid_from": TODAY}
    await vouchers.make(portal.database, Voucher(code=code, **(usual | facts)))  # type: ignore[arg-type]


async def change_price(portal: Portal, product: str, quantity: int, cents: int) -> None:
    """Ask another price from now on."""
    this = (terms.c.product == product, terms.c.quantity == quantity)
    async with portal.database.writing() as connection:
        await connection.execute(update(terms).where(*this).values(price_cents=cents))
