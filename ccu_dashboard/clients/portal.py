"""The portal's API, as the hub uses it: one blocking client for command line and service.

Every failure leaves here as a PortalError; no exception of the HTTP library, and with it no
address, header or body that might hold a secret, gets further than this file.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError, SSLError

from ccu_dashboard.domain.errors import PortalCause, PortalRefused, PortalUnreachable
from cloudmatic_link import __version__, api
from cloudmatic_link.pairing import Confirmation, Invitation, PairingUnreadable
from cloudmatic_link.status import HubStatus, StatusUnreadable

ANSWER_SECONDS: Final = 15.0
"""How long the portal may be silent."""

_TIMEOUT: Final = (5.0, ANSWER_SECONDS)
_TOTAL_SECONDS: Final = 30.0
_MAX_ANSWER: Final = 256 * 1024
_LONGEST_WAIT: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A portal's answer: HTTP `status`, its JSON object, its clock (UTC) and its ETag."""

    status: int
    document: Mapping[str, Any]
    portal_time: datetime
    etag: str | None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The hub status, None where it is unchanged."""

    status: HubStatus | None
    etag: str | None
    portal_time: datetime


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """The signed release feed, None where it is unchanged."""

    feed: str | None
    etag: str | None
    portal_time: datetime


class _Session(requests.Session):
    """Follows no redirect: the API has none, a captive portal does.

    `allow_redirects=False` would not do: it still reads a redirect's whole body, without limit.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None


class PortalClient:
    """Talks to the portal of origin `portal` over verified TLS.

    `ca_bundle` replaces the built-in certificate authorities (tests, own authority).
    """

    def __init__(self, portal: str, ca_bundle: Path | None = None) -> None:
        self._portal = portal
        self._http = _Session()
        # No proxy and no .netrc from the environment: a hub's portal is what its settings say.
        self._http.trust_env = False
        self._http.verify = str(ca_bundle) if ca_bundle else True
        self._http.headers["User-Agent"] = f"cloudmatic-ccu/{__version__}"

    def time(self) -> datetime:
        """Return the portal's clock (UTC). Raises PortalError."""
        # Without a token the portal refuses, and its refusal is dated.
        answer = self._request("GET", api.STATUS_PATH)
        _accept(answer, {401})
        return answer.portal_time

    def enrol(self, public_key: Mapping[str, Any], proof: str, user_key: str) -> None:
        """Hand in the hub's public key. Raises PortalError; PortalRefused if it is not taken."""
        document = {"public_key": public_key, "proof": proof, "user_key": user_key}
        _accept(self._request("POST", api.HUBS_PATH, json=document), {200, 201})

    def status(self, token: str, etag: str | None) -> StatusAnswer:
        """Return the account's status if it is not the one of `etag`. Raises PortalError."""
        headers = {"Authorization": f"Bearer {token}"}
        if etag is not None:
            headers["If-None-Match"] = etag
        answer = self._request("GET", api.STATUS_PATH, headers=headers)
        _accept(answer, {200, 304})
        if answer.status == 304:
            return StatusAnswer(None, etag, answer.portal_time)
        try:
            status = HubStatus.from_json(answer.document)
        except StatusUnreadable as error:
            raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, error.member) from error
        return StatusAnswer(status, answer.etag, answer.portal_time)

    def begin_pairing(self, form: Mapping[str, str]) -> tuple[Invitation, datetime]:
        """Ask for a code (RFC 8628, section 3.1); returns it and the portal's clock (UTC).

        Raises PortalError.
        """
        answer = self._request("POST", api.DEVICE_PATH, data=form)
        _accept(answer, {200})
        try:
            invitation = Invitation.from_json(answer.document, portal=self._portal)
        except PairingUnreadable as error:
            raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, error.member) from error
        return invitation, answer.portal_time

    def ask_pairing(self, form: Mapping[str, str]) -> Confirmation:
        """Ask whether the customer has confirmed (RFC 8628, section 3.4).

        Raises PortalError; PortalRefused with the RFC's word as its reason if not.
        """
        answer = self._request("POST", api.DEVICE_TOKEN_PATH, data=form)
        _accept(answer, {200}, "error" if "error" in answer.document else "reason")
        try:
            return Confirmation.from_json(answer.document)
        except PairingUnreadable as error:
            raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, error.member) from error

    def leave(self, token: str) -> None:
        """Tell the portal that this hub is to be known no more. Raises PortalError."""
        headers = {"Authorization": f"Bearer {token}"}
        _accept(self._request("DELETE", api.HUB_PATH, headers=headers), {204})

    def release_feed(self, etag: str | None) -> FeedAnswer:
        """Return the release feed if it is not the one of `etag`. Raises PortalError.

        Whoever answers may have made it up: it is as good as its signature.
        """
        headers = {} if etag is None else {"If-None-Match": etag}
        answer = self._request("GET", api.RELEASE_PATH, headers=headers)
        _accept(answer, {200} if etag is None else {200, 304})
        if answer.status == 304:
            return FeedAnswer(None, etag, answer.portal_time)
        feed = answer.document.get(api.FEED_MEMBER)
        if not isinstance(feed, str):
            raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, api.FEED_MEMBER)
        return FeedAnswer(feed, answer.etag, answer.portal_time)

    def _request(self, method: str, path: str, **options: Any) -> Answer:
        address = self._portal + path
        try:
            with self._http.request(
                method, address, timeout=_TIMEOUT, stream=True, **options
            ) as response:
                return _read(response)
        except (requests.RequestException, HTTPError) as error:
            raise PortalUnreachable(_cause(error), type(error).__name__) from None


