"""The tables. Importing this package makes `metadata` complete."""

from __future__ import annotations

from cloudmatic_portal.storage.database import metadata
from cloudmatic_portal.storage.tables.access import access_periods
from cloudmatic_portal.storage.tables.account import accounts
from cloudmatic_portal.storage.tables.attempt import attempts
from cloudmatic_portal.storage.tables.audit import audit_log
from cloudmatic_portal.storage.tables.billing import billing_addresses
from cloudmatic_portal.storage.tables.cart import cart_items, cart_vouchers, carts
from cloudmatic_portal.storage.tables.catalogue import product_texts, products, terms
from cloudmatic_portal.storage.tables.chore import chores
from cloudmatic_portal.storage.tables.credit import credit_entries
from cloudmatic_portal.storage.tables.declaration import declarations
from cloudmatic_portal.storage.tables.due import due_actions
from cloudmatic_portal.storage.tables.email_change import email_changes
from cloudmatic_portal.storage.tables.entry import counted_since, entries
from cloudmatic_portal.storage.tables.gateway import access_changes, access_numbers, gateways
from cloudmatic_portal.storage.tables.hub import hub_keys, hubs
from cloudmatic_portal.storage.tables.invoice import (
    invoice_documents,
    invoice_series,
    invoices,
)
from cloudmatic_portal.storage.tables.ledger import ledger_entries
from cloudmatic_portal.storage.tables.legal import order_terms, terms_versions
from cloudmatic_portal.storage.tables.link import consumed_links
from cloudmatic_portal.storage.tables.mail import mails
from cloudmatic_portal.storage.tables.mail_link import mail_links
from cloudmatic_portal.storage.tables.operator import operator_sessions, operators
from cloudmatic_portal.storage.tables.order import order_items, orders
from cloudmatic_portal.storage.tables.pairing import pairings
from cloudmatic_portal.storage.tables.password_reset import password_resets
from cloudmatic_portal.storage.tables.payment import payments
from cloudmatic_portal.storage.tables.paypal import (
    paypal_agreements,
    paypal_checkouts,
    paypal_events,
    paypal_plans,
)
from cloudmatic_portal.storage.tables.registration import registrations
from cloudmatic_portal.storage.tables.second_factor import recovery_codes, second_factors
from cloudmatic_portal.storage.tables.second_step import second_steps
from cloudmatic_portal.storage.tables.session import sessions
from cloudmatic_portal.storage.tables.statement import bank_lines, payers, statements
from cloudmatic_portal.storage.tables.status_stamp import status_stamps
from cloudmatic_portal.storage.tables.subscription import subscriptions
from cloudmatic_portal.storage.tables.upload import statement_uploads
from cloudmatic_portal.storage.tables.voucher import (
    batch_vouchers,
    voucher_batches,
    voucher_products,
    voucher_redemptions,
    vouchers,
)

__all__ = [
    "access_changes",
    "access_numbers",
    "access_periods",
    "accounts",
    "attempts",
    "audit_log",
    "bank_lines",
    "batch_vouchers",
    "billing_addresses",
    "cart_items",
    "cart_vouchers",
    "carts",
    "chores",
    "consumed_links",
    "counted_since",
    "credit_entries",
    "declarations",
    "due_actions",
    "email_changes",
    "entries",
    "gateways",
    "hub_keys",
    "hubs",
    "invoice_documents",
    "invoice_series",
    "invoices",
    "ledger_entries",
    "mail_links",
    "mails",
    "metadata",
    "operator_sessions",
    "operators",
    "order_items",
    "order_terms",
    "orders",
    "pairings",
    "password_resets",
    "payers",
    "payments",
    "paypal_agreements",
    "paypal_checkouts",
    "paypal_events",
    "paypal_plans",
    "product_texts",
    "products",
    "recovery_codes",
    "registrations",
    "second_factors",
    "second_steps",
    "sessions",
    "statement_uploads",
    "statements",
    "status_stamps",
    "subscriptions",
    "terms",
    "terms_versions",
    "voucher_batches",
    "voucher_products",
    "voucher_redemptions",
    "vouchers",
]
