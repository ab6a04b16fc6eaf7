"""Ask the portal once a day which release of the add-on is the latest, and check its signature.

Like `services/status.py` this runs in the short-lived process, after the account's own questions,
and nothing that goes wrong here disturbs those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ccu_dashboard.clients.portal import FeedAnswer, PortalClient
from ccu_dashboard.domain.errors import PortalRefused, PortalUnreachable
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import program, release_keys, release_memory
from ccu_dashboard.storage.release_memory import Asked, ReleaseMemory
from cloudmatic_link import releases
from cloudmatic_link.errors import FeedRefused, TokenError
from cloudmatic_link.keys import KeyUnusable, PublicKey
from cloudmatic_link.releases import ARCHITECTURES, Download, Release

PAUSE: Final = timedelta(days=1)
NO_RELEASE_REASONS: Final = frozenset({"no-release", "not-found"})
"""The second one is what a portal answers that does not know the question."""


class Obstacle(StrEnum):
    """Why this hub does not ask at all."""

    NO_KEYS = "no-keys"
    KEYS_UNUSABLE = "keys-unusable"
    ARCHITECTURE_UNKNOWN = "architecture-unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """What this hub knows of releases; `trouble` is why the last question brought nothing."""

    architecture: str
    obstacle: Obstacle | None = None
    asked_at: datetime | None = None
    trouble: str = ""
    release: Release | None = None

    @property
    def download(self) -> Download | None:
        return self.release.downloads.get(self.architecture) if self.release else None


def known(settings: Settings) -> Known:
    """Return what the hub knows without asking anybody."""
    architecture = program.architecture(settings.architecture)
    try:
        keys = release_keys.load(settings.release_keys)
    except KeyUnusable:
        return Known(architecture, Obstacle.KEYS_UNUSABLE)
    if not keys:
        return Known(architecture, Obstacle.NO_KEYS)
    if architecture not in ARCHITECTURES:
        return Known(architecture, Obstacle.ARCHITECTURE_UNKNOWN)
    memory = release_memory.load(settings.releases)
    asked_at = memory.asked.at if memory.asked else None
    return Known(architecture, None, asked_at, memory.trouble, _accepted(memory, keys))


def look(settings: Settings, clock: HubClock, client: PortalClient) -> None:
    """Ask, if that is due, and keep what may be believed; never raises for a known cause."""
    if known(settings).obstacle is not None:
        return
    memory = release_memory.load(settings.releases)
    asked = Asked(clock.now(), clock.boot, clock.elapsed)
    if not is_due(memory.asked, asked):
        return
    memory = replace(memory, asked=asked)
    try:
        # Kept before asking: a card that cannot be written must not turn a day into minutes.
        release_memory.save(settings.releases, memory)
        release_memory.save(settings.releases, _ask(settings, clock, client, memory))
        _tell(settings)
    except OSError:
        return


def is_due(last: Asked | None, now: Asked) -> bool:
    """Whether a day has passed, as far as that can be told.

    Within one boot the uptime tells, whatever becomes of the clock. Over a restart only the clock
    is left; if it stands before the last question, one of the two times is wrong, and waiting for
    it might take for ever.
    """
    if last is None:
        return True
    if last.boot and last.boot == now.boot:
        return not 0 <= now.elapsed - last.elapsed < PAUSE.total_seconds()
    return not timedelta(0) <= now.at - last.at < PAUSE


def _ask(
    settings: Settings, clock: HubClock, client: PortalClient, memory: ReleaseMemory
) -> ReleaseMemory:
    keys = release_keys.load(settings.release_keys)
    accepted = _accepted(memory, keys)
    try:
        answer = client.release_feed(memory.etag if accepted else None)
        clock.set_by_portal(answer.portal_time)
        feed = _feed(answer, memory)
        releases.accept(feed, keys, now=clock.now(), accepted=accepted)
    except (TokenError, FeedRefused, PortalRefused) as error:
        return replace(memory, trouble=error.reason)
    except PortalUnreachable as error:
        return replace(memory, trouble=error.cause.value)
    return replace(memory, feed=feed, etag=answer.etag, trouble="")


def _feed(answer: FeedAnswer, memory: ReleaseMemory) -> str:
    """Return the feed that the portal has, be it that we have it too."""
    return answer.feed if answer.feed is not None else memory.feed or ""


def _accepted(memory: ReleaseMemory, keys: tuple[PublicKey, ...]) -> Release | None:
    """Return the release that was accepted last, if it was by a key that still counts."""
    try:
        return releases.read(memory.feed, keys) if memory.feed else None
    except (TokenError, FeedRefused):
        return None


def _tell(settings: Settings) -> None:
    """Tell www/update.cgi. Raises OSError."""
    now_known = known(settings)
    if now_known.release is not None and now_known.download is not None:
        address = now_known.download.address
        release_memory.save_latest(settings.latest, now_known.release.version, address)
