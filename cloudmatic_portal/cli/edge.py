"""The edge: the only place that asks the system for time and randomness."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def clock() -> datetime:
    return datetime.now(UTC)


def random_bytes(count: int) -> bytes:
    return secrets.token_bytes(count)
