"""Databases for a benchmark, on this machine's disk, that keep what they commit."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests import postgres


class Databases(Protocol):
    """Makes databases and names their addresses; a new one is empty, or as `like` is."""

    def new(self, like: str | None = None) -> str: ...

    def drop(self, url: str) -> None: ...


@contextmanager
def databases_of(name: str) -> Iterator[Databases]:
    """Of `sqlite` or `postgresql`. Raises SystemExit where PostgreSQL is not installed."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="cm-benchmark-") as folder:
            yield _Files(Path(folder))
        return
    binaries = postgres.programs()
    if binaries is None:
        raise SystemExit(postgres.MISSING)
    with postgres.cluster(binaries, careful=True) as cluster:
        yield _Cluster(cluster)


@dataclass
class _Files:
    folder: Path
    made: int = 0

    def new(self, like: str | None = None) -> str:
        self.made += 1
        url = str(self.folder / f"portal{self.made}.db")
        if like is not None:
            shutil.copy(like, url)
        return url

    def drop(self, url: str) -> None:
        Path(url).unlink()


@dataclass
class _Cluster:
    cluster: postgres.Cluster
    names: dict[str, str] = field(default_factory=dict)

    def new(self, like: str | None = None) -> str:
        template = "template1" if like is None else self.names[like]
        name = asyncio.run(self.cluster.create(template))
        url = self.cluster.url(name)
        self.names[url] = name
        return url

    def drop(self, url: str) -> None:
        asyncio.run(self.cluster.drop(self.names.pop(url)))
