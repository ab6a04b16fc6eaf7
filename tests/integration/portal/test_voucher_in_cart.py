"""Vouchers in the cart: redeemed, removed, refused with a reason, and not to be guessed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from cloudmatic_portal.domain.throttle import RULES
from tests.integration.portal.hubs import enrolled_hub
from tests.integration.portal.pages import Page
from tests.integration.portal.shopping import in_cart, make_voucher, put, redeem
from tests.integration.portal.world import TODAY, Browser, Portal

RULE = RULES["voucher"]["name"]


@pytest.fixture
async def customer(browser: Browser) -> Browser:
    """A browser with a package in the cart of maxmuster."""
    await browser.log_in("maxmuster")
    await put(browser)
    return browser


async def test_a_voucher_counts_at_once_and_can_be_taken_out_again(customer: Browser) -> None:
    answer = await redeem(customer, " willkommen10\u00a0\t")
    assert (answer.status, answer.location) == (303, "/cart")
    cart = await customer.get("/cart")
    assert "WILLKOMMEN10 spart 3,60 €" in cart.words
    assert "32,40 €" in cart.words
    await in_cart(customer, withdraw="WILLKOMMEN10")
    left = (await customer.get("/cart")).words
    assert "WILLKOMMEN10" not in left
    assert "36,00 €" in left


async def test_free_months_lengthen_the_package_and_cost_nothing(customer: Browser) -> None:
    await redeem(customer, "PLUS3")
    words = (await customer.get("/cart")).words
    assert "12 Monate + 3 Monate kostenlos 25.12.2026 bis 24.03.2028" in words
    assert "36,00 €" in words


async def test_a_voucher_entered_twice_is_there_once(portal: Portal, customer: Browser) -> None:
    await redeem(customer, "FUENF")
    assert (await redeem(customer, "FUENF")).status == 303
    assert await portal.count("cart_vouchers") == 1


@pytest.mark.parametrize(
    ("code", "facts", "sentence"),
    [
        ("KENN-ICH-NICHT", None, "Den Gutscheincode „KENN-ICH-NICHT“ kennen wir nicht."),
        ("<b>", None, "Den Gutscheincode „<B>“ kennen wir nicht."),
        ("ABC\u202eDEF", None, "Den Gutscheincode „ABCDEF“ kennen wir nicht."),
        ("", None, "Bitte geben Sie einen Gutscheincode ein."),
        ("FREMD", {"account_id": 4712}, "Der Gutschein FREMD wurde für ein anderes Konto"),
        (
            "BALD",
            {"valid_from": TODAY + timedelta(1)},
            "Der Gutschein BALD gilt erst ab dem 24.11.2026",
        ),
        (
            "VORBEI",
            {"valid_from": TODAY - timedelta(9), "valid_until": TODAY - timedelta(1)},
            "Der Gutschein VORBEI galt nur bis zum 22.11.2026",
        ),
        ("ANDERES", {"products": frozenset({"connect"})}, "Der Gutschein ANDERES gilt für keinen"),
    ],
)
async def test_what_does_not_hold_says_why_beside_the_field_and_keeps_what_was_typed(
    portal: Portal,
    customer: Browser,
    code: str,
    facts: dict[str, object] | None,
    sentence: str,
) -> None:
    if facts is not None:
        await make_voucher(portal, code, **facts)
    before = await portal.rows_but_tallies()
    answer = await redeem(customer, code)
    page = Page(answer)
    assert answer.status == 409
    assert page.beside("voucher").startswith(sentence)
    assert page.form("/cart").value("voucher") == code
    assert await portal.rows_but_tallies() == before


async def test_two_that_cannot_be_combined_are_told_apart(customer: Browser) -> None:
    await redeem(customer, "FUENF")
    page = Page(await redeem(customer, "GESCHENK"))
    assert "GESCHENK lässt sich nicht mit dem anderen" in page.beside("voucher")
    assert "GESCHENK" not in (await customer.get("/cart")).words


async def test_a_tick_and_a_code_together_are_done_together_or_not_at_all(
    customer: Browser,
) -> None:
    await put(customer, "connect")
    refused = Page(await in_cart(customer, remove="connect", voucher="FALSCH")).form("/cart")
    assert refused.value("remove") == "connect"
    assert "Connect" in (await customer.get("/cart")).words
    await in_cart(customer, remove="connect", voucher="FUENF")
    words = (await customer.get("/cart")).words
    assert "Connect" not in words
    assert "FUENF spart 5,00 €" in words


async def test_whoever_guesses_codes_has_to_wait_and_is_told_beside_the_field(
    portal: Portal, customer: Browser
) -> None:
    for number in range(RULE.free + 1):
        assert (await redeem(customer, f"GUESS-{number}")).status == 409
    before = await portal.rows()
    answer = await redeem(customer, "FUENF")
    page = Page(answer)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "30")
    assert page.beside("voucher").endswith("Der nächste Versuch ist in 30 Sekunden möglich.")
    assert page.form("/cart").value("voucher") == "FUENF"
    assert await portal.rows() == before
    portal.clock.move(seconds=30)
    assert (await redeem(customer, "FUENF")).status == 303


async def test_waiting_keeps_nobody_from_the_rest_of_the_cart(customer: Browser) -> None:
    for number in range(RULE.free + 1):
        await redeem(customer, f"GUESS-{number}")
    assert (await in_cart(customer, remove="complete")).status == 303
    assert "Der Warenkorb ist leer" in (await customer.get("/cart")).words


async def test_the_hubs_booking_session_is_no_way_round_the_wait(
    portal: Portal, customer: Browser
) -> None:
    for number in range(RULE.free + 1):
        await redeem(customer, f"GUESS-{number}")
    async with Browser(portal) as other:
        await other.accept((await enrolled_hub(portal)).link())
        assert (await redeem(other, "FUENF", base="/booking")).status == 429


async def test_right_codes_and_those_that_do_not_hold_are_no_guesses(
    portal: Portal, customer: Browser
) -> None:
    await make_voucher(portal, "ANDERES", products=frozenset({"connect"}))
    for _ in range(RULE.free + 2):
        assert (await redeem(customer, "FUENF")).status == 303
        assert (await redeem(customer, "ANDERES")).status == 409
        assert (await redeem(customer, "?")).status == 409
    assert await portal.count("attempts") == 0


async def test_a_right_code_does_not_make_guessing_cheaper(customer: Browser) -> None:
    for number in range(RULE.free):
        await redeem(customer, f"GUESS-{number}")
        await redeem(customer, "FUENF")
    assert (await redeem(customer, "GUESS-LAST")).status == 409
    assert (await redeem(customer, "FUENF")).status == 429


async def test_guesses_at_once_do_not_slip_through_together(customer: Browser) -> None:
    answers = await asyncio.gather(*(redeem(customer, f"GUESS-{n}") for n in range(30)))
    looked_at = [answer for answer in answers if answer.status == 409]
    assert len(looked_at) == RULE.free + 1
