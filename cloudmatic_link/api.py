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

HUB_PATH: Final = f"{API_PREFIX}/hub"
"""DELETE with `Authorization: Bearer <HubToken>`: the hub leaves its account; 204.

All keys of the hub are withdrawn then."""

DEVICE_PATH: Final = f"{API_PREFIX}/device"
"""POST, a form: begin to pair a hub (RFC 8628, section 3.1). See `pairing.py`."""

DEVICE_TOKEN_PATH: Final = f"{API_PREFIX}/device/token"
"""POST, a form: has the customer confirmed? (RFC 8628, section 3.4)"""

PAIR_PATH: Final = "/pair"
"""Where the customer enters the code that the hub shows."""

CODE_FIELD: Final = "code"

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
