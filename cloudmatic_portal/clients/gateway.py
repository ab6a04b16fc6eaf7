"""Tell gateways that access has changed, over HTTPS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from cloudmatic_portal.domain.errors import GatewayUnreached

_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def parse_webhook(address: str) -> str:
    """An https address (http on this machine only), without a password. Raises ValueError."""
    parts = urlsplit(address)
    known = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
    if not known or not parts.hostname or parts.username is not None or len(address) > 500:
        raise ValueError("expected https://host/path")
    return address


class GatewayClient:
    """Posts to the addresses that the operator named; follows no redirect."""

    async def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Raises GatewayUnreached unless the answer is 2xx."""
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE) as session,
                session.post(
                    address,
                    data=body,
                    headers={"Content-Type": "application/json", **headers},
                    allow_redirects=False,
                ) as answer,
            ):
                if not 200 <= answer.status < 300:
                    raise GatewayUnreached(f"it answered {answer.status}")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise GatewayUnreached(type(error).__name__) from error
