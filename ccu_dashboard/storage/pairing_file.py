"""A pairing that is under way (`pairing.json`, 0600): it outlives a restart of the service."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ccu_dashboard.domain.pairing import Ended, Ending, Open, Pairing, Wanted
from ccu_dashboard.storage import atomic, files
from cloudmatic_link.pairing import Invitation


def load(path: Path, portal: str) -> Pairing | None:
    """Return it; None if there is none, or none with the portal at `portal` that can be read."""
    try:
        content = files.find(path)
        return None if content is None else _decode(json.loads(content.decode("utf-8")), portal)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def save(path: Path, pairing: Pairing) -> None:
    """Raises OSError."""
    atomic.replace(path, json.dumps(_encode(pairing), indent=1).encode("utf-8"))


def remove(path: Path) -> None:
    """Raises OSError."""
    atomic.remove(path)


def _encode(pairing: Pairing) -> dict[str, Any]:
    match pairing:
        case Open(invitation, expires_at, key_id):
            open_ = {"expires_at": expires_at.isoformat(), "key": key_id}
            return {"state": "open", **open_, "invitation": invitation.to_json()}
        case Ended(ending, reason):
            return {"state": "ended", "ending": ending.value, "reason": reason}
        case Wanted(key_id):
            return {"state": "wanted", "key": key_id}


def _decode(document: dict[str, Any], portal: str) -> Pairing:
    match document["state"]:
        case "open":
            expires_at = datetime.fromisoformat(document["expires_at"])
            if expires_at.tzinfo is None:
                raise ValueError
            invitation = Invitation.from_json(document["invitation"], portal=portal)
            return Open(invitation, expires_at, str(document["key"]))
        case "ended":
            return Ended(Ending(document["ending"]), str(document["reason"]))
        case "wanted":
            key = document.get("key")
            if key is not None and not isinstance(key, str):
                raise TypeError
            return Wanted(key)
        case _:
            raise ValueError
