"""A hub's folders in a temporary place, and clocks that stand where a test puts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from ccu_dashboard.settings import Settings
from tests.factories import PORTAL, TODAY
from tests.simulated_ccu.account_files import AccountFiles, Case, account_files
from tests.unit.ccu_dashboard.portal_server import Portal, running_portal

# Under load, time says nothing about a strategy; every example still counts.
hypothesis_settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("any machine")


def write_account_files(folder: Path, files: AccountFiles) -> None:
    """As the simulated hub does, without the rest of it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.by_name().items():
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_bytes(content)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A hub with a linked account and an empty state folder."""
    settings = Settings(root=tmp_path, portal=PORTAL)
    write_account_files(settings.vendor_folder, account_files(Case.LINKED, TODAY))
    settings.state_folder.mkdir(parents=True)
    return settings


@pytest.fixture
def portal() -> Iterator[Portal]:
    with running_portal() as running:
        yield running


@pytest.fixture
def hub(settings: Settings, portal: Portal) -> Settings:
    return replace(settings, portal=portal.url)


@pytest.fixture
def alone(hub: Settings) -> Settings:
    """A hub whose firmware names no account."""
    write_account_files(hub.vendor_folder, account_files(Case.NOT_LINKED, TODAY))
    return hub
