"""What the application and its requests carry, each under its typed key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from aiohttp import web

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services.legal import Legal
from cloudmatic_portal.services.mailing import MailDelivery
from cloudmatic_portal.services.releases import ReleaseFeed
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database

Clock = Callable[[], datetime]

SETTINGS: Final = web.AppKey("settings", Settings)
DATABASE: Final = web.AppKey("database", Database)
SECRETS: Final = web.AppKey("secrets", Secrets)
RELEASE_FEED: Final = web.AppKey("release_feed", ReleaseFeed)
LEGAL: Final = web.AppKey("legal", Legal)
MAIL_DELIVERY: Final = web.AppKey("mail_delivery", MailDelivery)
CLOCK: Final[web.AppKey[Clock]] = web.AppKey("clock")
RANDOM_BYTES: Final[web.AppKey[RandomBytes]] = web.AppKey("random_bytes")

LANGUAGE: Final[web.RequestKey[Language]] = web.RequestKey("language")
LOGIN: Final[web.RequestKey[Session | None]] = web.RequestKey("login")
BOOKING: Final[web.RequestKey[Session | None]] = web.RequestKey("booking")
FORM_COOKIE: Final = web.RequestKey("form_cookie", str)
"""The value that form tokens of this browser are bound to."""
