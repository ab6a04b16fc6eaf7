"""The formats of the few values that cross between hub and portal.

Everything foreign is matched against one of these before it is used for anything else. Each
pattern matches the whole text (`fullmatch`), in ASCII only.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

ACCOUNT_ID: Final = re.compile(r"[1-9][0-9]{0,9}")
"""CloudMatic-ID: a number without leading zeros; part of a host name on the vendor's side."""

SERIAL: Final = re.compile(r"[A-Za-z0-9]{6,32}")
"""Serial number of a hub, as `/var/board_serial` or `SerialNumber=` give it."""

PRODUCT: Final = re.compile(r"[a-z][a-z0-9-]{1,31}")
TOKEN_ID: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
"""128 random bits in unpadded base64url; the last character carries two bits only."""

BYTES_32: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
"""32 bytes in unpadded base64url; the last character carries four bits only."""

KEY_ID: Final = BYTES_32
"""SHA-256 of the key in unpadded base64url (RFC 7638)."""

_NUMBER: Final = r"(0|[1-9][0-9]{0,5})"
VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
"""Version of a release; without leading zeros no two spellings of one version."""

SHA256: Final = re.compile(r"[0-9a-f]{64}")

_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*|\[[0-9a-f:]{{2,39}}\]")
DOWNLOAD: Final = re.compile(
    rf"(?=.{{1,200}}\Z)https://{_LABEL}(\.{_LABEL})*(:[0-9]{{1,5}})?/[A-Za-z0-9._~/%+-]+"
)
"""Address of an archive. It goes into a header and a page of the firmware (www/update.cgi)."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


def parse_origin(text: str) -> str:
    """Return `text` as a web origin (RFC 6454): `https://host[:port]`, lower case, no path.

    Plain `http` is an origin only on this machine itself; anywhere else the user key and the
    booking link would cross the network readable.

    Raises ValueError with the reason.
    """
    text = text.strip()
    # urlsplit drops tabs and line breaks from the middle without a word.
    if not text.isprintable():
        raise ValueError("expected an address without control characters")
    parts = urlsplit(text)
    host = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc
    host = host.lower()
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise ValueError("expected https://host or https://host:port")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("expected an address without a path")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ValueError("expected https; http is for this machine only")
    default_port = 443 if parts.scheme == "https" else 80
    port = "" if parts.port in {None, default_port} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