def _read(response: requests.Response) -> Answer:
    portal_time = _portal_time(response)
    if response.status_code in {204, 304}:
        return Answer(response.status_code, {}, portal_time, None)
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type not in {"application/json", "application/problem+json"}:
        raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, f"HTTP {response.status_code}")
    try:
        document = json.loads(_body(response))
    except (ValueError, RecursionError):
        raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, "JSON") from None
    if not isinstance(document, dict):
        raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, "JSON")
    return Answer(
        response.status_code,
        document,
        portal_time,
        response.headers.get("ETag"),
        _retry_after(response),
    )


def _retry_after(response: requests.Response) -> float | None:
    """Seconds, at most a day: whoever is told to wait for ever would never be right again."""
    value = response.headers.get("Retry-After", "")
    return min(float(value), _LONGEST_WAIT) if re.fullmatch(r"[0-9]{1,9}", value) else None


def _body(response: requests.Response) -> bytes:
    """Read the body within a total time: a portal that drips must not hold the hub."""
    deadline = time.monotonic() + _TOTAL_SECONDS
    content = b""
    # `iter_content` would wait for a full piece, however slowly it comes.
    while chunk := response.raw.read1(16 * 1024, decode_content=True):
        content += chunk
        if len(content) > _MAX_ANSWER:
            raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, "too long")
        if time.monotonic() > deadline:
            raise PortalUnreachable(PortalCause.TIMEOUT)
    return content


def _portal_time(response: requests.Response) -> datetime:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        raise PortalUnreachable(PortalCause.NOT_THE_PORTAL, "Date") from None


def _accept(answer: Answer, statuses: set[int], member: str = "reason") -> None:
    if answer.status not in statuses:
        reason = answer.document.get(member)
        known = reason if isinstance(reason, str) and len(reason) < 64 else "unknown"
        raise PortalRefused(answer.status, known, answer.portal_time, answer.retry_after)


def _cause(error: requests.RequestException | HTTPError) -> PortalCause:
    if isinstance(error, requests.exceptions.SSLError | SSLError):
        return PortalCause.TLS
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return PortalCause.TIMEOUT
    inner = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(inner, NameResolutionError):
        return PortalCause.NAME
    return PortalCause.CONNECTION
