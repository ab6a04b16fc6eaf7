"""What the application and its requests carry, each under its typed key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from aiohttp import web

from cloudmatic_portal.clients.paypal.api import PayPal
from cloudmatic_portal.clients.paypal.webhooks import Webhooks
from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.operator import OperatorSession
from cloudmatic_portal.domain.session import Session
from cloudmatic_portal.services.hub_status import HubKeys
from cloudmatic_portal.services.legal import Legal
from cloudmatic_portal.services.mailing import MailDelivery
from cloudmatic_portal.services.metrics import Metrics
from cloudmatic_portal.services.paypal.watch import PayPalWatch
from cloudmatic_portal.services.releases import ReleaseFeed
from cloudmatic_portal.services.secrets import Secrets
from cloudmatic_portal.services.sessions import RandomBytes
from cloudmatic_portal.services.vitals import Readiness
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.storage.database import Database

Clock = Callable[[], datetime]

SETTINGS: Final = web.AppKey("settings", Settings)
DATABASE: Final = web.AppKey("database", Database)
HUB_KEYS: Final = web.AppKey("hub_keys", HubKeys)
SECRETS: Final = web.AppKey("secrets", Secrets)
RELEASE_FEED: Final = web.AppKey("release_feed", ReleaseFeed)
LEGAL: Final = web.AppKey("legal", Legal)
MAIL_DELIVERY: Final = web.AppKey("mail_delivery", MailDelivery)
PAYPAL: Final = web.AppKey("paypal", PayPal)
"""There only if the settings name a PayPal account; so are its webhooks."""
WEBHOOKS: Final = web.AppKey("webhooks", Webhooks)
PAYPAL_WATCH: Final = web.AppKey("paypal_watch", PayPalWatch)
CLOCK: Final[web.AppKey[Clock]] = web.AppKey("clock")
RANDOM_BYTES: Final[web.AppKey[RandomBytes]] = web.AppKey("random_bytes")

METRICS: Final = web.AppKey("metrics", Metrics)
READINESS: Final = web.AppKey("readiness", Readiness)

REQUEST_ID: Final = web.RequestKey("request_id", str)
LANGUAGE: Final[web.RequestKey[Language]] = web.RequestKey("language")
LOGIN: Final[web.RequestKey[Session | None]] = web.RequestKey("login")
BOOKING: Final[web.RequestKey[Session | None]] = web.RequestKey("booking")
OPERATOR: Final[web.RequestKey[OperatorSession | None]] = web.RequestKey("operator")
"""Who is logged in below `/admin`."""
ADMIN_MENU: Final[web.RequestKey[tuple[tuple[str, str], ...]]] = web.RequestKey("admin_menu")
"""Addresses and labels of the operator pages that the operator's role reaches."""
FORMS_LEAD_TO: Final = web.RequestKey("forms_lead_to", str)
"""The origin beside ours that forms of this page may lead to."""
FORM_COOKIE: Final = web.RequestKey("form_cookie", str)
"""The value that form tokens of this browser are bound to."""
