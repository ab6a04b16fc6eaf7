"""What becomes of each table when an account is deleted. Every table is on exactly one list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KEPT: Final[Mapping[str, str]] = {
    "accounts": "the number under which orders were booked; without name, address and password",
    "orders": "receipt",
    "order_items": "receipt",
    "order_terms": "what was agreed",
    "payments": "receipt",
    "subscriptions": "what was agreed",
    "access_changes": "the number alone, for good: gateways have to hear that access has ended",
    "status_stamps": "the number and a random mark, for good: kept receipts may still change",
    "access_periods": "proof that what was paid was delivered",
    "bank_lines": "receipt: what the bank stated, with the payer's name and IBAN, unaltered",
    "credit_entries": "proof that what was paid was delivered",
    "invoices": "receipt: with name and address, unaltered (§ 14b UStG)",
    "invoice_documents": "receipt: what was sent, to the byte (§ 14b UStG)",
    "ledger_entries": "explains what became of each payment",
    "paypal_agreements": "receipt: what PayPal was agreed with",
    "paypal_checkouts": "receipt: what PayPal was paid for",
    "voucher_redemptions": "explains the price of a receipt",
    "vouchers": "explains the price of a receipt",
    "voucher_products": "explains the price of a receipt",
    "batch_vouchers": "explains the price of a receipt",
    "declarations": "letters that were received",
    "hubs": "without its serial number; keeps the revoked keys",
    "hub_keys": "revoked: hubs are told so",
}
"""Stays when an account is deleted, and why, until the law lets it go."""

ERASED: Final = frozenset(
    {
        "billing_addresses",
        "cart_items",
        "cart_vouchers",
        "carts",
        "consumed_links",
        "due_actions",
        "email_changes",
        "mail_links",
        "mails",
        "pairings",
        "password_resets",
        "payers",
        "recovery_codes",
        "registrations",
        "second_factors",
        "second_steps",
        "sessions",
    }
)
"""Goes at once when an account is deleted; what an invoice that is still to be issued needs (the
address, and that it is due) goes when it is.
"""

NOBODYS: Final[Mapping[str, str]] = {
    "access_numbers": "a counter",
    "attempts": "hashes, for a day",
    "audit_log": "what operators did, to numbers; who gives a reason names no customer",
    "chores": "what the portal does by itself",
    "counted_since": "when counting began",
    "entries": "that somebody came in by a link, for 400 days; orders lose the session with the "
    "account",
    "gateways": "our own machines",
    "invoice_series": "a counter",
    "operator_sessions": "operators are no customers",
    "operators": "operators are no customers",
    "paypal_events": "PayPal's numbers, for 90 days once they are dealt with",
    "paypal_plans": "catalogue, at PayPal",
    "product_texts": "catalogue",
    "products": "catalogue",
    "statements": "the bank's files about our own account",
    "terms": "catalogue",
    "voucher_batches": "what operators made at once",
    "statement_uploads": "what an operator brought from the bank, for an hour, or until the sweep",
    "terms_versions": "the operator's texts",
}
"""About nobody, and why."""
