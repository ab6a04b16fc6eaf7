"""The processors of the hubs, and what each is called elsewhere."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PYTHON: Final = "3.11"
"""Debian 12's Python; the wheels are chosen for it."""

_OLDEST_GLIBC: Final = 17
_DEBIANS_GLIBC: Final = 36


@dataclass(frozen=True, slots=True)
class Architecture:
    """One kind of hub. `name` is what `uname -m` says there."""

    name: str
    debian: str
    triplet: str
    loader: str

    def tool(self, name: str) -> str:
        """Return the command of the binutils that know this processor's programs."""
        return f"{self.triplet}-{name}"

    def wheel_platforms(self) -> Iterator[str]:
        """Yield the platform tags that run on the carried C library, for pip."""
        for minor in range(_OLDEST_GLIBC, _DEBIANS_GLIBC + 1):
            yield f"manylinux_2_{minor}_{self.name}"
        yield f"manylinux2014_{self.name}"


ARCHITECTURES: Final = {
    each.name: each
    for each in (
        Architecture("armv7l", "armhf", "arm-linux-gnueabihf", "ld-linux-armhf.so.3"),
        Architecture("aarch64", "arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
        Architecture("x86_64", "amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    )
}


def of_this_machine() -> Architecture:
    """Return the architecture that runs here natively. Raises KeyError elsewhere than on Linux."""
    return ARCHITECTURES[platform.machine()]
