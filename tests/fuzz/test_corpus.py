"""Every parser keeps its promise for the kept corpus, within bounds of time and memory."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Final

import pytest

from tests.fuzz import targets
from tests.fuzz.kept import CORPUS, MOST_KEPT, kept

SECONDS: Final = 10.0
"""For one small input, on a machine that is busy with other things."""

MEMORY: Final = 64 * 1024 * 1024
NAMES: Final = targets.names()


@pytest.mark.parametrize("name", NAMES)
def test_the_promise_holds_for_samples_and_corpus(name: str) -> None:
    target = targets.load(name)
    inputs = {f"seed {number}": data for number, data in enumerate(target.seeds(), start=1)}
    assert inputs, "a target without a good example is fuzzed in the dark"
    inputs |= {path.name: path.read_bytes() for path in kept(name)}
    for label, data in {"empty": b"", **inputs}.items():
        began = time.perf_counter()
        tracemalloc.start()
        try:
            target.check(data)
        except BaseException as error:
            error.add_note(f"{name}, {label}: {target.promise}")
            raise
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert time.perf_counter() - began < SECONDS, f"{name}, {label}"
        assert peak < MEMORY, f"{name}, {label}"


@pytest.mark.parametrize("name", NAMES)
def test_the_corpus_stays_small(name: str) -> None:
    for path in kept(name):
        assert path.stat().st_size <= MOST_KEPT, path


def test_every_kept_folder_is_of_a_target() -> None:
    assert {path.name for path in CORPUS.glob("*") if path.is_dir()} <= set(NAMES)


def test_a_broken_promise_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").mkdir()
    (tmp_path / "token" / "bad").write_bytes(b"x")

    def fails(data: bytes) -> None:
        if data == b"x":
            raise KeyError

    monkeypatch.setattr("tests.fuzz.kept.CORPUS", tmp_path)
    monkeypatch.setattr("tests.fuzz.targets.token.check", fails)
    with pytest.raises(KeyError):
        test_the_promise_holds_for_samples_and_corpus("token")
