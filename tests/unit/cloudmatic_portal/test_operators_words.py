"""What the code keeps or raises in English has words of its own on operators' pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from cloudmatic_portal import domain, services
from cloudmatic_portal.domain import errors
from cloudmatic_portal.domain.due import DUE_STATES
from cloudmatic_portal.domain.errors import PortalError
from cloudmatic_portal.domain.order import ORDER_STATES
from cloudmatic_portal.domain.paypal import EVENT_STATES
from cloudmatic_portal.web.admin import words
from cloudmatic_portal.web.admin.refusals import cannot

DOMAIN: Final = Path(domain.__path__[0])
SERVICES: Final = Path(services.__path__[0])


def nodes(*files: Path) -> Iterator[ast.AST]:
    for file in files:
        yield from ast.walk(ast.parse(file.read_text("utf-8")))


def said(node: ast.AST | None) -> str:
    """The text that stands there, if it is one."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else ""


def settled() -> set[str]:
    """Why events are what they are: `("unclear", "…")` anywhere, and what `take_back` returns."""
    pairs = [each for each in nodes(*SERVICES.glob("paypal/*.py")) if isinstance(each, ast.Tuple)]
    found = {
        said(pair.elts[1])
        for pair in pairs
        if len(pair.elts) == 2 and said(pair.elts[0]) in EVENT_STATES
    }
    returns = [each for each in nodes(SERVICES / "paypal/money.py") if isinstance(each, ast.Return)]
    return (found | {said(each.value) for each in returns}) - {""}


def raised(name: str, place: int, file: Path) -> list[str]:
    """What `name` is raised with, at that place of its arguments."""
    calls = [each for each in nodes(file) if isinstance(each, ast.Call)]
    named = [each for each in calls if isinstance(each.func, ast.Name) and each.func.id == name]
    return [text for each in named if (text := said(each.args[place]))]


def test_every_fixed_sentence_about_what_paypal_told_has_words() -> None:
    assert len(settled()) > 10
    assert words.EVENT_REASONS.keys() == settled()


def test_what_somebody_noted_stays_as_it_was_written() -> None:
    assert words.event_reason("not of ours") == (words.EVENT_REASONS["not of ours"], "")
    assert words.event_reason("not of ours; asked; twice") == (
        words.EVENT_REASONS["not of ours"],
        "asked; twice",
    )
    assert words.event_reason("something; else") == ("", "something; else")


UNFIT: Final = raised("SharesUnfit", 0, SERVICES / "work_list.py")
MAILS: Final = raised("MailCannot", 1, DOMAIN / "mail.py")
WAITS: Final = raised("ActionCannot", 1, DOMAIN / "due.py")
REFUSED: Final[list[PortalError]] = [
    *(errors.SharesUnfit(each) for each in UNFIT),
    *(errors.MailCannot(1, each) for each in MAILS),
    *(errors.ActionCannot(1, each) for each in WAITS),
    *(errors.ActionCannot(1, f"it is {each}") for each in DUE_STATES if each != "waiting"),
    *(errors.OrderCannot("K7Q-X4M-P9R", each, "cancelled") for each in ORDER_STATES),
    *(errors.BankLineCannot(1, each) for each in (*words.LINE_STATES, "taken back")),
    errors.SharesDoNotAddUp(3600, 4000),
    errors.SharesInAnotherCurrency("USD"),
    errors.OrderUnknown("K7Q-X4M-P9R"),
    errors.AccountUnknown(4711),
]


@pytest.mark.parametrize("error", REFUSED, ids=str)
def test_what_pages_show_is_no_exceptions_text(error: PortalError) -> None:
    shown = cannot(error)
    filled = shown.sentence % {**shown.facts, "state": shown.state}
    assert filled != str(error)
    assert filled.endswith(".")


def test_the_sentences_were_found() -> None:
    assert (len(UNFIT), len(MAILS), len(WAITS)) == (5, 4, 1)


def test_what_has_no_words_is_shown_as_it_is() -> None:
    shown = cannot(errors.MailCannot(1, "of 100 % reasons"))
    assert shown.sentence % shown.facts == "1: of 100 % reasons"
