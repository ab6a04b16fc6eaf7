"""Somebody wants a code, or no longer wants one. The asking itself is in `services/pairing.py`."""

from __future__ import annotations

from ccu_dashboard.domain.errors import PairingImpossible
from ccu_dashboard.domain.pairing import Open, Wanted
from ccu_dashboard.services.overview import Overview
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import pairing_file


def want(settings: Settings, shown: Overview) -> None:
    """Note that a code is wanted; one that is shown already stays.

    Whoever wants to link the hub wants it to speak to the portal again, too. Raises
    PairingImpossible or OSError.
    """
    if isinstance(shown.pairing, Wanted | Open):
        return
    if not shown.may_pair or shown.serial is None:
        raise PairingImpossible
    settings.silent.unlink(missing_ok=True)
    pairing_file.save(settings.pairing, Wanted())


def stop(settings: Settings) -> None:
    """Show no code any more. Raises OSError."""
    pairing_file.remove(settings.pairing)
