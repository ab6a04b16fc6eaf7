"""A page that tells why something was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cloudmatic_portal.web.i18n import N_

CLICK_AGAIN: Final = N_("Open the CloudMatic dashboard of your hub and click “Book access” again.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The page for one reason. `sentence` may name the error's facts as `%(fact)s`.

    `on_website`: the way may lead over the products page, with a login. `address` is the page that
    the way leads to, if there is one, and `label` its name.
    """

    status: int
    headline: str
    sentence: str
    way: str = CLICK_AGAIN
    on_website: bool = False
    address: str = ""
    label: str = ""
