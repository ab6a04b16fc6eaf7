"""The ways into a booking without a login: what is counted of them, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

EntryWay = Literal["hub", "mail"]
"""By a hub's signed link, or by the link of a mail about the end of a package."""

KEPT: Final = timedelta(days=400)
"""As long as the operator's pictures reach back, this month and eleven before it, and a bit."""
