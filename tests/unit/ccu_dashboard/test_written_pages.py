"""A page is written again only if it would say something else; and never shown to somebody else."""

from __future__ import annotations

from typing import Any

from ccu_dashboard.web.pages import Written

KEY = ("overview.html", "de", "visitor")
FACTS: dict[str, Any] = {"shown": ("maxmuster", 30), "form_token": "a"}


def test_what_is_equal_gives_the_page_again() -> None:
    written = Written()
    written.keep(KEY, FACTS, b"page")
    assert written.find(KEY, {"shown": ("maxmuster", 30), "form_token": "a"}) == b"page"


def test_anything_else_does_not() -> None:
    written = Written()
    written.keep(KEY, FACTS, b"page")
    assert written.find(KEY, FACTS | {"shown": ("maxmuster", 29)}) is None
    assert written.find(KEY, FACTS | {"more": None}) is None
    assert written.find(("overview.html", "en", "visitor"), FACTS) is None
    assert written.find(("overview.html", "de", "another"), FACTS) is None


def test_few_pages_are_kept_those_that_were_asked_for_last() -> None:
    written = Written()
    written.keep(KEY, FACTS, b"page")
    for number in range(20):
        written.keep(("overview.html", "de", str(number)), FACTS, b"%d" % number)
        assert written.find(KEY, FACTS) == b"page"
    found = [written.find(("overview.html", "de", str(number)), FACTS) for number in range(20)]
    assert found == [None] * 13 + [b"%d" % number for number in range(13, 20)]


def test_what_is_forgotten_is_not_found() -> None:
    written = Written()
    written.keep(KEY, FACTS, b"page")
    written.forget()
    assert written.find(KEY, FACTS) is None
