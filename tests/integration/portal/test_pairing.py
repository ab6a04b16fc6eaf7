"""A hub without an account is linked by whoever is logged in and sees its code (RFC 8628)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from cloudmatic_link.api import DEVICE_PATH, DEVICE_TOKEN_PATH
from cloudmatic_link.pairing import Confirmation, Invitation
from tests.integration.portal.hubs import Hub, enrolled_hub
from tests.integration.portal.pages import send
from tests.integration.portal.test_enrolment import reason
from tests.integration.portal.world import Answer, Browser, Portal


@pytest.fixture
async def stranger(portal: Portal) -> AsyncIterator[Browser]:
    async with Browser(portal) as opened:
        await opened.log_in("erikamuster")
        yield opened


async def enter(browser: Browser, code: str) -> Answer:
    """Type the code; the page with the hub comes."""
    return await send(browser, await browser.get("/pair"), "/pair", {"code": code})


async def decide(browser: Browser, code: str, word: str = "confirm") -> Answer:
    return await send(browser, await enter(browser, code), "/pair/decide", {"do": word})


def oauth_error(answer: Answer) -> str:
    """The word of RFC 8628, section 3.5, as RFC 6749, section 5.2 sends it."""
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    return str(json.loads(answer.text)["error"])


async def test_a_hub_is_linked_by_whoever_confirms_its_code(portal: Portal, owner: Browser) -> None:
    hub = Hub(portal)
    told = Invitation.from_json(await hub.begin_pairing(), portal=portal.origin)
    assert told.verification_uri == f"{portal.origin}/pair"
    assert told.verification_uri_complete.endswith(f"/pair?code={told.user_code}")
    assert told.qr is not None
    assert oauth_error(await hub.ask_for(told.device_code)) == "authorization_pending"
    page = await enter(owner, told.user_code)
    assert hub.serial in page.words
    assert "maxmuster (4711)" in page.words
    done = await decide(owner, told.user_code)
    assert (done.status, done.location) == (303, "/pair/done")
    portal.clock.move(seconds=5)
    answer = await hub.ask_for(told.device_code)
    assert answer.status == 200
    confirmed = Confirmation.from_json(json.loads(answer.text))
    assert confirmed == Confirmation("4711", "maxmuster")
    assert json.loads((await hub.status()).text)["account"]["id"] == "4711"
    # An answer may get lost: asking again tells the same.
    assert (await hub.ask_for(told.device_code)).text == answer.text


async def test_nothing_is_linked_by_looking(portal: Portal, owner: Browser) -> None:
    hub = Hub(portal)
    told = await hub.begin_pairing()
    before = await portal.rows()
    await owner.get(f"/pair?code={told['user_code']}")
    await enter(owner, told["user_code"])
    assert await portal.rows() == before
    assert reason(await hub.status()) == "unknown-key"


async def test_the_pictures_address_fills_the_field_after_the_login(
    portal: Portal, browser: Browser
) -> None:
    told = await Hub(portal).begin_pairing()
    path = told["verification_uri_complete"].removeprefix(portal.origin)
    page = await browser.get(path)
    assert page.location == f"/login?next=pair?code%3D{told['user_code']}"
    form = {"name": "maxmuster", "password": "willkommen-4711"}
    entered = await send(browser, await browser.get(page.location), "/login", form)
    assert entered.location == path
    assert (await browser.get(path)).field("code") == told["user_code"]


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}"])
async def test_a_code_is_read_however_it_is_typed(
    portal: Portal, owner: Browser, typed: str
) -> None:
    code = (await Hub(portal).begin_pairing())["user_code"]
    written = typed.format(code, code.replace("-", ""), code.lower().replace("-", " "))
    assert "Ist das Ihre Zentrale?" in (await enter(owner, written)).words


async def test_a_refused_hub_is_told_so_and_its_code_is_good_for_nothing(
    portal: Portal, owner: Browser, stranger: Browser
) -> None:
    hub = Hub(portal)
    told = await hub.begin_pairing()
    assert (await decide(owner, told["user_code"], "refuse")).location == "/pair/refused"
    assert oauth_error(await hub.ask_for(told["device_code"])) == "access_denied"
    assert (await enter(stranger, told["user_code"])).status == 422
    await decide(owner, told["user_code"])
    assert oauth_error(await hub.ask_for(told["device_code"])) == "access_denied"
    assert await portal.count("hubs") == 0


async def test_a_code_is_good_for_ten_minutes(portal: Portal, owner: Browser) -> None:
    hub = Hub(portal)
    told = await hub.begin_pairing()
    portal.clock.move(minutes=10)
    assert (await enter(owner, told["user_code"])).status == 422
    assert oauth_error(await hub.ask_for(told["device_code"])) == "expired_token"


async def test_a_hub_that_was_offline_still_hears_that_it_was_confirmed(
    portal: Portal, owner: Browser
) -> None:
    hub = Hub(portal)
    told = await hub.begin_pairing()
    await decide(owner, told["user_code"])
    portal.clock.move(hours=20)
    assert (await hub.ask_for(told["device_code"])).status == 200
    portal.clock.move(hours=5)
    await Hub(portal, serial="ANOTHER123").begin_pairing()
    assert oauth_error(await hub.ask_for(told["device_code"])) == "expired_token"


async def test_a_hub_that_asks_too_often_is_slowed_down_each_time(portal: Portal) -> None:
    hub = Hub(portal)
    told = await hub.begin_pairing()
    words = []
    for pause in (0, 1, 9, 10, 10):
        portal.clock.move(seconds=pause)
        words.append(oauth_error(await hub.ask_for(told["device_code"])))
    # 5 s become 10, and ten seconds later that is enough; a jitter of a second is no haste.
    pending, slow_down = "authorization_pending", "slow_down"
    assert words == [pending, slow_down, pending, pending, pending]


async def test_the_code_alone_is_no_use_without_the_hubs_key(
    portal: Portal, owner: Browser
) -> None:
    hub, thief = Hub(portal), Hub(portal)
    told = await hub.begin_pairing()
    answer = await thief.ask_for(told["device_code"])
    assert (answer.status, reason(answer)) == (401, "bad-signature")
    await decide(owner, told["user_code"])
    assert reason(await thief.ask_for(told["device_code"])) == "bad-signature"
    assert (await thief.status()).status == 401


async def test_a_device_code_that_was_never_given_has_expired(portal: Portal) -> None:
    assert oauth_error(await Hub(portal).ask_for("A" * 43)) == "expired_token"


async def test_who_hands_in_a_key_must_hold_it(portal: Portal) -> None:
    foreign = json.dumps(Hub(portal).key.public.to_jwk())
    answer = await Hub(portal).post_form(DEVICE_PATH, Hub(portal).invited(public_key=foreign))
    assert (answer.status, reason(answer)) == (401, "bad-signature")
    for audience in ("https://other.example",):
        hub = Hub(portal)
        wrong = hub.invited(client_assertion=hub.assertion(audience=audience))
        assert reason(await hub.post_form(DEVICE_PATH, wrong)) == "wrong-audience"


async def test_another_token_of_the_hub_is_no_assertion(portal: Portal) -> None:
    hub = await enrolled_hub(portal)
    form = hub.invited(client_assertion=hub.link())
    assert reason(await hub.post_form(DEVICE_PATH, form)) == "wrong-type"


WRONG = [
    (DEVICE_PATH, "public_key", "[]"),
    (DEVICE_PATH, "public_key", "{"),
    (DEVICE_PATH, "public_key", '{"kty": "OKP"}'),
    (DEVICE_PATH, "client_assertion_type", "password"),
    (DEVICE_PATH, "account", "0"),
    (DEVICE_TOKEN_PATH, "grant_type", "password"),
    (DEVICE_TOKEN_PATH, "device_code", "short"),
    (DEVICE_TOKEN_PATH, "client_assertion_type", ""),
]


async def test_what_is_wrong_in_a_form_is_named(portal: Portal, subtests: pytest.Subtests) -> None:
    hub = Hub(portal)
    for path, member, value in WRONG:
        with subtests.test(path=path, member=member, value=value):
            good = hub.invited() | {"grant_type": GRANT, "device_code": "A" * 43}
            answer = await hub.post_form(path, good | {member: value})
            assert (answer.status, reason(answer)) == (400, "malformed-request")
            assert json.loads(answer.text)["member"] == member
    assert await portal.count("pairings") == 0


GRANT = "urn:ietf:params:oauth:grant-type:device_code"


async def test_a_hub_whose_files_name_an_account_is_confirmed_by_that_one_only(
    portal: Portal, owner: Browser, stranger: Browser
) -> None:
    hub = Hub(portal)
    told = await hub.begin_pairing(account="4711")
    refused = await enter(stranger, told["user_code"])
    assert refused.status == 409
    assert "Auf der Zentrale ist das Konto 4711 verknüpft" in refused.words
    assert oauth_error(await hub.ask_for(told["device_code"])) == "authorization_pending"
    await decide(owner, told["user_code"])
    assert (await hub.ask_for(told["device_code"])).status == 200


async def test_of_two_who_confirm_at_once_one_gets_the_hub(
    portal: Portal, owner: Browser, stranger: Browser
) -> None:
    hub = Hub(portal)
    told = await hub.begin_pairing()
    pages = [await enter(each, told["user_code"]) for each in (owner, stranger)]
    answers = await asyncio.gather(
        *(
            send(each, page, "/pair/decide", {"do": "confirm"})
            for each, page in zip((owner, stranger), pages, strict=True)
        )
    )
    assert sorted(each.status for each in answers) == [303, 422]
    assert (await portal.count("hubs"), await portal.count("hub_keys")) == (1, 1)


async def test_a_second_click_changes_nothing(portal: Portal, owner: Browser) -> None:
    told = await Hub(portal).begin_pairing()
    page = await enter(owner, told["user_code"])
    await send(owner, page, "/pair/decide", {"do": "confirm"})
    before = await portal.rows()
    again = await send(owner, page, "/pair/decide", {"do": "confirm"})
    assert again.location == "/pair/done"
    assert await portal.rows() == before


async def test_whoever_guesses_codes_has_to_wait(
    portal: Portal, owner: Browser, stranger: Browser
) -> None:
    told = await Hub(portal).begin_pairing()
    for number in range(11):
        answer = await enter(owner, "BCDFGH" + "BCDFGHJKLMN"[number] + "Z")
        assert answer.status == 422
    waiting = await enter(owner, told["user_code"])
    assert (waiting.status, waiting.headers["Retry-After"]) == (429, "30")
    # Nobody else has to.
    assert (await enter(stranger, told["user_code"])).status == 200
    portal.clock.move(seconds=30)
    assert (await enter(owner, told["user_code"])).status == 200


async def test_a_network_that_asks_for_codes_all_the_time_has_to_wait(portal: Portal) -> None:
    for _ in range(31):
        await Hub(portal).begin_pairing()
    hub = Hub(portal)
    answer = await hub.post_form(DEVICE_PATH, hub.invited())
    assert (answer.status, reason(answer)) == (429, "too-many-attempts")


async def test_a_booking_session_links_no_hub(portal: Portal, browser: Browser) -> None:
    await browser.accept((await enrolled_hub(portal)).link())
    assert (await browser.get("/pair")).location == "/login?next=pair"
