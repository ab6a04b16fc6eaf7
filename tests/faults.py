"""The fault tests in one table: what is promised, which test shows it, how often it was tried.

    python -m tests.faults                  the table
    python -m tests.faults --write          docs/reliability.md anew; numbers of earlier runs stay
    python -m tests.faults --run [FILE …]   let the fault tests run (all, or those of some files),
                                            and write down how often each was tried

A fault test is one that is marked `@pytest.mark.fault("kind", "promise")`. It is tried once for
each of its parameters, or as often as it says by `record_property("tried", …)`.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "reliability.md"
NEVER: Final = "–"
FAILED: Final = "**failed**"
_ROW: Final = re.compile(r"\| ([^|]+) \| ([^|]+) \| `([^`]+)` \| ([^|]+) \|")
_HEAD: Final = """\
# Reliability

What is broken on purpose, what is promised then, and how often that was tried. Made by
`python -m tests.faults --write` from the tests' marks; the numbers are those of the latest
`python -m tests.faults --run` of each test. A number stands there only if all of it passed: nothing
was lost and nothing doubled (`–`: not run yet). `tests/unit/test_reliability.py` holds that the
table is up to date. Tests that kill at random take `CLOUDMATIC_SEED`; `CLOUDMATIC_KILLS` and
`--cuts` try more.

| what is broken | what is promised | shown by | tried |
|---|---|---|--:|
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault test: `kind` is what is broken, `test` is `file::name`."""

    kind: str
    promise: str
    test: str


def gather(root: Path = ROOT) -> list[Fault]:
    """The marked tests by what they break, without running anything."""
    found = [
        fault
        for path in sorted((root / "tests").rglob("test_*.py"))
        for fault in _of_file(path.read_text("utf-8"), path.relative_to(root).as_posix())
    ]
    return sorted(found, key=lambda each: (each.kind, each.test))


def _of_file(source: str, name: str) -> Iterator[Fault]:
    if "mark.fault" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.fault":
                kind, promise = (ast.literal_eval(each) for each in mark.args)
                yield Fault(kind, promise, f"{name}::{node.name}")


def tried(text: str) -> dict[str, str]:
    """How often each test was tried, as the document says."""
    return {test: number.strip() for _, _, test, number in _ROW.findall(text)}


def document(faults: Iterable[Fault], numbers: Mapping[str, str]) -> str:
    rows = [
        f"| {each.kind} | {each.promise} | `{each.test}` | {numbers.get(each.test, NEVER)} |\n"
        for each in faults
    ]
    return _HEAD + "".join(rows)


def run(files: list[str], options: list[str]) -> tuple[bool, dict[str, str]]:
    """Let the fault tests of `files` run; whether all passed, and how often each was tried.

    `options` are pytest's.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        # The newer form of reports has no place for how often something was tried.
        command = [sys.executable, "-m", "pytest", "-q", "-m", "fault", "-o", "junit_family=xunit1"]
        command.append(f"--junitxml={report}")
        done = subprocess.run([*command, *files, *options], cwd=ROOT, check=False)
        if not report.exists():
            raise SystemExit(f"pytest ended with {done.returncode} and wrote no report")
        return done.returncode == 0, read(ET.parse(report).getroot())  # noqa: S314 - pytest's own


def read(report: ET.Element) -> dict[str, str]:
    """How often each test was tried by pytest's report; of one that was skipped nothing is said."""
    numbers: dict[str, int] = {}
    failed, skipped = set(), set()
    for case in report.iter("testcase"):
        module = (case.get("classname") or "").replace(".", "/")
        test = f"{module}.py::{(case.get('name') or '').partition('[')[0]}"
        if case.find("failure") is not None or case.find("error") is not None:
            failed.add(test)
        if case.find("skipped") is not None:
            skipped.add(test)
        properties = {each.get("name"): each.get("value") for each in case.iter("property")}
        numbers[test] = numbers.get(test, 0) + int(properties.get("tried") or 1)
    passed = {test: str(number) for test, number in numbers.items() if test not in skipped}
    return passed | dict.fromkeys(failed, FAILED)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md")
    parser.add_argument(
        "--run", nargs="*", metavar="FILE", help="run them, with pytest's options, and write"
    )
    options, more = parser.parse_known_args()
    if more and options.run is None:
        parser.error(f"only --run takes pytest's options: {' '.join(more)}")
    passed = True
    new: dict[str, str] = {}
    if options.run is not None:
        passed, new = run(options.run or ["tests"], more)
    # Read only now: another run may have ended meanwhile.
    known = tried(DOCUMENT.read_text("utf-8")) if DOCUMENT.exists() else {}
    text = document(gather(), known | new)
    if options.write or options.run is not None:
        DOCUMENT.write_text(text, "utf-8")
    else:
        print(text, end="")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
