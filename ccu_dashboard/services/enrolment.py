"""Make the hub known to the portal: its public key, proven by CloudMatic-ID and user key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.account import Linked
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.storage.status_cache import Enrolment
from cloudmatic_link import signing
from cloudmatic_link.claims import Claims, HubEnrolment, HubToken, token_id, whole_second
from cloudmatic_link.keys import HubKey


@dataclass(frozen=True, slots=True)
class Hub:
    """This hub's serial and the account that is linked to it."""

    serial: str
    account: Linked


class HubIdentity:
    """This hub as the portal knows it: signs what the hub says of itself with its key."""

    def __init__(
        self,
        *,
        hub: Hub,
        key: HubKey,
        portal: str,
        clock: HubClock,
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._hub = hub
        self._key = key
        self._portal = portal
        self._clock = clock
        self._random_bytes = random_bytes

    @property
    def enrolment(self) -> Enrolment:
        """The enrolment that this identity needs."""
        return Enrolment(self._portal, self._hub.account.account_id, self._key.key_id)

    @property
    def paired(self) -> bool:
        """Whether the account was confirmed at the portal, instead of linked by the firmware."""
        return self._hub.account.paired

    def token(self) -> str:
        """Return a fresh bearer token for one request."""
        return self._sign(HubToken)

    def enrol(self, client: PortalClient) -> None:
        """Hand the public key in, with the proof that we hold the private one.

        Raises PortalError.
        """
        client.enrol(
            self._key.public.to_jwk(), self._sign(HubEnrolment), self._hub.account.user_key
        )

    def _sign(self, kind: type[Claims]) -> str:
        now = whole_second(self._clock.now())
        claims = kind(
            issuer=self._hub.serial,
            subject=self._hub.account.account_id,
            audience=self._portal,
            issued_at=now,
            expires_at=now + kind.LIFETIME,
            token_id=token_id(self._random_bytes(16)),
        )
        return signing.sign(claims, self._key)
