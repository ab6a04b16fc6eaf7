"""German and English: which one a browser gets, and the catalogues."""

from __future__ import annotations

import gettext
from pathlib import Path
from typing import Final

from aiohttp import web

from cloudmatic_portal.app_keys import LANGUAGE
from cloudmatic_portal.domain.account import LANGUAGES, Language
from cloudmatic_portal.web import cookies

LOCALE: Final = Path(__file__).parent.parent / "locale"
PARAMETER: Final = "lang"


class CatalogueMissing(Exception):
    """The compiled catalogue of `language` is not there."""

    def __init__(self, language: str) -> None:
        super().__init__(
            f"no compiled catalogue for {language!r} below {LOCALE}: "
            "run `build/catalogues.py compile`"
        )
        self.language = language


def N_(message: str) -> str:  # noqa: N802 - the name that the extraction of messages knows
    """Mark `message` for translation where it is shown, later."""
    return message


def load(language: Language) -> gettext.NullTranslations:
    """The messages in `language`; English is what the source says. Raises CatalogueMissing."""
    if language == "en":
        return gettext.NullTranslations()
    try:
        return gettext.translation("messages", LOCALE, [language])
    except FileNotFoundError as error:
        raise CatalogueMissing(language) from error


def chosen(request: web.Request) -> Language | None:
    """The language that the address asks for, if it does."""
    return _known(request.query.get(PARAMETER))


def preferred(request: web.Request) -> Language:
    """The language asked for now or before, else the browser's, else German."""
    return (
        chosen(request)
        or _known(cookies.language(request))
        or negotiate(request.headers.get("Accept-Language", ""))
    )


def language_of(request: web.Request) -> Language:
    return request.get(LANGUAGE) or LANGUAGES[0]


def negotiate(header: str) -> Language:
    """What `Accept-Language` (RFC 9110, section 12.5.4) likes best of ours; German in a tie."""
    best = max(LANGUAGES, key=lambda language: _quality(header, language))
    return best if _quality(header, best) > 0 else LANGUAGES[0]


def _quality(header: str, language: Language) -> float:
    found = [0.0]
    for entry in header[:1000].split(","):
        tag, _, parameter = entry.strip().partition(";")
        if tag.strip().lower().partition("-")[0] == language:
            found.append(_weight(parameter))
    return max(found)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _known(value: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == value), None)
