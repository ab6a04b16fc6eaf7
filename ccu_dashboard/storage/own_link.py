"""The account that this hub was paired with (`link.json`, 0600). The firmware's files are not ours.

There is no secret in it: what speaks for the account is the hub's key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ccu_dashboard.storage import atomic
from cloudmatic_link.formats import ACCOUNT_ID, KEY_ID
from cloudmatic_link.status import NAME


@dataclass(frozen=True, slots=True)
class OwnLink:
    """The portal at `portal` was told by `account_id` that the key `key_id` may speak for it."""

    portal: str
    account_id: str
    user_name: str
    key_id: str


def load(path: Path) -> OwnLink | None:
    """Return the link; None if there is none, or none that can be read: pairing makes a new one."""
    try:
        document = json.loads(path.read_text("utf-8"))
        link = OwnLink(*(document[name] for name in ("portal", "account", "user_name", "key")))
        good = (
            isinstance(link.portal, str)
            and ACCOUNT_ID.fullmatch(link.account_id)
            and NAME.fullmatch(link.user_name)
            and KEY_ID.fullmatch(link.key_id)
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return link if good else None


def save(path: Path, link: OwnLink) -> None:
    """Raises OSError."""
    document = {
        "portal": link.portal,
        "account": link.account_id,
        "user_name": link.user_name,
        "key": link.key_id,
    }
    atomic.replace(path, json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8"))
