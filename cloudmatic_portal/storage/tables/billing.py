"""Where invoices go to: one address for each account that has entered one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, String, Table

from cloudmatic_portal.storage.database import UTCDateTime, metadata
from cloudmatic_portal.storage.tables.account import BIG

billing_addresses: Final = Table(
    "billing_addresses",
    metadata,
    Column("account_id", BIG, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("name", String(80), nullable=False),
    Column("company", String(80), nullable=False),
    Column("street", String(80), nullable=False),
    Column("postcode", String(10), nullable=False),
    Column("city", String(60), nullable=False),
    Column("country", String(2), nullable=False),
    Column("vat_id", String(16), nullable=False),
    # The day on which the operator had it confirmed; another number is another question.
    Column("vat_id_confirmed_on", Date),
    Column("changed_at", UTCDateTime, nullable=False),
    CheckConstraint("name <> '' OR company <> ''", name="name"),
    CheckConstraint("street <> '' AND postcode <> '' AND city <> ''", name="address"),
    CheckConstraint("length(country) = 2 AND country = upper(country)", name="country"),
    CheckConstraint("vat_id <> '' OR vat_id_confirmed_on IS NULL", name="vat_id_confirmed_on"),
)
