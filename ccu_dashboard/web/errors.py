"""Which page explains which error, and with what status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ccu_dashboard.domain import errors
from ccu_dashboard.domain.message import N_
from ccu_dashboard.domain.session import Level


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What happened, what it means, what to do next; `way` is the button that does it.

    A page with `retry_seconds` loads itself again by itself.
    """

    status: int
    title: str
    text: str
    way: str
    address: str
    retry_seconds: int | None = None


WEBUI: Final = "/"
OVERVIEW: Final = "/addons/cloudmatic/"
_TO_WEBUI: Final = N_("To the WebUI")
_TO_OVERVIEW: Final = N_("Back to the overview")
ENGINE_RETRY_SECONDS: Final = 5

SESSION_REQUIRED: Final = ErrorPage(
    403,
    N_("Please log in to the WebUI"),
    N_(
        "This page shows only to somebody who is logged in to this hub's WebUI. There is no login "
        "behind this request, or it has ended. Log in to the WebUI and open CloudMatic again under "
        "Settings > Control panel."
    ),
    _TO_WEBUI,
    WEBUI,
)
NOT_ALLOWED: Final = ErrorPage(
    403,
    N_("Your user may not see this page"),
    N_(
        "You are logged in to the WebUI as a guest. Guests neither see the CloudMatic account nor "
        "book for it. Log in as a user or an administrator."
    ),
    _TO_WEBUI,
    WEBUI,
)
ADMINISTRATORS_ONLY: Final = ErrorPage(
    403,
    N_("Only administrators may do this"),
    N_(
        "Linking and unlinking this hub, and the diagnostics, are for administrators of the WebUI. "
        "Nothing was changed. Log in as an administrator, or ask the one of this hub."
    ),
    _TO_OVERVIEW,
    OVERVIEW,
)
PAIRING_IMPOSSIBLE: Final = ErrorPage(
    409,
    N_("This hub cannot be linked now"),
    N_(
        "Either it has its account already, or it does not know its own serial number. Nothing was "
        "changed. The overview says how things are."
    ),
    _TO_OVERVIEW,
    OVERVIEW,
)
ENGINE_UNAVAILABLE: Final = ErrorPage(
    503,
    N_("The hub is not ready yet"),
    N_(
        "The hub's logic engine, which knows who is logged in, does not answer. This is normal for "
        "some minutes after a start. This page tries again by itself every few seconds."
    ),
    N_("Try again now"),
    OVERVIEW,
    ENGINE_RETRY_SECONDS,
)
FORM_STALE: Final = ErrorPage(
    403,
    N_("This page was no longer current"),
    N_(
        "The button belonged to an earlier login or was pressed before the dashboard started anew. "
        "Nothing was booked. Go back to the overview and click again."
    ),
    _TO_OVERVIEW,
    OVERVIEW,
)
BOOKING_IMPOSSIBLE: Final = ErrorPage(
    409,
    N_("No account is linked to this hub"),
    N_(
        "A package can be booked from here as soon as a CloudMatic account is linked to this hub. "
        "Nothing was booked. The overview says how to link one."
    ),
    _TO_OVERVIEW,
    OVERVIEW,
)
UNKNOWN_PRODUCT: Final = ErrorPage(
    400,
    N_("This package is not on offer"),
    N_("Nothing was booked. The overview shows the packages that can be booked now."),
    _TO_OVERVIEW,
    OVERVIEW,
)
NOT_FOUND: Final = ErrorPage(
    404,
    N_("There is no such page"),
    N_("The address leads nowhere in the CloudMatic dashboard. Start from the overview."),
    _TO_OVERVIEW,
    OVERVIEW,
)
BAD_REQUEST: Final = ErrorPage(
    400,
    N_("That request was not understood"),
    N_("Nothing was changed. Go back to the overview and try again from there."),
    _TO_OVERVIEW,
    OVERVIEW,
)
INTERNAL: Final = ErrorPage(
    500,
    N_("Something went wrong here"),
    N_(
        "This is a fault of the dashboard, not of yours. Nothing was booked. Try again; if it "
        "stays so, the hub's system log names the cause."
    ),
    _TO_OVERVIEW,
    OVERVIEW,
)

_PAGES: Final[dict[type[errors.DashboardError], ErrorPage]] = {
    errors.SessionRequired: SESSION_REQUIRED,
    errors.NotAllowed: NOT_ALLOWED,
    errors.EngineUnavailable: ENGINE_UNAVAILABLE,
    errors.FormStale: FORM_STALE,
    errors.BookingImpossible: BOOKING_IMPOSSIBLE,
    errors.UnknownProduct: UNKNOWN_PRODUCT,
    errors.PairingImpossible: PAIRING_IMPOSSIBLE,
}


def page_of(error: errors.DashboardError) -> ErrorPage:
    if isinstance(error, errors.NotAllowed) and error.level >= Level.USER:
        return ADMINISTRATORS_ONLY
    return _PAGES.get(type(error), INTERNAL)


def page_of_status(status: int) -> ErrorPage:
    """The page for an HTTP error that aiohttp itself answers."""
    if status in {404, 405}:
        return NOT_FOUND
    return BAD_REQUEST if status < 500 else INTERNAL
