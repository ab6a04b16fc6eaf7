"""The forms by which contracts are cancelled and withdrawn from."""

from __future__ import annotations

from typing import Final

from tests.integration.portal.forms.case import FILL_IN, Case, Opened, at
from tests.integration.portal.world import Browser, Portal

DECLARED: Final = {
    "name": "Max Muster",
    "contract": "CloudMatic Complete",
    "email": "max@muster.example",
}


async def _cancellation(_: Portal, browser: Browser) -> Opened:
    return await at(browser, "/cancel-contract")


async def _withdrawal(_: Portal, browser: Browser) -> Opened:
    return await at(browser, "/withdraw-contract")


CASES: Final = (
    Case(
        "/cancel-contract",
        _cancellation,
        {**DECLARED, "identification": "4711", "cancellation": "ordinary"},
        strict=("email", "cancellation"),
        free=("name", "identification", "contract"),
        beside=dict.fromkeys(("email", "cancellation", "name", "contract"), FILL_IN),
        kept=("name", "identification", "contract", "email"),
        counted=True,
    ),
    Case(
        "/withdraw-contract",
        _withdrawal,
        DECLARED,
        strict=("email",),
        free=("name", "contract"),
        beside=dict.fromkeys(DECLARED, FILL_IN),
        kept=("name", "contract", "email"),
        counted=True,
    ),
)
