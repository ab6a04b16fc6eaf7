"""The release feed: a signed file that the publisher lays down and the portal hands on.

The portal cannot sign one and judges none; it only looks whether the file could be a feed, so
that a wrong file is the operator's news and not every hub's.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloudmatic_link import signing
from cloudmatic_link.errors import TokenError
from cloudmatic_link.releases import Release
from cloudmatic_portal.domain.errors import NoRelease

_logger = logging.getLogger(__name__)

_State = tuple[int, int, int]
_MAX_BYTES: Final = 2 * signing.MAX_LENGTH


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the file held in that state; None if it was no feed."""

    state: _State
    feed: str | None


class ReleaseFeed:
    """The feed in `path`, read again whenever that file has changed."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: _Seen | None = None

    async def latest(self) -> str:
        """Return the signed feed. Raises NoRelease."""
        # A file system may be slow, and other requests do not wait for it.
        feed = await asyncio.to_thread(self._latest, self._path) if self._path else None
        if feed is None:
            raise NoRelease
        return feed

    def _latest(self, path: Path) -> str | None:
        # Several requests may be here at once: each goes by what itself has seen.
        seen = self._seen
        try:
            found = path.stat()
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
            if seen is None or seen.state != state:
                self._seen = seen = _Seen(state, _read(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            _logger.warning("release feed %s: %s", path, error.strerror)
            return None
        return seen.feed


def _read(path: Path) -> str | None:
    with path.open("rb") as stream:
        content = stream.read(_MAX_BYTES)
    try:
        feed = content.decode("ascii").strip()
        signing.read(feed, Release)
    except (UnicodeDecodeError, TokenError) as error:
        reason = error.reason if isinstance(error, TokenError) else "not ASCII"
        _logger.error("release feed %s is not handed on: %s", path, reason)  # noqa: TRY400  foreseen
        return None
    return feed
