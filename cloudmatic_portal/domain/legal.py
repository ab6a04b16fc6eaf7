"""The operator's legal texts, and the version of the terms that an order was made under."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.account import LANGUAGES, Language

LegalName = Literal["impressum", "agb", "widerruf", "datenschutz"]
LEGAL_NAMES: Final[tuple[LegalName, ...]] = get_args(LegalName)
"""§ 5 DDG; §§ 305 ff. BGB; Art. 246a § 1 II EGBGB; Art. 13 DSGVO."""

TERMS_NAMES: Final[tuple[LegalName, ...]] = ("agb", "widerruf")
"""What an order is made under."""

LegalFile = tuple[LegalName, Language]
"""Which text, and in which language."""


def file_name(file: LegalFile) -> str:
    """How the operator lays it down."""
    return "{}.{}.md".format(*file)


@dataclass(frozen=True, slots=True)
class LegalText:
    """One text, in Markdown, in the language that it is there in.

    `sample`: a placeholder, which binds nobody.
    """

    name: LegalName
    language: Language
    markdown: str = field(repr=False)
    sample: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What a customer agrees to and is told at an order: terms and right of withdrawal."""

    agb: str = field(repr=False)
    widerruf: str = field(repr=False)

    @property
    def version(self) -> str:
        """Names these very texts: the SHA-256 of both."""
        content = f"{self.agb}\0{self.widerruf}".encode()
        return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsVersion:
    """A version of the terms, and since when how many `orders` have been made under it.

    `languages` are those in which it is what customers agree to now, `laid_down_at` is when the
    younger of its files was written then. Without orders it is known for no longer than it is laid
    down.
    """

    version: str
    first_used_at: datetime | None = None
    last_used_at: datetime | None = None
    orders: int = 0
    languages: tuple[Language, ...] = ()
    laid_down_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LegalTexts:
    """All that the operator has laid down; German is what counts, English is a service.

    `samples` names those that are placeholders, `written` says when each file was written.
    """

    texts: Mapping[LegalFile, str] = field(repr=False, default_factory=dict)
    samples: tuple[LegalFile, ...] = ()
    written: Mapping[LegalFile, datetime] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[LegalName, ...]:
        """The German texts that there are not; while one is missing nothing is sold."""
        return tuple(name for name in LEGAL_NAMES if (name, "de") not in self.texts)

    def text(self, name: LegalName, language: Language) -> LegalText | None:
        """The text in that language, or else the German one."""
        for each in (language, LANGUAGE_THAT_COUNTS):
            if (found := self.texts.get((name, each))) is not None:
                return LegalText(name, each, found, (name, each) in self.samples)
        return None

    def terms(self, language: Language) -> Terms | None:
        """What an order in that language is made under; None while a text is missing."""
        agb, widerruf = self.text("agb", language), self.text("widerruf", language)
        if self.missing or agb is None or widerruf is None:
            return None
        return Terms(agb.markdown, widerruf.markdown)

    def current(self) -> tuple[TermsVersion, ...]:
        """What orders are made under now: one version, or one for each language."""
        found: dict[str, list[Language]] = {}
        for language in LANGUAGES:
            if (terms := self.terms(language)) is not None:
                found.setdefault(terms.version, []).append(language)
        return tuple(
            TermsVersion(
                version=version,
                languages=tuple(languages),
                laid_down_at=self._laid_down(languages[0]),
            )
            for version, languages in found.items()
        )

    def _laid_down(self, language: Language) -> datetime | None:
        texts = (self.text(name, language) for name in TERMS_NAMES)
        files = ((each.name, each.language) for each in texts if each is not None)
        return max((self.written[each] for each in files if each in self.written), default=None)


LANGUAGE_THAT_COUNTS: Final[Language] = "de"
