"""What the portal last told this hub, kept over restarts in `status.json`.

It is written only when something changed: the file lies on an SD card.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ccu_dashboard.storage import atomic, files
from cloudmatic_link.status import HubStatus


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The portal at `portal` knows the key `key_id` as this hub's, for `account_id`."""

    portal: str
    account_id: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The portal at `portal` does not want this hub for `account_id` (any more): why."""

    portal: str
    account_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PortalMemory:
    """All that the hub remembers of the portal; `received_at` is UTC, by the portal's clock."""

    enrolment: Enrolment | None = None
    status: HubStatus | None = None
    etag: str | None = None
    received_at: datetime | None = None
    refusal: Refusal | None = None


NOTHING = PortalMemory()


def load(path: Path) -> PortalMemory:
    """Return what `path` holds; nothing if it is missing or unreadable: the portal knows it."""
    try:
        return _decode(files.read(path))
    except FileNotFoundError:
        # What was deleted is not kept in memory either.
        _decode.cache_clear()
        return NOTHING
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return NOTHING


def save(path: Path, memory: PortalMemory) -> None:
    """Keep `memory`, unless the file says the same already. Raises OSError."""
    if load(path) != memory:
        document = json.dumps(_encode(memory), indent=1, ensure_ascii=False)
        atomic.replace(path, document.encode("utf-8"))


def _encode(memory: PortalMemory) -> dict[str, Any]:
    enrolment, refusal = memory.enrolment, memory.refusal
    return {
        "enrolment": enrolment
        and {"portal": enrolment.portal, "account": enrolment.account_id, "key": enrolment.key_id},
        "status": memory.status and memory.status.to_json(),
        "etag": memory.etag,
        "received_at": memory.received_at and memory.received_at.isoformat(),
        "refusal": refusal
        and {"portal": refusal.portal, "account": refusal.account_id, "reason": refusal.reason},
    }


@lru_cache(maxsize=1)
def _decode(content: bytes) -> PortalMemory:
    document = json.loads(content.decode("utf-8"))
    enrolment, status = document["enrolment"], document["status"]
    etag, received_at = document["etag"], document["received_at"]
    # Files of earlier versions lack it.
    refusal = document.get("refusal")
    return PortalMemory(
        enrolment=None
        if enrolment is None
        else Enrolment(*(_text(enrolment[name]) for name in ("portal", "account", "key"))),
        status=None if status is None else HubStatus.from_json(status),
        etag=None if etag is None else _text(etag),
        received_at=None if received_at is None else _instant(received_at),
        refusal=None
        if refusal is None
        else Refusal(*(_text(refusal[name]) for name in ("portal", "account", "reason"))),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None:
        raise ValueError
    return instant
