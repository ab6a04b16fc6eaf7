"""Pair this hub with an account: ask for a code, show it, ask whether it was confirmed (RFC 8628).

What the service itself does here loads no cryptography; the asking is the child's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from ccu_dashboard.clients.portal import PortalClient
from ccu_dashboard.domain.account import Account, Linked
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.domain.errors import PortalRefused
from ccu_dashboard.domain.pairing import Ended, Ending, Open, Wanted
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.portal_time import with_the_portals_clock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import hub_key, own_link, pairing_file, status_cache
from ccu_dashboard.storage.own_link import OwnLink
from ccu_dashboard.storage.status_cache import Enrolment, PortalMemory
from cloudmatic_link import pairing as agreed
from cloudmatic_link import signing
from cloudmatic_link.claims import HubPairing, token_id, whole_second
from cloudmatic_link.keys import HubKey, KeyUnusable
from cloudmatic_link.pairing import Confirmation

_LATE_NEWS: Final = timedelta(days=1)
"""So long after its end the portal still knows whether a code was confirmed."""

_ENDINGS: Final = {agreed.EXPIRED: Ending.EXPIRED, agreed.DENIED: Ending.DENIED}


T = TypeVar("T")


class Pairer:
    """This hub on its way to an account."""

    def __init__(
        self,
        settings: Settings,
        clock: HubClock,
        client: PortalClient,
        random_bytes: Callable[[int], bytes],
        serial: str,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._client = client
        self._random_bytes = random_bytes
        self._serial = serial

    def advance(self, under_way: Wanted | Open, account: Account) -> Contact | None:
        """Go one step: None when the hub has its account. Raises PortalError, OSError."""
        if isinstance(under_way, Wanted):
            return self._begin(self._new_key(under_way), account)
        key = self._key()
        if key is None or key.key_id != under_way.key_id:
            return self._end(Ending.FAILED, "another-key")
        if self._clock.now() > under_way.expires_at + _LATE_NEWS:
            return self._end(Ending.EXPIRED)
        try:
            confirmed = self._dated(
                lambda: self._client.ask_pairing(self._question(under_way, key))
            )
        except PortalRefused as error:
            return self._not_yet(under_way, error)
        return self._keep(confirmed, account, key)

    def _key(self) -> HubKey | None:
        try:
            return hub_key.load(self._settings.hub_key)
        except KeyUnusable:
            return None

    def _new_key(self, wanted: Wanted) -> HubKey:
        """A key stands for one hub and one account, so a new account gets a new one."""
        key = self._key()
        if key is None or key.key_id != wanted.key_id:
            key = hub_key.replace(self._settings.hub_key)
            pairing_file.save(self._settings.pairing, Wanted(key.key_id))
        return key

    def _begin(self, key: HubKey, account: Account) -> Contact:
        try:
            invitation, portal_time = self._dated(
                lambda: self._client.begin_pairing(self._wish(account, key))
            )
        except PortalRefused as error:
            if error.retry_after is not None:
                raise
            return self._end(Ending.FAILED, error.reason)
        self._clock.set_by_portal(portal_time)
        expires_at = portal_time + timedelta(seconds=invitation.expires_in)
        under_way = Open(invitation, expires_at, key.key_id)
        pairing_file.save(self._settings.pairing, under_way)
        return self._waiting(portal_time, invitation.interval)

    def _not_yet(self, under_way: Open, error: PortalRefused) -> Contact:
        interval = under_way.invitation.interval
        if error.reason == agreed.PENDING:
            return self._waiting(error.portal_time, interval)
        if error.reason == agreed.SLOW_DOWN:
            return self._waiting(error.portal_time, interval + 5)
        if error.reason in _ENDINGS:
            return self._end(_ENDINGS[error.reason])
        raise error

    def _keep(self, confirmed: Confirmation, account: Account, key: HubKey) -> Contact | None:
        settings = self._settings
        if not isinstance(account, Linked) or account.paired:
            link = OwnLink(settings.portal, confirmed.account_id, confirmed.user_name, key.key_id)
            own_link.save(settings.link, link)
        elif account.account_id != confirmed.account_id:
            return self._end(Ending.OTHER_ACCOUNT)
        enrolment = Enrolment(settings.portal, confirmed.account_id, key.key_id)
        status_cache.save(settings.status, PortalMemory(enrolment))
        pairing_file.remove(settings.pairing)
        return None

    def _end(self, ending: Ending, reason: str = "") -> Contact:
        pairing_file.save(self._settings.pairing, Ended(ending, reason))
        return Contact(Outcome.NOT_LINKED, reason)

    def _waiting(self, portal_time: datetime | None, interval: int) -> Contact:
        return Contact(Outcome.PAIRING, "", portal_time, self._clock.elapsed, float(interval))

    def _wish(self, account: Account, key: HubKey) -> dict[str, str]:
        form = self._assertion(key) | {"public_key": json.dumps(key.public.to_jwk())}
        if isinstance(account, Linked) and not account.paired:
            form["account"] = account.account_id
        return form

    def _question(self, under_way: Open, key: HubKey) -> dict[str, str]:
        return self._assertion(key) | {
            "grant_type": agreed.GRANT_TYPE,
            "device_code": under_way.invitation.device_code,
        }

    def _assertion(self, key: HubKey) -> dict[str, str]:
        now = whole_second(self._clock.now())
        claims = HubPairing(
            issuer=self._serial,
            audience=self._settings.portal,
            issued_at=now,
            expires_at=now + HubPairing.LIFETIME,
            token_id=token_id(self._random_bytes(16)),
        )
        return {
            "client_id": self._serial,
            "client_assertion_type": agreed.ASSERTION_TYPE,
            "client_assertion": signing.sign(claims, key),
        }

    def _dated(self, request: Callable[[], T]) -> T:
        return with_the_portals_clock(self._clock, request)
