"""What is sold, and for how much from when to when."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from cloudmatic_portal.storage.database import metadata
from cloudmatic_portal.storage.ddl import forbid_overlap

products: Final = Table(
    "products",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("position", Integer, nullable=False),
    Column("active", Boolean(create_constraint=True, name="active"), nullable=False),
    CheckConstraint("length(code) BETWEEN 2 AND 32 AND code = lower(code)", name="code"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("kind IN ('package', 'credit')", name="kind"),
)

product_texts: Final = Table(
    "product_texts",
    metadata,
    Column(
        "product", String(32), ForeignKey("products.code", ondelete="CASCADE"), primary_key=True
    ),
    Column("language", String(2), primary_key=True),
    Column("summary", Text, nullable=False),
    # What it contains, one thing a line.
    Column("features", Text, nullable=False, server_default=""),
    CheckConstraint("language IN ('de', 'en')", name="language"),
)

terms: Final = Table(
    "terms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("product", String(32), ForeignKey("products.code"), nullable=False),
    # Months of a package, messages of a credit.
    Column("quantity", Integer, nullable=False),
    Column("price_cents", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("vat_basis_points", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    UniqueConstraint("product", "quantity", "valid_from"),
    CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity"),
    CheckConstraint("price_cents >= 0", name="price_cents"),
    CheckConstraint("length(currency) = 3 AND currency = upper(currency)", name="currency"),
    CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_basis_points"),
    CheckConstraint("valid_until >= valid_from", name="valid_until"),
)
# On any day a term has one price.
forbid_overlap(terms, "product", "quantity", days=("valid_from", "valid_until"))
