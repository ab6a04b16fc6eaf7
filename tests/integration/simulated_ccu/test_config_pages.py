"""The HomeMatic package and OpenCCU's command line treat hm_addons.cfg as the vendor's do."""

from __future__ import annotations

import subprocess

import pytest

from tests.simulated_ccu.config_pages import ConfigPage, add_config_page, config_pages
from tests.simulated_ccu.file_system import SimulatedFileSystem

DEMO = ConfigPage(
    "demo", "/addons/demo/", "Demo {x}", {"de": "<li>Größe</li>", "en": "<li>$a</li>"}
)


def update_addon_config(fs: SimulatedFileSystem, *options: str) -> int:
    """Exit code of OpenCCU's /bin/updateAddonConfig.tcl."""
    command = [str(fs.bin / "updateAddonConfig.tcl"), *options]
    return subprocess.run(
        command, env=fs.environment(), check=False, capture_output=True
    ).returncode


def test_adding_a_page_keeps_the_others(fs: SimulatedFileSystem) -> None:
    before = config_pages(fs)
    add_config_page(fs, DEMO)
    assert config_pages(fs) == before | {"demo": DEMO}


def test_adding_a_page_twice_replaces_it(fs: SimulatedFileSystem) -> None:
    add_config_page(fs, DEMO)
    changed = ConfigPage("demo", "/addons/other/", "Other", {"de": "x"})
    add_config_page(fs, changed)
    assert config_pages(fs)["demo"] == changed


def test_the_file_is_rewritten_in_place_without_atomic_replace(fs: SimulatedFileSystem) -> None:
    inode = fs.hm_addons_cfg.stat().st_ino
    add_config_page(fs, DEMO)
    assert fs.hm_addons_cfg.stat().st_ino == inode


def test_the_vendors_words_stand_side_by_side_after_a_rewrite(fs: SimulatedFileSystem) -> None:
    add_config_page(fs, DEMO)
    assert b"ID mh CONFIG_NAME CloudMatic" in fs.hm_addons_cfg.read_bytes()


def test_a_malformed_list_is_an_error(fs: SimulatedFileSystem) -> None:
    fs.hm_addons_cfg.write_text("mh {CONFIG_URL")
    with pytest.raises(subprocess.CalledProcessError):
        config_pages(fs)


def test_openccu_removes_a_page_by_command(fs: SimulatedFileSystem) -> None:
    assert update_addon_config(fs, "-d", "email") == 0
    assert set(config_pages(fs)) == {"mh", "hqtimer"}


def test_openccu_adds_a_page_by_command(fs: SimulatedFileSystem) -> None:
    options = ["-a", "x", "-url", "/addons/x/", "-name", "X", "-de", "eins", "-en", "one"]
    assert update_addon_config(fs, *options) == 0
    texts = {"de": "<li>eins</li>", "en": "<li>one</li>"}
    assert config_pages(fs)["x"] == ConfigPage("x", "/addons/x/", "X", texts)


@pytest.mark.parametrize("options", [[], ["-x", "1"], ["-a", "x", "-name", "X"]])
def test_openccus_command_refuses_missing_options(
    fs: SimulatedFileSystem, options: list[str]
) -> None:
    assert update_addon_config(fs, *options) == 1
