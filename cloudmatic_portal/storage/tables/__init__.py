"""The tables. Importing this package makes `metadata` complete."""

from __future__ import annotations

from cloudmatic_portal.storage.database import metadata
from cloudmatic_portal.storage.tables.access import access_periods
from cloudmatic_portal.storage.tables.account import accounts
from cloudmatic_portal.storage.tables.attempt import attempts
from cloudmatic_portal.storage.tables.cart import cart_items, carts
from cloudmatic_portal.storage.tables.catalogue import product_texts, products, terms
from cloudmatic_portal.storage.tables.hub import hub_keys, hubs
from cloudmatic_portal.storage.tables.link import consumed_links
from cloudmatic_portal.storage.tables.mail import mails
from cloudmatic_portal.storage.tables.password_reset import password_resets
from cloudmatic_portal.storage.tables.registration import registrations
from cloudmatic_portal.storage.tables.session import sessions

__all__ = [
    "access_periods",
    "accounts",
    "attempts",
    "cart_items",
    "carts",
    "consumed_links",
    "hub_keys",
    "hubs",
    "mails",
    "metadata",
    "password_resets",
    "product_texts",
    "products",
    "registrations",
    "sessions",
    "terms",
]
