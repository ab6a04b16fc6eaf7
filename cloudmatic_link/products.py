"""The packages that a hub offers by itself, in the help page's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Product:
    """A package: its code in links and tables, and its name as the customer knows it."""

    code: str
    name: str


PACKAGES: Final = (
    Product("connect", "CloudMatic Connect"),
    Product("smarthome", "CloudMatic SmartHome"),
    Product("complete", "CloudMatic Complete"),
    Product("fullservice", "CloudMatic FullService"),
)
"""What can be booked from a hub that has not heard from the portal yet."""
