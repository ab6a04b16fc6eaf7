"""German or English, never half of each."""

from __future__ import annotations

import runpy
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccu_dashboard.i18n import (
    Language,
    catalogue,
    chosen,
    day_writer,
    negotiate,
    time_writer,
)

CATALOGUES = Path(__file__).parents[3] / "build" / "catalogues.py"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"), ("de", "de"), ("en", "en"), ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("de-AT, en;q=0.9", "de"), ("EN-us", "en"), ("fr, en;q=0.5, de;q=0.4", "en"),
        ("fr,it", "de"), ("*", "de"), ("en;q=0", "de"), ("en;q=0, de;q=0.1", "de"),
        ("de;q=0.5,en;q=0.5", "de"), ("en;q=0.5,de;q=0.5", "en"), ("en;q=x,de", "de"),
        ("en;q=nan", "de"), (" en ; q = 0.9 ", "en"), ("english", "de"), (",,;;,=", "de"),
        ("fr," * 200 + "en", "de"),
    ],
)  # fmt: skip
def test_the_reader_gets_the_language_asked_for_and_german_otherwise(
    header: str, language: str
) -> None:
    assert negotiate(header) == language


@given(st.text(max_size=500))
def test_no_header_is_too_strange(header: str) -> None:
    assert negotiate(header) in Language


@pytest.mark.parametrize("name", [None, "", "DE", "de ", "fr", "../de", "de\n"])
def test_only_our_languages_can_be_chosen(name: str | None) -> None:
    assert chosen(name) is None
    assert [chosen(each) for each in ("de", "en")] == list(Language)


def test_every_sentence_of_the_dashboard_has_its_german() -> None:
    problems = runpy.run_path(str(CATALOGUES))["problems"]()
    assert [each for each in problems if each.startswith("ccu_dashboard")] == []


def test_the_catalogues_are_compiled_and_the_english_is_in_the_code() -> None:
    assert catalogue(Language.DE).gettext("Overview") == "Übersicht"
    assert catalogue(Language.EN).gettext("Overview") == "Overview"


def test_dates_are_written_as_readers_write_them() -> None:
    instant = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert day_writer(Language.DE)(date(2026, 7, 2)) == "02.07.2026"
    assert day_writer(Language.EN)(date(2026, 7, 2)) == "02/07/2026"
    assert time_writer(Language.DE)(instant) == "02.07.2026, 00:30 Uhr"
    assert time_writer(Language.EN)(instant) == "02/07/2026, 00:30"
