"""The examples in `deploy/` fit together."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml  # type: ignore[import-untyped]

DEPLOY = Path(__file__).parents[2] / "deploy"
SETTINGS = "/etc/cloudmatic/"


def test_a_container_sees_every_file_that_the_settings_name() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    settings = tomllib.loads((DEPLOY / "portal.toml").read_text("utf-8"))
    named = {each for each in settings.values() if str(each).startswith(SETTINGS)}
    assert len(named) == 3
    for name in ("migrate", "web-one", "web-two", "worker-one", "worker-two"):
        mounted = {each.split(":")[1] for each in compose["services"][name]["volumes"]}
        assert mounted == {*named, f"{SETTINGS}portal.toml"}


def unit(name: str, port: str) -> dict[str, str]:
    """The variables that systemd gives the process."""
    text = (DEPLOY / "systemd" / name).read_text("utf-8").replace("%i", port)
    lines = [each for each in text.splitlines() if each.startswith("Environment=")]
    return dict(each.removeprefix("Environment=").split("=", 1) for each in lines)


def test_processes_on_one_machine_tell_their_health_on_ports_of_their_own() -> None:
    units = [("cloudmatic-portal@.service", port) for port in ("8080", "8081")]
    units.append(("cloudmatic-portal-worker.service", ""))
    told = [unit(*each).get("CLOUDMATIC_PORTAL_STATUS") for each in units]
    assert told == ["127.0.0.1:18080", "127.0.0.1:18081", "127.0.0.1:18000"]
