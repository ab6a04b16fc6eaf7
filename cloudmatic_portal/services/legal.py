"""The operator's legal texts, off the event loop; their versions; what to say at the start."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cloudmatic_portal.clients.legal_folder import LegalFolder
from cloudmatic_portal.domain.account import LANGUAGES
from cloudmatic_portal.domain.errors import TermsUnknown
from cloudmatic_portal.domain.legal import (
    LANGUAGE_THAT_COUNTS,
    LegalTexts,
    Terms,
    TermsVersion,
    file_name,
)
from cloudmatic_portal.domain.legal_changes import Passage, alike, changes
from cloudmatic_portal.storage import legal as stored_legal
from cloudmatic_portal.storage.database import Database

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_SAME_LANGUAGE: Final = 0.3
"""How much alike texts of one language are at the least; see `alike`."""


class Legal:
    """Where the portal looks its legal texts up."""

    def __init__(self, folder: LegalFolder) -> None:
        self._folder = folder

    async def texts(self) -> LegalTexts:
        """The texts as they are now."""
        # A file system may be slow, and other requests do not wait for it.
        return await asyncio.to_thread(self._folder.read)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A version with its texts, and `versions`, all there are; `other` is one it is compared with,
    if there is any, and what changed from that one to it in each text.
    """

    version: TermsVersion
    versions: tuple[TermsVersion, ...]
    terms: Terms
    other: TermsVersion | None = None
    agb: tuple[Passage, ...] = ()
    widerruf: tuple[Passage, ...] = ()


async def versions(database: Database, texts: LegalTexts) -> tuple[TermsVersion, ...]:
    """All versions of the terms, the current ones first, then the latest."""
    async with database.reading() as connection:
        return await _versions(connection, texts)


async def read(database: Database, texts: LegalTexts, version: str, other: str | None) -> Reading:
    """That version, compared with `other`, or with the one that it took the place of.

    Raises TermsUnknown.
    """
    async with database.reading() as connection:
        every = await _versions(connection, texts)
        known = {each.version for each in every}
        for each in (version, other):
            if each is not None and each not in known:
                raise TermsUnknown(each)
        # Which one it took the place of is told by the texts of all.
        wanted = known if other is None else {version, other}
        kept = await stored_legal.find(connection, wanted)
    kept |= {each.version: each for each in _laid_down(texts)}
    # Long texts take their time, and other requests do not wait for it.
    return await asyncio.to_thread(_compare, every, kept, version, other)


async def _versions(connection: AsyncConnection, texts: LegalTexts) -> tuple[TermsVersion, ...]:
    used = {each.version: each for each in await stored_legal.used(connection)}
    current = [
        replace(
            used.pop(each.version, each),
            languages=each.languages,
            laid_down_at=each.laid_down_at,
        )
        for each in texts.current()
    ]
    return (*current, *used.values())


def _laid_down(texts: LegalTexts) -> list[Terms]:
    return [terms for each in LANGUAGES if (terms := texts.terms(each)) is not None]


def _compare(
    every: tuple[TermsVersion, ...], texts: Mapping[str, Terms], version: str, other: str | None
) -> Reading:
    named = {each.version: each for each in every}
    reading = Reading(version=named[version], versions=every, terms=texts[version])
    former = other or _former(named[version], every, texts)
    if former is None:
        return reading
    old, new = texts[former], texts[version]
    return replace(
        reading,
        other=named[former],
        agb=changes(old.agb, new.agb),
        widerruf=changes(old.widerruf, new.widerruf),
    )


def _former(
    version: TermsVersion, every: Sequence[TermsVersion], texts: Mapping[str, Terms]
) -> str | None:
    """The latest one before it that is in the same language, as far as one can tell."""
    mine = version.first_used_at
    earlier = [
        each.version
        for each in sorted(every, key=lambda each: each.first_used_at or _NEVER, reverse=True)
        if each.first_used_at is not None and (mine is None or each.first_used_at < mine)
    ]
    agb = texts[version.version].agb
    same = (each for each in earlier if alike(agb, texts[each].agb) >= _SAME_LANGUAGE)
    return next(same, None)


def warning(texts: LegalTexts) -> str | None:
    """What the operator has to know before customers come; None if all is well."""
    words = []
    if texts.missing:
        files = ", ".join(file_name((name, LANGUAGE_THAT_COUNTS)) for name in texts.missing)
        words.append(f"legal texts are missing, so nothing can be bought: {files}")
    if texts.samples:
        files = ", ".join(map(file_name, texts.samples))
        words.append(f"legal texts are samples, so nothing may be sold in earnest: {files}")
    return "; ".join(words) or None
