"""Passwords and user keys: hashed with argon2id (RFC 9106), away from the event loop."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MAX_LENGTH: Final = 1024
"""Longest secret looked at, in characters."""

_AT_ONCE: Final = 2
"""Hashes computed at the same time: each takes a processor and `memory_kib` of memory."""


class Secrets:
    """Hash and compare. Comparing with nothing costs what comparing with a hash costs."""

    def __init__(self, memory_kib: int) -> None:
        self._hasher = PasswordHasher(memory_cost=memory_kib)
        self._nobodys = _hash_of_nobody(memory_kib)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def outdated(self, stored: str) -> bool:
        """Whether `stored` was computed with other parameters than a new hash would be."""
        return self._hasher.check_needs_rehash(stored)

    async def hash(self, secret: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, secret)

    async def matches(self, stored: str | None, secret: str) -> bool:
        """Whether `secret` is the one whose hash is `stored`; None matches nothing, as slowly."""
        async with self._turns:
            same = await asyncio.to_thread(self._matches, stored or self._nobodys, secret)
        return same and stored is not None

    def _matches(self, stored: str, secret: str) -> bool:
        # JSON can carry half a surrogate pair, which no encoding takes as it is.
        typed = secret[:MAX_LENGTH].encode("utf-8", "surrogatepass")
        try:
            return self._hasher.verify(stored, typed) and len(secret) <= MAX_LENGTH
        except (VerificationError, InvalidHashError):
            return False


@cache
def _hash_of_nobody(memory_kib: int) -> str:
    """What an unknown account's secret is compared with; made beforehand, once."""
    return PasswordHasher(memory_cost=memory_kib).hash("whoever is unknown has this secret")
