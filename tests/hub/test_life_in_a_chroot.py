"""A life on a hub that has busybox, tclsh, lighttpd and nothing else: install to uninstall."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.hub.archives import version_of
from tests.hub.hubs import MakeHub
from tests.hub.listing import without_runtime
from tests.simulated_ccu import additional_software

pytestmark = pytest.mark.needs_root
RELAY = "/addons/cloudmatic/index.cgi/"


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
    assert without_runtime(hub.listing()) == without_runtime(before)


def test_a_ccu3_installs_at_the_boot_and_shows_the_pages_by_the_relay(
    make_hub: MakeHub, archive: Path
) -> None:
    """eQ-3's firmware: early in the boot, no web server, no include, no monit."""
    hub = make_hub(product="CCU3", includes_snippets=False)
    hub.power_on()
    before = hub.listing()
    hub.upload(archive)
    hub.power_cut()
    hub.power_on(boot=False)
    assert hub.run("/bin/install_addon", "CCU3").returncode == 0
    hub.run("/usr/sbin/lighttpd", "-f", "/etc/lighttpd/lighttpd.conf", check=True)
    hub.run("/etc/init.d/rcS", "start", check=True)
    assert hub.version_shown(RELAY) == version_of(archive)
    shown = additional_software.entry(hub.run, "", "cloudmatic")
    assert shown.values["Config-Url"] == RELAY
    assert additional_software.uninstall(hub.run, "", "cloudmatic") == 0
    hub.power_cut()
    hub.power_on()
    assert without_runtime(hub.listing()) == without_runtime(before)


def test_another_add_ons_broken_part_brings_no_webui_down(make_hub: MakeHub, archive: Path) -> None:
    hub = make_hub()
    hub.power_on()
    other = hub.root / "usr/local/etc/config/lighttpd/other.conf"
    other.write_text('url.redirect = ( "^/a" => "/b" )\nurl.redirect = ( "^/c" => "/d" )\n')
    assert hub.install(archive) == 0
    assert not other.with_name("cloudmatic.conf").exists()
    assert hub.version_shown(RELAY) == version_of(archive)
    # Longer than it would wait before a reload.
    time.sleep(3)
    assert hub.webui_stands()
    assert additional_software.uninstall(hub.run, "", "cloudmatic") == 0
    time.sleep(3)
    assert hub.webui_stands()


def test_a_part_that_was_broken_later_is_not_reloaded_into(
    make_hub: MakeHub, archive: Path
) -> None:
    """Between the installation's check and its reload somebody else breaks the configuration."""
    hub = make_hub()
    hub.power_on()
    assert hub.install(archive) == 0
    (hub.root / "usr/local/etc/config/lighttpd/other.conf").write_text("rubbish\n")
    time.sleep(3)
    assert hub.webui_stands()
