"""Is a webhook PayPal's? Checked by its signature, and by asking where that cannot be checked.

PayPal signs `transmission id|time|webhook id|CRC-32 of the body` with RSA and SHA-256. The
certificate's address stands in a header, so the sender chooses it: it is taken from PayPal's own
host only, and believed only if a well-known authority issued it to PayPal's signing service.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from cloudmatic_link.strict_json import read_object
from cloudmatic_portal.clients.paypal import answers
from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.clients.paypal.site import PayPalSite
from cloudmatic_portal.domain.errors import (
    PayPalAnswerStrange,
    PayPalError,
    PayPalRefused,
    WebhookRefused,
    WebhookUncheckable,
)
from cloudmatic_portal.domain.paypal import Event

MAX_BYTES: Final = 256 * 1024
_NO_CERTIFICATE: Final = (
    ValueError,
    VerificationError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for a certificate that is none, or not one that we believe."""

_ALGORITHM: Final = "SHA256withRSA"
_CERTIFICATE_PATH: Final = re.compile(r"/v1/notifications/certs/[A-Za-z0-9-]{4,100}")
_PRINTABLE: Final = re.compile(r"[!-~]{1,500}")
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9+/]{100,2048}={0,2}")
_KEPT: Final = 8
"""Certificates that are remembered; PayPal changes them every few months."""


@dataclass(frozen=True, slots=True)
class Transmission:
    """The headers of a webhook, in their order of the signature."""

    transmission_id: str
    time: str
    signature: bytes
    certificate_url: str

    def message(self, webhook_id: str, body: bytes) -> bytes:
        """What PayPal signed."""
        text = f"{self.transmission_id}|{self.time}|{webhook_id}|{zlib.crc32(body)}"
        return text.encode("ascii")

    def told(self) -> dict[str, str]:
        """The same for the postback."""
        return {
            "transmission_id": self.transmission_id,
            "transmission_time": self.time,
            "transmission_sig": base64.b64encode(self.signature).decode("ascii"),
            "cert_url": self.certificate_url,
            "auth_algo": _ALGORITHM,
        }


def read_transmission(headers: Mapping[str, str], site: PayPalSite) -> Transmission:
    """Raises WebhookRefused for what PayPal would not send."""
    found = [
        headers.get(f"Paypal-{name}", "")
        for name in ("Transmission-Id", "Transmission-Time", "Transmission-Sig", "Cert-Url")
    ]
    if headers.get("Paypal-Auth-Algo") != _ALGORITHM:
        raise WebhookRefused("algorithm")
    transmission_id, time, signature, url = found
    # A bar would let one field reach into the next one.
    if any(not _PRINTABLE.fullmatch(each) or "|" in each for each in (transmission_id, time)):
        raise WebhookRefused("headers")
    path = url.removeprefix(site.certificates)
    if path == url or not _CERTIFICATE_PATH.fullmatch(path):
        raise WebhookRefused("certificate-host")
    if not _SIGNATURE.fullmatch(signature):
        raise WebhookRefused("headers")
    try:
        return Transmission(transmission_id, time, base64.b64decode(signature), url)
    except binascii.Error as error:
        raise WebhookRefused("headers") from error


class Webhooks:
    """Reads webhooks of one PayPal account; remembers the certificates they are signed with."""

    def __init__(self, paypal: PayPal) -> None:
        self._paypal = paypal
        self._site = paypal.site
        self._authorities: Store | None = None
        self._known: dict[str, bytes] = {}

    async def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Event:
        """The event of a webhook that is PayPal's.

        Raises WebhookRefused, also for what is no event; WebhookUncheckable if it may be genuine,
        and the same again may be asked for.
        """
        transmission = read_transmission(headers, self._site)
        if not await self._genuine(transmission, body, now):
            raise WebhookRefused("signature")
        try:
            return answers.event(read_object(body))
        except (ValueError, PayPalAnswerStrange) as error:
            raise WebhookRefused("event") from error

    async def _genuine(self, transmission: Transmission, body: bytes, now: datetime) -> bool:
        try:
            chain = await self._certificates(transmission.certificate_url)
            key = self._trusted(chain, now)
        except PayPalRefused as error:
            raise WebhookRefused("certificate") from error
        except (PayPalError, *_NO_CERTIFICATE):
            return await self._vouched(transmission, body)
        try:
            key.verify(
                transmission.signature,
                transmission.message(self._site.webhook_id, body),
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except InvalidSignature:
            return False
        self._remember(transmission.certificate_url, chain)
        return True

    async def _vouched(self, transmission: Transmission, body: bytes) -> bool:
        """Where the certificate is not to be had or not to be believed, PayPal itself is asked."""
        try:
            return await self._paypal.vouches_for(transmission.told(), body)
        except PayPalRefused as error:
            raise WebhookRefused("postback") from error
        except PayPalError as error:
            raise WebhookUncheckable("postback") from error

    async def _certificates(self, url: str) -> bytes:
        return self._known.get(url) or await self._paypal.transport.fetch(url)

    def _remember(self, url: str, chain: bytes) -> None:
        if url not in self._known and len(self._known) >= _KEPT:
            self._known.pop(next(iter(self._known)))
        self._known[url] = chain

    def _trusted(self, pem: bytes, now: datetime) -> rsa.RSAPublicKey:
        """The key of the first certificate, if the chain leads to an authority that we know.

        Raises one of _NO_CERTIFICATE.
        """
        leaf, *between = x509.load_pem_x509_certificates(pem)
        builder = PolicyBuilder().store(self._store()).time(now)
        for place, name in enumerate(self._site.signers, start=1):
            try:
                builder.build_server_verifier(x509.DNSName(name)).verify(leaf, between)
                break
            except VerificationError:
                if place == len(self._site.signers):
                    raise
        key = leaf.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("not an RSA key")  # noqa: TRY004  the content is wrong, not our type
        return key

    def _store(self) -> Store:
        if self._authorities is None:
            path = self._site.authorities or certifi.where()
            with open(path, "rb") as file:  # noqa: PTH123 - certifi gives a str
                self._authorities = Store(x509.load_pem_x509_certificates(file.read()))
        return self._authorities
