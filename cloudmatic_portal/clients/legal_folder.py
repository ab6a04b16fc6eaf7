"""The folder in which the operator keeps the legal texts, as `<name>.<language>.md`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cloudmatic_portal.domain.account import LANGUAGES
from cloudmatic_portal.domain.legal import LEGAL_NAMES, LegalFile, LegalTexts, file_name

SAMPLES: Final = Path(__file__).parent.parent / "legal"
"""Placeholders, for a portal that sells nothing in earnest."""

MAX_BYTES: Final = 256 * 1024

_State = tuple[tuple[str, int, int, int], ...]
_logger = logging.getLogger(__name__)


class LegalFolder:
    """The texts in `path`, read again whenever a file of them has changed."""

    def __init__(self, path: Path | None, *, samples: bool = False) -> None:
        self._path = path or (SAMPLES if samples else None)
        self._seen: tuple[_State, LegalTexts] | None = None

    def read(self) -> LegalTexts:
        """What is there now. A file that cannot be read is missing, and the log says why."""
        if self._path is None:
            return LegalTexts()
        # Several threads may be here at once: each goes by what itself has seen.
        seen, state = self._seen, _state(self._path)
        if seen is None or seen[0] != state:
            texts = _read(self._path)
            self._seen = seen = (state, LegalTexts(texts, _copied(texts), _written(state, texts)))
        return seen[1]


def _copied(texts: dict[LegalFile, str]) -> tuple[LegalFile, ...]:
    """Which of the texts are still the samples that the operator was to replace."""
    samples = _read(SAMPLES)
    return tuple(key for key, text in texts.items() if samples.get(key) == text)


def _written(state: _State, texts: Iterable[LegalFile]) -> dict[LegalFile, datetime]:
    """When each of the files was written, as the file system says."""
    times = {name: written for name, written, *_ in state}
    return {
        key: datetime.fromtimestamp(times[file_name(key)] / 10**9, UTC)
        for key in texts
        if file_name(key) in times
    }


def _files(folder: Path) -> dict[LegalFile, Path]:
    return {
        (name, language): folder / file_name((name, language))
        for name in LEGAL_NAMES
        for language in LANGUAGES
    }


def _state(folder: Path) -> _State:
    found = []
    for file in _files(folder).values():
        try:
            facts = file.stat()
        except OSError:
            continue
        found.append((file.name, facts.st_mtime_ns, facts.st_size, facts.st_ino))
    return tuple(found)


def _read(folder: Path) -> dict[LegalFile, str]:
    texts = {}
    for key, file in _files(folder).items():
        try:
            with file.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
            text = content.decode("utf-8-sig").replace("\r\n", "\n").strip()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            _logger.error("legal text %s: %s", file, reason)  # noqa: TRY400  foreseen
            continue
        if len(content) > MAX_BYTES or not text or "\0" in text:
            _logger.error("legal text %s: empty, or not a text of at most 256 KiB", file)
            continue
        texts[key] = text
    return texts
