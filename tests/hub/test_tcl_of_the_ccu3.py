"""The add-on's Tcl programs keep to what Tcl 8.2 of eQ-3's CCU3 knows. No Tcl 8.2 is at hand here:
what came later is searched for in the text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.hub.archives import REPOSITORY

PROGRAMS = [
    *(REPOSITORY / "addon").glob("*.tcl"),
    *(REPOSITORY / "www").glob("*.cgi"),
]
LATER = {
    r"\b(?:eq|ne|in|ni)\s+[\"$\[{]": "comparing words with an operator",
    r"\{\*\}": "expansion",
    r"[\[;\n]\s*(?:dict|lassign|lset|lrepeat|lreverse|try|throw|chan|apply|lmap)\s": "new commands",
    r"unset -nocomplain|array unset|file normalize|file link|string reverse": "new subcommands",
    r"lsearch -(?:all|inline|not|index|start)|lsort -(?:stride|indices)": "options of lists",
    r"regexp -(?:all|inline|start)|glob -(?:directory|types|tails)": "options of regexp, glob",
    r"switch -(?:nocase|matchvar)|string is [a-z]+ -failindex|string cat": "options of strings",
    r"exec .*2>@1|\*\*|\bmin\(|\bmax\(|tailcall|yield|coroutine|oo::": "8.5 and later",
    r"package require Tcl 8\.[3-9]|fconfigure .*-profile": "8.5 and later",
    r"array names \S+ -(?:exact|glob|regexp)|lindex \$\w+ \d+ \d+": "array names, nested lindex",
}


def test_there_are_programs() -> None:
    assert {path.name for path in PROGRAMS} == {"button.tcl", "index.cgi", "update.cgi"}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_nothing_later_than_tcl_8_2_is_used(program: Path) -> None:
    code = re.sub(r"^\s*#.*$", "", program.read_text("utf-8"), flags=re.MULTILINE)
    found = {why: hit[0] for what, why in LATER.items() if (hit := re.search(what, code))}
    assert found == {}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_it_is_ascii(program: Path) -> None:
    """The old one reads its programs in the system's encoding, whatever that is."""
    assert program.read_text("utf-8").isascii()
