"""Where hub and portal meet: paths, names of fields, version of the API."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

API_PREFIX: Final = "/api/v1"
HUBS_PATH: Final = f"{API_PREFIX}/hubs"
"""POST: enrol a hub. JSON in: `public_key` (JWK), `proof` (a `HubEnrolment` token), `user_key`.

201 or, for the same key again, 200: `{"key_id": …}`. Errors are RFC 9457 problems with `reason`.
"""

STATUS_PATH: Final = f"{API_PREFIX}/hub/status"
"""GET with `Authorization: Bearer <HubToken>`: a `HubStatus` with an ETag, or 304."""

RELEASE_PATH: Final = f"{API_PREFIX}/releases/latest"
"""GET, for anybody: `{"feed": <a signed Release>}` with an ETag, 304, or 404 `no-release`."""

FEED_MEMBER: Final = "feed"

ENTRY_PATH: Final = "/entry"
"""Where a browser takes a booking link; GET shows, POST consumes."""

PRODUCTS_PATH: Final = "/products"
"""The plain way in, where no link can be signed."""

LINK_FIELD: Final = "link"


def entry_address(portal: str, token: str) -> str:
    """The full address that takes the signed link `token` to the portal of that origin."""
    return f"{portal}{ENTRY_PATH}?{LINK_FIELD}={quote(token, safe='')}"
