"""Where "Zugang buchen" leads. The choice between signed and plain link is made here only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from ccu_dashboard.domain.account import Linked
from ccu_dashboard.domain.booking import PlainLink, SignedLink, Target, WhyPlain
from ccu_dashboard.domain.errors import BookingImpossible, UnknownProduct
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.overview import Overview
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import status_cache
from cloudmatic_link import api
from cloudmatic_link.claims import BookingKind, BookingLink, token_id, whole_second

TOKEN_ID_BYTES: Final = 16


class Booking:
    """Makes booking links for this hub; `random_bytes` is `os.urandom` or a test's."""

    def __init__(
        self, settings: Settings, clock: HubClock, random_bytes: Callable[[int], bytes]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._random_bytes = random_bytes

    def target(
        self,
        shown: Overview,
        product: str,
        months: int | None = None,
        kind: BookingKind | None = None,
    ) -> Target:
        """Return where to send the customer who wants to book `product` right now.

        Raises BookingImpossible without a linked account, UnknownProduct.
        """
        account = shown.account
        if not isinstance(account, Linked):
            raise BookingImpossible
        if product not in {each.code for each in shown.offered}:
            raise UnknownProduct
        if shown.serial is None:
            return self._plain(account, product, WhyPlain.NO_SERIAL)
        if not self._clock.is_set:
            return self._plain(account, product, WhyPlain.NO_CLOCK)
        now = whole_second(self._clock.now())
        claims = BookingLink(
            issuer=shown.serial,
            subject=account.account_id,
            audience=self._settings.portal,
            issued_at=now,
            expires_at=now + BookingLink.LIFETIME,
            token_id=token_id(self._random_bytes(TOKEN_ID_BYTES)),
            product=product,
            months=months,
            kind=kind,
        )
        return self._signed(account, claims)

    def _signed(self, account: Linked, claims: BookingLink) -> Target:
        # 11 MB of memory that an idle dashboard never needs.
        from ccu_dashboard.storage import hub_key  # noqa: PLC0415
        from cloudmatic_link import signing  # noqa: PLC0415
        from cloudmatic_link.keys import KeyUnusable  # noqa: PLC0415

        try:
            key = hub_key.load(self._settings.hub_key)
        except (KeyUnusable, OSError):
            return self._plain(account, claims.product, WhyPlain.KEY_UNUSABLE)
        here = status_cache.load(self._settings.status).enrolment
        if key is None or here != status_cache.Enrolment(
            self._settings.portal, account.account_id, key.key_id
        ):
            return self._plain(account, claims.product, WhyPlain.NOT_ENROLLED)
        return SignedLink(api.entry_address(self._settings.portal, signing.sign(claims, key)))

    def _plain(self, account: Linked, product: str, why: WhyPlain) -> PlainLink:
        query = urlencode({"product": product})
        address = f"{self._settings.portal}{api.PRODUCTS_PATH}?{query}"
        return PlainLink(address, account.user_name, why)
