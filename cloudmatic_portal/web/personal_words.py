"""What tables and columns are called where customers see their own data.

What has no word here is shown under the name that the database has for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloudmatic_portal.web.i18n import N_

TABLES: Final[Mapping[str, str]] = {
    "accounts": N_("Account"),
    "access_periods": N_("Access"),
    "cart_items": N_("Articles in the cart"),
    "cart_vouchers": N_("Vouchers in the cart"),
    "carts": N_("Cart"),
    "consumed_links": N_("Booking links that were used"),
    "credit_entries": N_("SMS credit"),
    "declarations": N_("Cancellations and withdrawals"),
    "due_actions": N_("What is planned or was done for your account"),
    "email_changes": N_("Changes of the e-mail address"),
    "hub_keys": N_("Keys of your hubs"),
    "hubs": N_("Your hubs"),
    "mail_links": N_("Links in mails"),
    "mails": N_("Mails to you"),
    "order_items": N_("Articles of your orders"),
    "order_terms": N_("Terms of your orders"),
    "orders": N_("Orders"),
    "password_resets": N_("Links for a new password"),
    "payments": N_("Payments"),
    "registrations": N_("Registrations"),
    "sessions": N_("Logins and bookings"),
    "subscriptions": N_("Subscriptions"),
    "voucher_redemptions": N_("Vouchers that were redeemed"),
    "vouchers": N_("Vouchers for you"),
    "voucher_products": N_("What vouchers for you are for"),
}

COLUMNS: Final[Mapping[str, str]] = {
    "account_id": N_("CloudMatic-ID"),
    "user_name": N_("User name"),
    "email": N_("E-mail address"),
    "language": N_("Language"),
    "created_at": N_("made on"),
    "product": N_("Product"),
    "name": N_("Name"),
    "first_day": N_("First day"),
    "last_day": N_("Last day"),
    "trial": N_("Trial"),
    "quantity": N_("Quantity"),
    "kind": N_("Kind"),
    "state": N_("State"),
    "method": N_("Method of payment"),
    "reference": N_("Number"),
    "total_cents": N_("Total"),
    "paid_cents": N_("Paid"),
    "price_cents": N_("Price"),
    "list_cents": N_("List price"),
    "amount_cents": N_("Amount"),
    "saved_cents": N_("Saved"),
    "pay_until": N_("Pay until"),
    "received_on": N_("Received on"),
    "received_at": N_("received at"),
    "serial": N_("Serial number"),
    "enrolled_at": N_("linked since"),
    "revoked_at": N_("revoked on"),
    "expires_at": N_("good until"),
    "used_at": N_("used on"),
    "recipient": N_("Recipient"),
    "facts": N_("Content"),
    "sent_at": N_("sent on"),
    "due_at": N_("due on"),
    "last_seen_at": N_("last seen on"),
    "contract": N_("Contract"),
    "reason": N_("Reason"),
    "identification": N_("CloudMatic-ID or user name"),
}
