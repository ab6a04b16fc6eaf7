"""Uninstalling leaves nothing of ours, whatever state the hub is in."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.shell.conftest import Hub
from tests.shell.contents import files, folders
from tests.simulated_ccu.config_pages import config_pages


def test_uninstalling_leaves_nothing_of_ours(hub: Hub) -> None:
    before, places, buttons = files(hub), folders(hub), config_pages(hub.fs)
    hub.install()
    hub.wait_for_service()
    finished = hub.rc("uninstall")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert hub.services() == []
    hub.rc_script.unlink()  # the firmware does that itself
    assert files(hub) == before
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


def test_without_any_program_the_start_script_still_uninstalls(hub: Hub) -> None:
    hub.install()
    hub.rc("stop")
    shutil.rmtree(hub.program.parent)
    assert hub.rc("start").returncode == 0
    assert "fehlt" in hub.rc("info.de").stdout
    assert "Operations: uninstall\n" in hub.rc("info").stdout
    hub.rc("uninstall")
    hub.rc_script.unlink()
    assert [key for key in files(hub) if "cloudmatic" in key and "addons/mh" not in key] == []
