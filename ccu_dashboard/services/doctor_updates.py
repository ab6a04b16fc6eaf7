"""What `doctor` says of updates of the add-on."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ccu_dashboard.domain.finding import Finding, State
from ccu_dashboard.domain.message import N_, Message
from ccu_dashboard.services import releases
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from cloudmatic_link import __version__
from cloudmatic_link.releases import is_newer

COMMAND: Final = "/usr/local/addons/cloudmatic/current/bin/ccu-dashboard"
SPEAK_AGAIN: Final = Message(N_("On the dashboard an administrator can let it speak again."))
"""The cure where the hub keeps away from the portal."""

_ASKED_LATELY: Final = timedelta(days=3)
_NEVER_ASKED: Final = {
    releases.Obstacle.NO_KEYS: (
        State.WARNING, N_("not asked for: this version trusts no publisher's key yet"), None,
    ),
    releases.Obstacle.KEYS_UNUSABLE: (
        State.FAILED, N_("not asked for: the publisher's keys cannot be read"),
        Message(N_("Install the add-on again.")),
    ),
    releases.Obstacle.ARCHITECTURE_UNKNOWN: (
        State.WARNING, N_("not asked for: no release is made for %(processor)s"), None,
    ),
}  # fmt: skip


def examine(settings: Settings, clock: HubClock) -> Finding:
    subject = N_("Updates")
    known = releases.known(settings)
    if known.obstacle is not None:
        state, why, cure = _NEVER_ASKED[known.obstacle]
        return Finding(subject, state, Message(why, {"processor": known.architecture}), cure)
    if settings.silent.exists():
        found = Message(N_("not asked for: personal data were deleted here"))
        return Finding(subject, State.WARNING, found, SPEAK_AGAIN)
    advice = Message(N_("Run: %(command)s status --refresh"), {"command": COMMAND})
    if known.asked_at is None:
        return Finding(subject, State.WARNING, Message(N_("not asked for yet")), advice)
    if abs(clock.now() - known.asked_at) > _ASKED_LATELY:
        found = Message(N_("not asked for since %(day)s"), {"day": known.asked_at.date()})
        return Finding(subject, State.WARNING, found, advice)
    return _asked(subject, known)


def _asked(subject: str, known: releases.Known) -> Finding:
    if known.trouble in releases.NO_RELEASE_REASONS:
        return Finding(subject, State.OK, Message(N_("the portal has no release to tell of")))
    if known.release is None or known.trouble:
        values = {"reason": known.trouble or "unknown"}
        found = Message(N_("the portal's last word on them does not count: %(reason)s"), values)
        advice = Message(N_("The hub asks again tomorrow. Until then it goes by what it knew."))
        return Finding(subject, State.WARNING, found, advice)
    values = {"version": known.release.version}
    if not is_newer(known.release.version, __version__):
        return Finding(subject, State.OK, Message(N_("none newer than %(version)s"), values))
    found = Message(N_("version %(version)s is available"), values)
    if known.download is None:
        advice = Message(N_("It is not made for this hub's processor."))
        return Finding(subject, State.OK, found, advice)
    values = {"address": known.download.address, "sha256": known.download.sha256}
    advice = Message(
        N_(
            "Install it under Settings > Control panel > Additional software: %(address)s "
            "(SHA-256 %(sha256)s)"
        ),
        values,
    )
    return Finding(subject, State.WARNING, found, advice)
