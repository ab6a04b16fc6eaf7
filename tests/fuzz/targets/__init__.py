"""The targets by name; each module is one parser."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A parser. `check` takes any bytes and raises only if the promise is broken."""

    name: str
    promise: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]


def names() -> list[str]:
    return sorted(each.name for each in pkgutil.iter_modules(__path__))


def load(name: str) -> Target:
    module = importlib.import_module(f"{__name__}.{name}")
    return Target(name, module.PROMISE, module.check, module.seeds)
