"""One word per thing: the pages use the help page's words."""

from __future__ import annotations

import gettext

import pytest

from cloudmatic_portal.web import i18n


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    catalogue = i18n.load("de")
    assert isinstance(catalogue, gettext.GNUTranslations)
    return [str(each) for each in catalogue._catalog.values()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("word", ["Website", "Testzeitraum", "Testphase", "Benutzerkonto"])
def test_words_that_the_help_page_does_not_use(sentences: list[str], word: str) -> None:
    assert not [each for each in sentences if word in each]


def test_account_is_said_only_where_the_help_page_says_it(sentences: list[str]) -> None:
    [sentence] = [each for each in sentences if "Account" in each]
    assert sentence.startswith("Melden Sie sich mit den Benutzerdaten des Accounts an, für den")
