"""Calls of PayPal's API: token, time-outs, repetitions, errors.

A call that changes something carries a `PayPal-Request-Id`; PayPal does what it asks for once,
however often it is repeated. So a time-out may be answered by the same call again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

import aiohttp

from cloudmatic_link.strict_json import read_object
from cloudmatic_portal.clients.paypal.site import PayPalSite
from cloudmatic_portal.domain.errors import (
    PayPalAnswerStrange,
    PayPalError,
    PayPalGone,
    PayPalRefused,
    PayPalUnreachable,
)

MAX_BYTES: Final = 1024 * 1024
MAX_CERTIFICATE: Final = 64 * 1024
PATIENCE: Final = 8.0
"""Seconds that one attempt may take in all."""

PAUSES: Final = (0.5, 1.5)
"""Seconds between attempts: a browser waits for the answer."""

_LONGEST_PAUSE: Final = 5.0
_EARLY: Final = 60.0
"""Seconds before its end at which a token is not used any more."""

_logger = logging.getLogger(__name__)
T = TypeVar("T")


class _Again(Exception):
    """Nothing is known of this attempt, or PayPal asked for patience: `after` seconds."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Transport:
    """One PayPal account. Close it; it keeps connections."""

    def __init__(
        self,
        site: PayPalSite,
        *,
        patience: float = PATIENCE,
        pauses: Sequence[float] = PAUSES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.site = site
        self._pauses = tuple(pauses)
        self._patience = patience
        self._monotonic = monotonic
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._token_ends = 0.0
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def log_in(self) -> None:
        """Get a token, or keep the one that holds. Raises PayPalError."""
        await self._persist(self._bearer)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        request_id: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The JSON object of the answer; {} if it has no content.

        Raises PayPalUnreachable, PayPalRefused, PayPalGone or PayPalAnswerStrange.
        """
        headers = {"Prefer": "return=representation", "Content-Type": "application/json"}
        if request_id is not None:
            headers["PayPal-Request-Id"] = request_id
        sent = {"json": json} if body is None else {"data": body}

        async def attempt() -> dict[str, Any]:
            token = await self._bearer()
            own = {**headers, "Authorization": f"Bearer {token}"}
            status, content, told = await self._send(
                method, self.site.base + path, headers=own, params=query, **sent
            )
            if status == 401 and token == self._token:
                # Withdrawn before its time: the next attempt asks for another one.
                self._token_ends = 0.0
                raise _Again("401", 0.0)
            return _read(status, content, told)

        return await self._persist(attempt)

    async def fetch(self, url: str) -> bytes:
        """A certificate: public, without our token. Raises PayPalUnreachable or PayPalRefused."""

        async def attempt() -> bytes:
            status, content, told = await self._send("GET", url, most=MAX_CERTIFICATE)
            if status != 200:
                _read(status, content, told)
                raise PayPalAnswerStrange("status")
            return content

        return await self._persist(attempt)

    async def _persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Attempt a few times as long as nothing is known. Raises what the last attempt raised."""
        for pause in (*self._pauses, None):
            try:
                return await attempt()
            except _Again as again:
                wait = pause if again.after is None else again.after
                if pause is None or wait is None or wait > _LONGEST_PAUSE:
                    raise PayPalUnreachable(str(again)) from None
                _logger.warning("PayPal: %s; again in %.1f s", again, wait)
                await asyncio.sleep(wait)
        raise PayPalUnreachable("no attempt")

    async def _bearer(self) -> str:
        """An access token, asked for once and kept until shortly before its end."""
        async with self._asking:
            if self._monotonic() >= self._token_ends:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        auth = aiohttp.encode_basic_auth(self.site.client_id, self.site.secret)
        status, content, told = await self._send(
            "POST",
            f"{self.site.base}/v1/oauth2/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": auth},
        )
        answer = _read(status, content, told)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise PayPalAnswerStrange("access_token")
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
            raise PayPalAnswerStrange("expires_in")
        self._token = token
        self._token_ends = self._monotonic() + max(0.0, seconds - _EARLY)

    async def _send(
        self, method: str, url: str, *, most: int = MAX_BYTES, **options: Any
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """One request. Raises _Again where nobody can say what has become of it."""
        try:
            async with self._open().request(
                method, url, allow_redirects=False, **options
            ) as response:
                content = await response.content.read(most + 1)
                while len(content) <= most and not response.content.at_eof():
                    content += await response.content.read(most + 1 - len(content))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # Its own words may repeat the request; the kind is enough.
            raise _Again(type(error).__name__) from None
        if len(content) > most:
            raise PayPalAnswerStrange("length")
        if response.status == 429 or response.status >= 500:
            raise _Again(str(response.status), _retry_after(response.headers))
        return response.status, content, response.headers

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._patience),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _read(status: int, content: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = read_object(content) if content else {}
    except ValueError as error:
        if status < 400:
            raise PayPalAnswerStrange("body") from error
        answer = {}
    if status < 300:
        return answer
    raise _refusal(status, answer, headers)


def _refusal(status: int, answer: Mapping[str, Any], headers: Mapping[str, str]) -> PayPalError:
    """PayPal's errors: `name`, and `details[].issue` where the name says too little."""
    details = answer.get("details")
    first = details[0] if isinstance(details, list) and details else {}
    issue = first.get("issue") if isinstance(first, dict) else None
    name = issue or answer.get("name") or answer.get("error") or "UNKNOWN"
    debug_id = answer.get("debug_id") or headers.get("Paypal-Debug-Id", "")
    kind = PayPalGone if status == 404 else PayPalRefused
    return kind(status, _plain(name), _plain(debug_id))


def _plain(text: object) -> str:
    """What may stand in a log: short, in one line."""
    return "".join(sign for sign in str(text)[:64] if sign.isascii() and sign.isprintable())


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
