"""Whose webhook it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.clients.paypal.site import LIVE, SANDBOX, PayPalSite, parse_base
from cloudmatic_portal.clients.paypal.webhooks import Transmission, Webhooks, read_transmission
from cloudmatic_portal.domain.errors import WebhookRefused, WebhookUncheckable
from cloudmatic_portal.domain.money import Money
from tests.paypal_sandbox.server import Sandbox

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
CAPTURE = {
    "id": "3C000000000001",
    "status": "COMPLETED",
    "amount": {"currency_code": "EUR", "value": "24.00"},
    "supplementary_data": {"related_ids": {"order_id": "5O000000000001"}},
    "create_time": "2026-11-23T23:30:00Z",
}
URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"


def sent(sandbox: Sandbox) -> tuple[CIMultiDict[str], bytes]:
    """A genuine webhook, as it arrives."""
    body = sandbox.webhooks.make("PAYMENT.CAPTURE.COMPLETED", CAPTURE).body
    return CIMultiDict(sandbox.webhooks.headers(body, sandbox.base)), body


def live(**changes: Any) -> PayPalSite:
    facts: dict[str, Any] = {"base": LIVE, "client_id": "client", "secret": "secret"}
    return PayPalSite(**({**facts, "webhook_id": "W-1"} | changes))


def headers(**changes: str) -> CIMultiDict[str]:
    found = {
        "Paypal-Transmission-Id": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
        "Paypal-Transmission-Time": "2016-02-18T20:01:35Z",
        "Paypal-Transmission-Sig": "A" * 344,
        "Paypal-Cert-Url": URL,
        "Paypal-Auth-Algo": "SHA256withRSA",
    }
    return CIMultiDict(found | {f"Paypal-{name}": value for name, value in changes.items()})


def test_the_signed_text_is_as_paypal_writes_it() -> None:
    # The CRC-32 of "123456789" is the one that every description of CRC-32 gives: cbf43926.
    transmission = Transmission("69cd13f0", "2016-02-18T20:01:35Z", b"", "")
    signed = b"69cd13f0|2016-02-18T20:01:35Z|W-1|" + str(0xCBF43926).encode()
    assert transmission.message("W-1", b"123456789") == signed


async def test_a_genuine_webhook_is_read(paypal: PayPal, sandbox: Sandbox) -> None:
    event = await Webhooks(paypal).read(*sent(sandbox), NOW)
    assert (event.kind, event.subject, event.parent) == (
        "arrived",
        "3C000000000001",
        "5O000000000001",
    )
    assert event.amount == Money(2400)
    assert str(event.day) == "2026-11-24"  # in Berlin
    assert sandbox.calls == ["certificate"]


async def test_the_certificate_is_fetched_once(paypal: PayPal, sandbox: Sandbox) -> None:
    webhooks = Webhooks(paypal)
    for _ in range(3):
        await webhooks.read(*sent(sandbox), NOW)
    assert sandbox.calls == ["certificate"]


async def test_one_changed_byte_is_refused(paypal: PayPal, sandbox: Sandbox) -> None:
    told, body = sent(sandbox)
    with pytest.raises(WebhookRefused, match="signature"):
        await Webhooks(paypal).read(told, body.replace(b"24.00", b"99.00"), NOW)


@pytest.mark.parametrize("header", ["Paypal-Transmission-Id", "Paypal-Transmission-Time"])
async def test_another_transmission_is_refused(
    paypal: PayPal, sandbox: Sandbox, header: str
) -> None:
    told, body = sent(sandbox)
    told[header] = "2020-01-01T00:00:00Z"
    with pytest.raises(WebhookRefused, match="signature"):
        await Webhooks(paypal).read(told, body, NOW)


async def test_a_wrong_signature_is_refused(paypal: PayPal, sandbox: Sandbox) -> None:
    sandbox.faults.wrong_signature = True
    with pytest.raises(WebhookRefused, match="signature"):
        await Webhooks(paypal).read(*sent(sandbox), NOW)


async def test_a_certificate_from_elsewhere_is_not_even_fetched(
    paypal: PayPal, sandbox: Sandbox
) -> None:
    sandbox.faults.foreign_certificates = True
    with pytest.raises(WebhookRefused, match="certificate-host"):
        await Webhooks(paypal).read(*sent(sandbox), NOW)
    assert sandbox.calls == []


async def test_a_certificate_of_an_unknown_authority_is_left_to_paypal(
    paypal: PayPal, sandbox: Sandbox
) -> None:
    sandbox.faults.unknown_authority = True
    told, body = sent(sandbox)
    event = await Webhooks(paypal).read(told, body, NOW)
    assert event.subject == "3C000000000001"
    assert sandbox.calls == ["certificate", "verify"]
    with pytest.raises(WebhookRefused, match="signature"):
        await Webhooks(paypal).read(told, body.replace(b"24.00", b"99.00"), NOW)


@pytest.mark.parametrize("year", [2025, 2037])
async def test_an_expired_certificate_is_left_to_paypal(
    paypal: PayPal, sandbox: Sandbox, year: int
) -> None:
    await Webhooks(paypal).read(*sent(sandbox), NOW.replace(year=year))
    assert sandbox.calls == ["certificate", "verify"]


async def test_where_nobody_can_tell_paypal_may_send_it_again(
    paypal: PayPal, sandbox: Sandbox
) -> None:
    sandbox.faults.certificates_away = True
    sandbox.faults.next("verify", "error", "error", "error")
    told, body = sent(sandbox)
    with pytest.raises(WebhookUncheckable):
        await Webhooks(paypal).read(told, body, NOW)
    sandbox.faults.certificates_away = False
    await Webhooks(paypal).read(told, body, NOW)


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("https", "http"),
        URL.replace("api.paypal.com", "api.paypal.com.example.org"),
        URL.replace("api.paypal.com", "api.paypal.com@example.org"),
        URL.replace("api.paypal.com", "api.sandbox.paypal.com"),
        URL.replace("api.paypal.com", "api.paypal.com:8443"),
        URL.replace("api.paypal.com", "www.paypal.com"),
        URL + "?redirect=https://example.org",
        URL + "/../../../oauth2/token",
        URL.replace("/v1/notifications/certs/", "/v1/elsewhere/"),
        "",
    ],
)
def test_certificates_come_from_paypals_own_address_only(url: str) -> None:
    with pytest.raises(WebhookRefused, match="certificate-host"):
        read_transmission(headers(**{"Cert-Url": url}), live())


def test_the_sandbox_has_certificates_of_its_own() -> None:
    url = URL.replace("api.paypal.com", "api.sandbox.paypal.com")
    read_transmission(headers(**{"Cert-Url": url}), live(base=SANDBOX))
    read_transmission(headers(), live())
    with pytest.raises(WebhookRefused):
        read_transmission(headers(), live(base=SANDBOX))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Auth-Algo", "SHA1withRSA"),
        ("Auth-Algo", "none"),
        ("Transmission-Id", "a|b"),
        ("Transmission-Time", ""),
        ("Transmission-Sig", "short"),
        ("Transmission-Sig", "A" * 341),
        ("Transmission-Sig", "<" * 344),
    ],
)
def test_headers_that_paypal_would_not_send(header: str, value: str) -> None:
    with pytest.raises(WebhookRefused):
        read_transmission(headers(**{header: value}), live())


@given(st.dictionaries(st.sampled_from(list(headers())), st.text(max_size=400)))
def test_no_headers_break_the_reader(found: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused):
        read_transmission(CIMultiDict({**headers(), "Paypal-Cert-Url": "", **found}), live())


@pytest.mark.parametrize(
    "base",
    [
        "http://api-m.paypal.com",
        "https://api-m.paypal.com/",
        "https://paypal.example.org",
        "https://localhost:8443",
        "http://192.168.0.7:8080",
    ],
)
def test_money_is_entrusted_to_paypal_or_to_this_machine(base: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_base(base)


def test_authorities_of_ones_own_are_for_this_machine_only(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="this machine"):
        live(authorities=sandbox.authorities(tmp_path))
