"""The release feed: what the publisher says is the latest add-on, signed where no portal can.

The portal hands the feed on and holds no key for it. A hub takes only what one of the publisher's
keys signed that came with the hub's own program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from cloudmatic_link import signing
from cloudmatic_link.claims import Statement, text_claim
from cloudmatic_link.errors import BadClaim, OlderFeed, UntrustedKey
from cloudmatic_link.formats import DOWNLOAD, SHA256, VERSION
from cloudmatic_link.keys import PublicKey

ARCHITECTURES: Final = ("armv7l", "aarch64", "x86_64")
"""The hubs' processors, as `uname -m` calls them."""

MAX_SIZE: Final = 99_999_999
"""Bytes of an archive; the hubs' upload page takes far less."""


@dataclass(frozen=True, slots=True)
class Download:
    """One archive: where it is, its SHA-256 in hex, its size in bytes."""

    address: str
    sha256: str
    size: int

    def to_json(self) -> dict[str, Any]:
        return {"address": self.address, "sha256": self.sha256, "size": self.size}

    @classmethod
    def from_json(cls, members: object) -> Download:
        if not isinstance(members, dict):
            raise BadClaim("downloads")
        size = members.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= MAX_SIZE:
            raise BadClaim("size")
        return cls(
            text_claim(members, "address", DOWNLOAD), text_claim(members, "sha256", SHA256), size
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Statement):
    """`version` is the latest; `downloads` are its archives by architecture."""

    TYPE: ClassVar[str] = "release-feed+jwt"
    LIFETIME: ClassVar[timedelta] = timedelta(days=400)

    version: str
    downloads: Mapping[str, Download]

    def to_payload(self) -> dict[str, Any]:
        return Statement.to_payload(self) | {
            "version": self.version,
            "downloads": {name: each.to_json() for name, each in self.downloads.items()},
        }

    @classmethod
    def _fields(cls, payload: Mapping[str, Any]) -> dict[str, Any]:
        downloads = payload.get("downloads")
        if not isinstance(downloads, dict):
            raise BadClaim("downloads")
        # `super()` without arguments does not work in a dataclass with slots.
        return super(Release, cls)._fields(payload) | {
            "version": text_claim(payload, "version", VERSION),
            # Of an architecture that a later release may bring, this program knows nothing.
            "downloads": {
                name: Download.from_json(downloads[name])
                for name in ARCHITECTURES
                if name in downloads
            },
        }


def is_newer(version: str, than: str) -> bool:
    """Whether `version` comes after `than`; what is not numbered comes after nothing."""
    if not VERSION.fullmatch(version) or not VERSION.fullmatch(than):
        return False
    return _numbers(version) > _numbers(than)


def read(feed: str, keys: Iterable[PublicKey]) -> Release:
    """Return what `feed` says if one of `keys` signed it, whether or not it still holds.

    Raises TokenError or UntrustedKey.
    """
    unverified = signing.read(feed, Release)
    for key in keys:
        if key.key_id == unverified.key_id:
            return unverified.statement(key)
    raise UntrustedKey(unverified.key_id)


def accept(
    feed: str, keys: Iterable[PublicKey], *, now: datetime, accepted: Release | None
) -> Release:
    """Return what `feed` says if it holds at `now` and `accepted` was not made after it.

    What counts is when a feed was made, not its version: so the publisher can take a bad release
    back by signing the one before it anew, and nobody else can.

    Raises TokenError or FeedRefused.
    """
    release = read(feed, keys)
    signing.require_valid(release, now)
    if accepted is not None and release.issued_at < accepted.issued_at:
        raise OlderFeed(release.issued_at, accepted.issued_at)
    return release


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
