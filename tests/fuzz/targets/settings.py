"""The files that operators and owners write: settings, catalogue, seller (TOML)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from ccu_dashboard import settings as hub
from ccu_dashboard.storage import signal_switch
from cloudmatic_portal import settings as portal
from cloudmatic_portal.services import catalogue_file
from cloudmatic_portal.services.catalogue_file import CatalogueUnreadable
from cloudmatic_portal.settings import SettingsWrong
from tests.fuzz.parts import folder

PROMISE = "any bytes are settings, or all that is wrong with them; no value stands in the message"

_ROOT: Final = Path(__file__).parents[3]
_SECRET: Final = "hunter2" * 6


def check(data: bytes) -> None:
    file = _hub().file
    file.write_bytes(data)
    with contextlib.suppress(hub.SettingsInvalid):
        hub.load({"CCU_ROOT": str(_hub().root)})
    assert signal_switch.load(file) in {True, False}
    for name in ("CONFIG", "SELLER_FILE"):
        assert _SECRET not in _complaint({f"CLOUDMATIC_PORTAL_{name}": str(file)})
    with contextlib.suppress(CatalogueUnreadable):
        catalogue_file.read(data.decode("utf-8", "replace"))


def _complaint(environment: dict[str, str]) -> str:
    try:
        portal.from_environment(environment)
    except SettingsWrong as error:
        return str(error)
    return ""


@cache
def _hub() -> hub.Settings:
    settings = hub.Settings(root=folder("settings"))
    settings.state_folder.mkdir(parents=True)
    return settings


def seeds() -> Iterable[bytes]:
    for name in ("deploy/portal.toml", "deploy/verkaeufer.toml"):
        yield (_ROOT / name).read_bytes()
    yield (_ROOT / "cloudmatic_portal" / "catalogue.toml").read_bytes()
    yield b'portal = "https://portal.example"\nengine = "http://127.0.0.1:8183"\n'
    yield b"days_variable = true\n"
    yield f'secret = "{_SECRET}\n'.encode()
    yield f'paypal_secret = "{_SECRET}"\nsmtp = "smtp://u:{_SECRET}@:x"\nport = 0x1f\n'.encode()
    yield b"port = 0x" + b"f" * 5000
    yield b"port = " + b"[" * 5000
    yield b"note_days = [3, 10]\nsample_prices = true\nstatus = 1979-05-27"
