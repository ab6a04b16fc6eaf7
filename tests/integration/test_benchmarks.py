"""The benchmarks go on working; how fast anything is, only a calm machine tells."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import machine, picture
from benchmarks.measure import Measured, Yardstick, table
from benchmarks.run import NAMES, NEED_ARCHIVE
from tests import postgres

FAST = Measured(name="fast", unit="ms", values=(1.0, 2.0, 9.0), target=2.0, curve="c", size=10)
SLOW = Measured(name="slow", unit="/s", values=(5.0,), better="more", target=6.0, curve="c", size=9)


def test_a_median_meets_its_target_and_a_missed_one_is_marked() -> None:
    assert FAST.met
    assert not SLOW.met
    *_, fast, slow = table([FAST, SLOW]).splitlines()
    assert fast == "| fast | 2 ms | 1 – 9 | 3 |  | ≤ 2 |"
    assert slow == "| slow | 5 /s | 5 – 5 | 1 |  | ≥ 6 **missed** |"


def test_a_yardstick_stands_beside_with_its_ratio() -> None:
    beside = Measured(name="a", unit="s", values=(3.0,), yardstick=Yardstick("bare", (1.5,)))
    assert "bare: 1.5 (2 times)" in table([beside])


def test_a_curve_has_a_dot_for_each_size_and_names_it() -> None:
    drawn = picture.curve("a < b", [FAST, SLOW])
    assert drawn.count("<circle") == 2
    assert "a &lt; b (/s)" in drawn


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)
def test_every_benchmark_runs(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.run", "--quick", "--json", str(file)],
        cwd=machine.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert file.exists(), done.stderr
    report = json.loads(file.read_text("utf-8"))
    # Without an archive in dist/, or without root, two are named as not run and the status is 2.
    assert set(report["found"]) | set(report["not_run"]) == set(NAMES)
    assert set(report["not_run"]) <= NEED_ARCHIVE
    assert done.returncode == (2 if report["not_run"] else 0), done.stderr
    for name, found in report["found"].items():
        assert found, name
        assert all(value >= 0 for each in found for value in each["values"]), name
        assert f"## {name}" in done.stdout
