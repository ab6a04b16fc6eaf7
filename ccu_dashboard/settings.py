"""The dashboard's settings: every path below one root, and the only reader of the environment."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cloudmatic_link.formats import parse_origin

PREFIX: Final = "/addons/cloudmatic"
"""Where the WebUI's web server shows the dashboard."""

RELAY_PREFIX: Final = f"{PREFIX}/index.cgi"
"""Where it shows it if lighttpd takes no part of ours: www/index.cgi passes requests on."""

DEFAULT_PORTAL: Final = "https://www.cloudmatic.de"
DEFAULT_ENGINE: Final = "http://127.0.0.1:8183"
RELEASE_KEYS: Final = Path(__file__).parent / "release_keys.json"
_STORED: Final = frozenset({"portal", "engine", "days_variable"})
"""`days_variable` is read where it is needed: the dashboard's page switches it."""

SERVICE_UID: Final = 64711
"""Numeric, because /etc/passwd of a CCU is read-only and knows no user of ours."""


class SettingsInvalid(Exception):
    """All settings that cannot be used, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """Where things are on this hub. `root` is `/` on a hub and a folder in tests."""

    root: Path = Path("/")
    portal: str = DEFAULT_PORTAL
    engine: str = DEFAULT_ENGINE
    ca_bundle: Path | None = None
    service_uid: int = SERVICE_UID
    release_keys: Path = RELEASE_KEYS
    """Whose releases count. Comes with the program; nothing on the hub can add to it."""

    @cached_property
    def architecture(self) -> Path:
        """Says which processor the installed program was made for."""
        return self.root / "usr/local/addons/cloudmatic/current/ARCH"

    @cached_property
    def vendor_folder(self) -> Path:
        return self.root / "etc/config/addons/mh"

    @cached_property
    def serial_files(self) -> tuple[Path, ...]:
        """Files that may name the hub's serial, the most trustworthy first."""
        return (
            self.vendor_folder / "ids",
            self.root / "var/board_serial",
            self.root / "etc/config/ids",
        )

    @cached_property
    def state_folder(self) -> Path:
        return self.root / "usr/local/etc/config/addons/cloudmatic"

    @cached_property
    def file(self) -> Path:
        """What the owner of the hub has set."""
        return self.state_folder / "settings.toml"

    @cached_property
    def hub_key(self) -> Path:
        return self.state_folder / "hub_key.pem"

    @cached_property
    def status(self) -> Path:
        return self.state_folder / "status.json"

    @cached_property
    def link(self) -> Path:
        """The account that this hub was paired with, where the firmware's files name none."""
        return self.state_folder / "link.json"

    @cached_property
    def pairing(self) -> Path:
        """A pairing that is under way."""
        return self.state_folder / "pairing.json"

    @cached_property
    def silent(self) -> Path:
        """There as long as the hub keeps away from the portal: personal data were deleted."""
        return self.state_folder / "silent"

    @cached_property
    def run_folder(self) -> Path:
        return self.root / "var/run/cloudmatic"

    @cached_property
    def releases(self) -> Path:
        return self.state_folder / "releases.json"

    @cached_property
    def latest(self) -> Path:
        """What www/update.cgi tells the firmware of the latest release."""
        return self.state_folder / "latest"

    @cached_property
    def socket(self) -> Path:
        return self.run_folder / "dashboard.sock"

    @cached_property
    def relay_port(self) -> Path:
        """Names the loopback port on which the relay finds the service."""
        return self.run_folder / "relay.port"

    @cached_property
    def lock(self) -> Path:
        """Locked by the one service as long as it runs."""
        return self.run_folder / "service.lock"


def load(environment: Mapping[str, str]) -> Settings:
    """Read `settings.toml` of the hub, overridden by the environment: CCU_ROOT, CLOUDMATIC_*.

    Raises SettingsInvalid with every problem at once.
    """
    problems: list[str] = []
    root = Path(environment.get("CCU_ROOT") or "/")
    file = Settings(root=root).file
    stored = _read_toml(file, problems)
    settings = Settings(
        root=root,
        portal=_portal(environment.get("CLOUDMATIC_PORTAL", stored.get("portal")), problems),
        engine=_engine(environment.get("CLOUDMATIC_ENGINE_URL", stored.get("engine")), problems),
        ca_bundle=_ca_bundle(environment.get("CLOUDMATIC_CA_BUNDLE"), problems),
        service_uid=_uid(environment.get("CLOUDMATIC_SERVICE_UID"), problems),
    )
    if not isinstance(stored.get("days_variable", False), bool):
        problems.append("days_variable: expected true or false")
    problems += [f"{file}: unknown setting {name!r}" for name in stored.keys() - _STORED]
    if problems:
        raise SettingsInvalid(problems)
    return settings


def _read_toml(file: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        problems.append(f"{file}: {error}")
        return {}


def _portal(value: object, problems: list[str]) -> str:
    if value is None:
        return DEFAULT_PORTAL
    try:
        return parse_origin(str(value))
    except ValueError as error:
        problems.append(f"portal: {error}")
        return DEFAULT_PORTAL


def _engine(value: object, problems: list[str]) -> str:
    if value is None:
        return DEFAULT_ENGINE
    try:
        engine = parse_origin(str(value))
    except ValueError:
        engine = ""
    if urlsplit(engine).scheme != "http":
        problems.append("engine: expected http://127.0.0.1:PORT; the engine is on this hub")
    return engine


def _ca_bundle(value: str | None, problems: list[str]) -> Path | None:
    if value is None:
        return None
    if not Path(value).is_file():
        problems.append(f"CLOUDMATIC_CA_BUNDLE: there is no file {value}")
    return Path(value)


def _uid(value: str | None, problems: list[str]) -> int:
    if value is None:
        return SERVICE_UID
    if not value.isdecimal():
        problems.append("CLOUDMATIC_SERVICE_UID: expected a number")
        return SERVICE_UID
    return int(value)
