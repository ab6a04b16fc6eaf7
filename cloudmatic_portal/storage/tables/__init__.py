"""The tables. Importing this package makes `metadata` complete."""

from __future__ import annotations

from cloudmatic_portal.storage.database import metadata
from cloudmatic_portal.storage.tables.access import access_periods
from cloudmatic_portal.storage.tables.account import accounts
from cloudmatic_portal.storage.tables.attempt import attempts
from cloudmatic_portal.storage.tables.audit import audit_log
from cloudmatic_portal.storage.tables.cart import cart_items, cart_vouchers, carts
from cloudmatic_portal.storage.tables.catalogue import product_texts, products, terms
from cloudmatic_portal.storage.tables.credit import credit_entries
from cloudmatic_portal.storage.tables.due import due_actions
from cloudmatic_portal.storage.tables.hub import hub_keys, hubs
from cloudmatic_portal.storage.tables.ledger import ledger_entries
from cloudmatic_portal.storage.tables.link import consumed_links
from cloudmatic_portal.storage.tables.mail import mails
from cloudmatic_portal.storage.tables.mail_link import mail_links
from cloudmatic_portal.storage.tables.operator import operator_sessions, operators
from cloudmatic_portal.storage.tables.order import order_items, orders
from cloudmatic_portal.storage.tables.pairing import pairings
from cloudmatic_portal.storage.tables.password_reset import password_resets
from cloudmatic_portal.storage.tables.payment import payments
from cloudmatic_portal.storage.tables.registration import registrations
from cloudmatic_portal.storage.tables.session import sessions
from cloudmatic_portal.storage.tables.statement import bank_lines, payers, statements
from cloudmatic_portal.storage.tables.subscription import subscriptions
from cloudmatic_portal.storage.tables.upload import statement_uploads
from cloudmatic_portal.storage.tables.voucher import (
    voucher_products,
    voucher_redemptions,
    vouchers,
)

__all__ = [
    "access_periods",
    "accounts",
    "attempts",
    "audit_log",
    "bank_lines",
    "cart_items",
    "cart_vouchers",
    "carts",
    "consumed_links",
    "credit_entries",
    "due_actions",
    "hub_keys",
    "hubs",
    "ledger_entries",
    "mail_links",
    "mails",
    "metadata",
    "operator_sessions",
    "operators",
    "order_items",
    "orders",
    "pairings",
    "password_resets",
    "payers",
    "payments",
    "product_texts",
    "products",
    "registrations",
    "sessions",
    "statement_uploads",
    "statements",
    "subscriptions",
    "terms",
    "voucher_products",
    "voucher_redemptions",
    "vouchers",
]
