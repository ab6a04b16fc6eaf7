"""update_script installs, repeats, refuses and gives way; uninstalling leaves nothing of ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.shell.conftest import Hub
from tests.simulated_ccu.config_pages import config_pages

BROKEN = 'url.redirect = ( "^/one" => "/" )\nthis is no configuration\n'


def files(hub: Hub) -> dict[str, bytes | None]:
    """All that lies on the hub and is not a log or the system's: path to content."""
    found: dict[str, bytes | None] = {}
    for folder, _, names in os.walk(hub.fs.root):
        for name in names:
            path = Path(folder) / name
            key = str(path.relative_to(hub.fs.root))
            found[key] = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    return {key: content for key, content in found.items() if not key.startswith("var/log/")}


def folders(hub: Hub) -> set[str]:
    return {str(path.relative_to(hub.fs.root)) for path in hub.fs.root.rglob("*") if path.is_dir()}


@pytest.mark.parametrize("product", ["HM-RASPBERRYMATIC", "CCU3"])
def test_it_installs_and_runs_without_a_reboot(hub: Hub, product: str) -> None:
    finished = hub.install(product)
    assert (finished.returncode, finished.stderr) == (0, "")
    hub.wait_for_service()
    assert len(hub.services()) == 1
    assert [page.url for page in config_pages(hub.fs).values() if page.name == "CloudMatic"] == [
        "/addons/cloudmatic/"
    ]
    assert hub.web.check().ok


def test_the_service_keeps_its_secrets_to_itself(hub: Hub) -> None:
    hub.install()
    hub.wait_for_service()
    state = hub.fs.addons / "cloudmatic"
    assert state.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("product", ["CCU2", "", "ccu3", "CCU3 ", "HM-OTHER"])
def test_it_refuses_other_hubs_and_changes_nothing(hub: Hub, product: str) -> None:
    before = files(hub)
    finished = hub.install(product)
    assert finished.returncode == 1
    assert "CCU3" in finished.stderr
    assert files(hub) == before
    assert hub.services() == []


def test_a_web_server_that_is_broken_already_is_not_broken_further(hub: Hub) -> None:
    (hub.fs.snippets / "other.conf").write_text(BROKEN, encoding="ascii")
    finished = hub.install()
    assert finished.returncode == 1
    assert "lighttpd" in finished.stderr
    assert [path.name for path in hub.fs.snippets.iterdir()] == ["other.conf"]
    assert config_pages(hub.fs)["mh"].url == "/addons/mh/index.cgi"


def test_installed_again_there_is_still_one_of_everything(hub: Hub) -> None:
    hub.install()
    hub.wait_for_service()
    first = hub.services()
    (hub.fs.addons / "cloudmatic/settings.toml").write_text('portal = "https://x.example"\n')
    assert hub.install().returncode == 0
    hub.wait_for_service()
    assert len(hub.services()) == 1
    assert hub.services() != first
    names = [page.name for page in config_pages(hub.fs).values()]
    assert names.count("CloudMatic") == 1
    assert (hub.fs.addons / "cloudmatic/settings.toml").exists()
    assert len(list(hub.fs.snippets.iterdir())) == 1


def test_an_older_versions_leftovers_go_with_an_update(hub: Hub) -> None:
    hub.install()
    (hub.program / "bin/old-program").touch()
    (hub.fs.addons_www / "cloudmatic/static/old.css").touch()
    hub.install()
    assert not (hub.program / "bin/old-program").exists()
    assert not (hub.fs.addons_www / "cloudmatic/static/old.css").exists()


def test_a_damaged_list_of_buttons_is_left_alone_and_said(hub: Hub) -> None:
    hub.fs.hm_addons_cfg.write_bytes(b"mh {CONFIG_URL")
    finished = hub.install()
    assert finished.returncode == 1
    assert "button" in finished.stderr
    assert hub.fs.hm_addons_cfg.read_bytes() == b"mh {CONFIG_URL"


def test_uninstalling_leaves_nothing_of_ours(hub: Hub) -> None:
    before, places, buttons = files(hub), folders(hub), config_pages(hub.fs)
    hub.install()
    hub.wait_for_service()
    finished = hub.rc("uninstall")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert hub.services() == []
    hub.rc_script.unlink()  # the firmware does that itself
    left = files(hub)
    assert left.keys() == before.keys()
    assert {key for key in left if left[key] != before[key]} <= {
        "usr/local/etc/config/hm_addons.cfg"
    }
    assert folders(hub) == places
    after = config_pages(hub.fs)
    assert {key: page.url for key, page in after.items()} == {
        key: page.url for key, page in buttons.items()
    }


def test_uninstalling_after_a_crash_leaves_nothing_either(hub: Hub) -> None:
    before = files(hub)
    hub.install()
    hub.wait_for_service()
    os.kill(hub.services()[0], 9)
    assert hub.rc("uninstall").returncode == 0
    hub.rc_script.unlink()
    assert files(hub).keys() == before.keys()


@pytest.mark.parametrize("broken", [b"mh {CONFIG_URL", b"a b c"])
def test_uninstalling_goes_on_where_the_buttons_cannot_be_read(hub: Hub, broken: bytes) -> None:
    hub.install()
    hub.wait_for_service()
    hub.fs.hm_addons_cfg.write_bytes(broken)
    hub.rc("uninstall")
    assert hub.fs.hm_addons_cfg.read_bytes() == broken
    assert not hub.program.exists()
    assert list(hub.fs.snippets.iterdir()) == []


def test_a_hub_where_cloudmatic_was_switched_off_and_on_again_keeps_one_button_to_us(
    hub: Hub,
) -> None:
    hub.install()
    disabled = hub.fs.etc_config / "cloudmaticDisabled"
    for change in (disabled.touch, disabled.unlink):
        hub.rc("stop")
        change()
        hub.run(hub.fs.root / "etc/init.d/S97CloudMatic", "start")
        hub.rc("start")
        names = {page.url for page in config_pages(hub.fs).values() if page.name == "CloudMatic"}
        assert names == {"/addons/cloudmatic/"}
