"""A life on a hub that has busybox, tclsh, lighttpd and nothing else: install to uninstall."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub.archives import version_of
from tests.hub.conftest import MakeHub
from tests.simulated_ccu import additional_software

pytestmark = pytest.mark.needs_root


def test_a_whole_life_leaves_nothing_behind(make_hub: MakeHub, archives: tuple[Path, Path]) -> None:
    old, new = archives
    hub = make_hub()
    hub.power_on()
    before = hub.listing()

    assert hub.install(old) == 0
    assert hub.version_shown() == version_of(old)
    state = hub.root / "usr/local/etc/config/addons/cloudmatic"
    (state / "settings.toml").write_text('portal = "https://portal.example"\n')
    assert hub.install(new) == 0
    assert hub.version_shown() == version_of(new)
    assert hub.install(old) == 0
    assert hub.version_shown() == version_of(old)
    assert "portal.example" in (state / "settings.toml").read_text()
    hub.power_cut()
    hub.power_on()
    assert hub.version_shown() == version_of(old)

    assert additional_software.uninstall(hub.run, "", "cloudmatic") == 0
    hub.power_cut()
    hub.power_on()
    assert hub.webui_stands()
    assert _without_runtime(hub.listing()) == _without_runtime(before)


def _without_runtime(listing: dict[str, str]) -> dict[str, str]:
    """Without what is on a tmpfs and differs between any two boots: logs and pid files."""
    return {
        name: what
        for name, what in listing.items()
        if not name.startswith(("var/log/", "var/run/lighttpd", "tmp/on"))
    }
