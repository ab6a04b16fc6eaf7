"""The add-on's archive: sizes, cold start until the service answers, idle memory.

    PYTHONPATH=build python -m benchmarks.archive [--quick] ARCHIVE ...

An archive for another processor runs in an emulator (qemu-user-static): its times say little about
a hub, and its memory nothing, so only the first is printed. "From disk" means that none of the
archive's files is in this machine's memory, as after a boot.
"""

from __future__ import annotations

import argparse
import os
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.measure import Benchmark, Measured, Yardstick, parser
from tests.packaging.unpacked import Unpacked, ask, emulator, unpack

TARGET_START_SECONDS: Final = 1.0
TARGET_IDLE_MB: Final = 45.0
_SETTLED_SECONDS: Final = 5.0


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__)
    made.add_argument("archives", nargs="+", type=Path, metavar="ARCHIVE")
    return made


def _measure(options: argparse.Namespace) -> list[Measured]:
    rounds = 2 if options.quick else 11
    return [each for archive in options.archives for each in _measure_one(archive, rounds)]


def _measure_one(archive: Path, rounds: int) -> list[Measured]:
    architecture = archive.name.removesuffix(".tar.gz").rpartition("-")[2]
    with tarfile.open(archive) as content:
        unpacked_size = sum(entry.size for entry in content)
    packed_size = archive.stat().st_size
    name = f"archive for {architecture}"
    found = [
        Measured(name=f"{name}, packed", unit="MB", values=(packed_size / 1e6,)),
        Measured(name=f"{name}, unpacked", unit="MB", values=(unpacked_size / 1e6,)),
    ]
    emulated = emulator(architecture) is not None
    with tempfile.TemporaryDirectory(prefix="cloudmatic-benchmark-") as path:
        folder = Path(path)
        # The service gives up root and must get in.
        folder.chmod(0o755)
        unpacked = unpack(archive, folder / "unpacked", architecture)
        first = [_start(unpacked, folder / f"cold-{each}", cold=True) for each in range(rounds)]
        again = [_start(unpacked, folder / f"warm-{each}", cold=False) for each in range(rounds)]
        target = None if emulated else TARGET_START_SECONDS
        again_from = Yardstick("from memory", tuple(again))
        found.append(
            Measured(
                name=f"{name}, start to first page, from disk",
                unit="s",
                values=tuple(first),
                target=target,
                yardstick=again_from,
            )
        )
        if not emulated:
            memory = (_idle_memory(unpacked, folder / "idle"),)
            found.append(
                Measured(
                    name=f"{name}, idle (PSS)", unit="MB", values=memory, target=TARGET_IDLE_MB
                )
            )
    return found


def _start(unpacked: Unpacked, root: Path, *, cold: bool) -> float:
    """Return the seconds from the start of the service to the last byte of its first page."""
    root.mkdir()
    if cold:
        _forget(unpacked)
    with unpacked.serving(root, quiet=True) as service:
        began = time.perf_counter()
        ask(service)
        return service.seconds + time.perf_counter() - began


def _forget(unpacked: Unpacked) -> None:
    """Take the tree's files out of the page cache."""
    os.sync()
    for path in unpacked.tree.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _idle_memory(unpacked: Unpacked, root: Path) -> float:
    """Return the proportional set size of the service after its first page, in MB."""
    root.mkdir()
    with unpacked.serving(root, quiet=True) as service:
        ask(service)
        time.sleep(_SETTLED_SECONDS)
        lines = Path(f"/proc/{service.pid}/smaps_rollup").read_text("ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


BENCHMARK: Final = Benchmark(_parser, _measure)

if __name__ == "__main__":
    sys.exit(BENCHMARK.main())
