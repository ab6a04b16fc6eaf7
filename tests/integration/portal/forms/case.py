"""A form: the page that it stands on, what fills it, and what it says if it is not filled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.integration.portal.pages import Value
from tests.integration.portal.world import Answer, Browser, Portal

Opened = tuple[Answer, str]
"""The page, and the address that the form goes to."""

Opener = Callable[[Portal, Browser], Awaitable[Opened]]

FILL_IN: Final = "Bitte füllen Sie dieses Feld aus."
TOO_SHORT: Final = "Das Passwort ist zu kurz"
WRONG_CODE: Final = "Diesen Code zeigt die App gerade nicht"


@dataclass(frozen=True)
class Case:
    """One form.

    `good` fills it. `strict` are fields in which nothing but what is good is taken; `free` ones
    may hold anything of the right length. `beside` is the sentence beside a field that was left
    empty, `kept` are the fields that still hold what was typed. `counted` is a form that must not
    be sent too often, `mute` one that answers alike whatever it was told, because anything else
    would tell about accounts.
    """

    route: str
    open: Opener
    good: Mapping[str, Value] = field(default_factory=dict)
    strict: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    counted: bool = False
    mute: bool = False
    needs: Literal["login", "booking", "admin"] | None = None


async def at(browser: Browser, address: str) -> Opened:
    return await browser.get(address), address
