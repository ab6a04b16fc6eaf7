"""What the application and a request carry, declared once and typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from ccu_dashboard.domain.session import Sid, User
from ccu_dashboard.i18n import Language
from ccu_dashboard.services.booking import Booking
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.services.diagnosis import Diagnosis
from ccu_dashboard.services.goodbye import Goodbyes
from ccu_dashboard.services.portal_watch import PortalWatch
from ccu_dashboard.services.sessions import Sessions
from ccu_dashboard.services.signal import Signal
from ccu_dashboard.settings import Settings
from ccu_dashboard.web.forms import FormTokens


@dataclass(frozen=True, slots=True)
class Visitor:
    """The WebUI session behind a request and its user."""

    sid: Sid
    user: User


SETTINGS = web.AppKey("SETTINGS", Settings)
CLOCK = web.AppKey("CLOCK", HubClock)
SESSIONS = web.AppKey("SESSIONS", Sessions)
BOOKING = web.AppKey("BOOKING", Booking)
RANDOM_BYTES: Final[web.AppKey[Callable[[int], bytes]]] = web.AppKey("RANDOM_BYTES")
DIAGNOSIS = web.AppKey("DIAGNOSIS", Diagnosis)
GOODBYES = web.AppKey("GOODBYES", Goodbyes)
PORTAL_WATCH = web.AppKey("PORTAL_WATCH", PortalWatch)
SIGNAL = web.AppKey("SIGNAL", Signal)
FORM_TOKENS = web.AppKey("FORM_TOKENS", FormTokens)

LANGUAGE = web.RequestKey("LANGUAGE", Language)
PREFIX = web.RequestKey("PREFIX", str)
LIVE = web.RequestKey("LIVE", bool)
"""The page waits for something and looks for it by itself."""

VISITOR = web.RequestKey("VISITOR", Visitor)
