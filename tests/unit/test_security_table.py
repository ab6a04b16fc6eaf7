"""The tables of docs/security.md: each row names tests that exist, or says why it has none."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
DOCUMENT: Final = ROOT / "docs" / "security.md"
WORDS: Final = ("met", "partly", "not met", "absent", "operator")
_ROW: Final = re.compile(r"\| (V\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
_TEST: Final = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_LOOKS_LIKE_A_TEST: Final = re.compile(r"tests/|test_\w+|\.py\b|::")


@dataclass(frozen=True)
class Row:
    """One requirement: what it asks, how far it is met, and what shows it."""

    number: str
    asks: str
    verdict: str
    proof: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        return _TEST.findall(self.proof)


def rows(text: str) -> list[Row]:
    return [Row(*(part.strip() for part in found)) for found in _ROW.findall(text)]


@cache
def defined(file: str) -> frozenset[str]:
    """The tests in a file, those within classes too, without running it."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def problems(row: Row) -> list[str]:
    """What keeps a row from being true."""
    found = [
        f"{row.number}: {file} has no {name}"
        for file, name in row.tests
        if name not in defined(file) or not name.startswith("test_")
    ]
    if row.verdict not in WORDS:
        found.append(f"{row.number}: {row.verdict!r} is none of {WORDS}")
    if row.verdict == "met" and not row.tests:
        found.append(f"{row.number}: is called met, and no test shows it")
    words = _TEST.sub("", row.proof).strip(" ,;")
    if row.verdict != "met" and not words:
        found.append(f"{row.number}: does not say why it is {row.verdict}")
    if _LOOKS_LIKE_A_TEST.search(words):
        found.append(f"{row.number}: a test is not named as `tests/…::name`: {words}")
    return found


TABLE: Final = rows(DOCUMENT.read_text("utf-8"))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.number)
def test_a_row_names_tests_that_exist_or_a_reason(row: Row) -> None:
    assert problems(row) == []


def test_every_line_of_the_table_is_read() -> None:
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| V")]
    assert len(lines) == len(TABLE) > 100
    numbers = [row.number for row in TABLE]
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers, key=lambda each: [int(n) for n in each[1:].split(".")])


def test_other_tests_that_the_document_names_exist_too() -> None:
    named = _TEST.findall(DOCUMENT.read_text("utf-8"))
    assert [f"{file}::{name}" for file, name in named if name not in defined(file)] == []


@pytest.mark.parametrize(
    ("verdict", "proof"),
    [
        ("met", "`tests/unit/test_security_table.py::test_that_nobody_wrote`"),
        ("met", "`tests/unit/nowhere.py::test_a_row_names_tests_that_exist_or_a_reason`"),
        ("met", "`tests/unit/test_security_table.py::defined`"),
        ("met", "we are sure"),
        ("not met", ""),
        ("partly", "`tests/unit/test_security_table.py::test_every_line_of_the_table_is_read`"),
        ("perhaps", "nobody knows"),
        ("partly", "see test_security.py"),
    ],
)
def test_a_row_that_is_not_true_is_found(verdict: str, proof: str) -> None:
    assert problems(Row("V1.1.1", "something", verdict, proof))
