"""Every link that is no good gets its own plain sentence and a way forward; nothing changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cloudmatic_link.api import LINK_FIELD
from cloudmatic_link.claims import BookingLink, HubToken
from tests.integration.portal.hubs import Hub, enrolled_hub, expired
from tests.integration.portal.world import Answer, Browser, Portal

WAY = "erneut auf „Zugang buchen“"
WAIT = "warten Sie eine Minute"
WEBSITE = "auf dieser Webseite, angemeldet mit dem Konto, das mit Ihrer Zentrale verknüpft"
CHOOSE = "eines der dort gezeigten Pakete"


async def refuse(portal: Portal, browser: Browser, link: str) -> Answer:
    """Show the link and try to consume it; both are refused alike and change nothing."""
    before = await portal.rows()
    token = (await browser.get("/login")).field("form_token")
    shown = await browser.get("/entry", params={LINK_FIELD: link})
    token = (await browser.show_link((await hub_of(portal)).link())).field("form_token")
    after_enrolment = await portal.rows()
    posted = await browser.post("/entry", {LINK_FIELD: link, "form_token": token})
    assert shown.status == posted.status
    assert await portal.rows() == after_enrolment
    assert {**before, "hubs": 0, "hub_keys": 0} == {**after_enrolment, "hubs": 0, "hub_keys": 0}
    assert "Es wurde nichts gebucht und nichts geändert" in posted.words
    headline = shown.words.split("Es wurde")[0]
    assert posted.words.startswith(headline)
    return shown


async def hub_of(portal: Portal) -> Hub:
    """A hub that is fine, only to get a form from."""
    return await enrolled_hub(portal, serial="HELPER0001")


def forged(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"s" * 64) -> str:
    parts = (json.dumps(header).encode(), json.dumps(payload).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def header(hub: Hub, **changes: Any) -> dict[str, Any]:
    return {"alg": "Ed25519", "typ": "booking-link+jwt", "kid": hub.key.key_id} | changes


def signed(hub: Hub, **changes: Any) -> str:
    """A link with claims that no hub of ours would make, properly signed."""
    payload = hub.claims(BookingLink, product="complete").to_payload() | changes
    return sign_payload(hub, {name: each for name, each in payload.items() if each is not ...})


def sign_payload(hub: Hub, payload: Any, **changes: Any) -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header(hub, **changes), payload)
    )
    private: Any = hub.key.jwk.private_key
    signature = base64.urlsafe_b64encode(private.sign(head + b"." + body)).rstrip(b"=")
    return b".".join((head, body, signature)).decode()


MALFORMED: list[Callable[[Hub], str]] = [
    lambda _: "",
    lambda _: "abc",
    lambda _: "a.b.c",
    lambda _: "A" * 1_500,
    lambda _: "'; DROP TABLE accounts; --",
    lambda _: "<script>alert(1)</script>",
    lambda _: "\u202e\u0000ü",
    lambda hub: hub.link()[:-1],
    lambda hub: hub.link() + "\n",
    lambda hub: forged(header(hub, crit=["b64"], b64=False), {}),
    lambda hub: forged(header(hub, jwk={"kty": "oct", "k": "AAAA"}), {}),
    lambda hub: forged(header(hub, kid="../../etc/passwd"), {}),
    lambda hub: forged(header(hub, kid=7), {}),
    lambda hub: sign_payload(hub, ["a", "list"]),
]


async def test_what_is_no_link_at_all(
    portal: Portal, browser: Browser, subtests: pytest.Subtests
) -> None:
    hub = await enrolled_hub(portal)
    for number, make in enumerate(MALFORMED):
        with subtests.test(number=number):
            page = await browser.get("/entry", params={LINK_FIELD: make(hub)})
            assert page.status == 400
            assert "Der Buchungslink ist beschädigt" in page.words
            assert WAY in page.words


@pytest.mark.parametrize("algorithm", ["none", "HS256", "EdDSA", "Ed448", "ES256", "ed25519", None])
async def test_another_algorithm(portal: Portal, browser: Browser, algorithm: str | None) -> None:
    hub = await enrolled_hub(portal)
    payload = hub.claims(BookingLink, product="complete").to_payload()
    for link in (
        forged(header(hub, alg=algorithm), payload),
        sign_payload(hub, payload, alg=algorithm),
    ):
        page = await refuse(portal, browser, link)
        assert page.status == 400
        assert "Der Buchungslink ist nicht echt" in page.words
        assert WAY in page.words


async def test_a_token_of_another_type(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    page = await refuse(portal, browser, hub.sign(hub.claims(HubToken)))
    assert page.status == 400
    assert "Das ist kein Buchungslink" in page.words


async def test_a_changed_link(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    head, _, signature = hub.link().split(".")
    claims = hub.claims(BookingLink, product="fullservice").to_payload() | {"sub": "4712"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    page = await refuse(portal, browser, f"{head}.{body}.{signature}")
    assert page.status == 403
    assert "Der Buchungslink ist nicht echt" in page.words
    assert "Unterschrift" in page.words


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"sub": ...},
    {"sub": 4711},
    {"sub": "04711"},
    {"sub": "4711 OR 1=1"},
    {"iss": ...},
    {"iss": "a b"},
    {"iss": None},
    {"aud": ...},
    {"aud": ["http://localhost:8000"]},
    {"product": ...},
    {"product": 1},
    {"product": "<b>complete</b>"},
    {"months": "12"},
    {"months": True},
    {"months": 12.0},
    {"months": 0},
    {"months": None},
    {"kind": "gift"},
    {"kind": ["single"]},
    {"iat": ...},
    {"iat": "now"},
    {"exp": ...},
    {"exp": 10**12},
    {"jti": ...},
    {"jti": "short"},
]


async def test_a_claim_that_is_missing_or_wrong(
    portal: Portal, browser: Browser, subtests: pytest.Subtests
) -> None:
    hub = await enrolled_hub(portal)
    for changes in WRONG_CLAIMS:
        with subtests.test(changes=str(changes)):
            page = await browser.show_link(signed(hub, **changes))
            assert page.status == 400
            assert "unvollständig oder nicht lesbar" in page.words
            claim = next(iter(changes))
            assert f"({claim})" in page.words or "(exp)" in page.words
    assert await portal.count("consumed_links") == 0


async def test_a_link_that_would_live_for_a_year(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    year = int((portal.clock.now + timedelta(days=365)).timestamp())
    assert (await browser.show_link(signed(hub, exp=year))).status == 400


async def test_a_link_for_another_portal(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    page = await refuse(portal, browser, hub.link(audience="https://www.other.example"))
    assert page.status == 403
    assert "gilt für eine andere Webseite" in page.words
    assert "portal = …" in page.words
    assert WEBSITE in page.words
    assert 'href="/products"' in page.text


async def test_an_expired_link_says_when_it_was_made(portal: Portal, browser: Browser) -> None:
    hub = await enrolled_hub(portal)
    link = hub.sign(expired(hub.claims(BookingLink, product="complete")))
    page = await refuse(portal, browser, link)
    assert page.status == 410
    assert "Der Buchungslink ist abgelaufen" in page.words
    assert "23.11.2026, 17:50:00 Uhr" in page.words.replace("\xa0", " ")
    assert WAY in page.words


async def test_a_link_expires_after_two_minutes_and_not_before(
    portal: Portal, browser: Browser
) -> None:
    link = (await enrolled_hub(portal)).link()
    portal.clock.move(seconds=119)
    assert (await browser.show_link(link)).status == 200
    portal.clock.move(seconds=1)
    assert (await browser.show_link(link)).status == 410


async def test_a_link_from_the_future_is_about_the_hubs_clock(
    portal: Portal, browser: Browser
) -> None:
    link = (await enrolled_hub(portal)).link()
    portal.clock.move(hours=-3)
    page = await browser.show_link(link)
    assert page.status == 400
    assert "Die Uhr Ihrer Zentrale geht falsch" in page.words
    assert "Zeit-/Positionseinstellungen" in page.words
