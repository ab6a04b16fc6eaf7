"""There is exactly one "CloudMatic" in Systemsteuerung, and the other buttons are not ours."""

from __future__ import annotations

import pytest

from tests.shell.conftest import Hub
from tests.simulated_ccu.config_pages import ConfigPage, add_config_page, config_pages

OURS, VENDORS = "/addons/cloudmatic/", "/addons/mh/index.cgi"
# What the firmware looks for at each boot.
MARK = b"ID mh CONFIG_NAME CloudMatic"


def cloudmatic_buttons(hub: Hub) -> list[str]:
    return [page.url for page in config_pages(hub.fs).values() if page.name == "CloudMatic"]


def others(hub: Hub) -> dict[str, ConfigPage]:
    return {name: page for name, page in config_pages(hub.fs).items() if name != "mh"}


@pytest.fixture
def busy(hub: Hub) -> Hub:
    """With buttons whose words Tcl must quote."""
    page = ConfigPage("odd", "/addons/odd/?a=1&b=2", "Odd {Name} $x [exit]", {"de": 'a "b" \\c ü'})
    add_config_page(hub.fs, page)
    assert len(others(hub)) == 3
    return hub


def test_taking_leads_the_one_button_to_the_dashboard(busy: Hub) -> None:
    before = others(busy)
    assert busy.button("take").returncode == 0
    assert cloudmatic_buttons(busy) == [OURS]
    assert others(busy) == before
    assert MARK in busy.fs.hm_addons_cfg.read_bytes()


def test_giving_leads_it_back_to_the_firmware(busy: Hub) -> None:
    before = others(busy)
    busy.button("take")
    assert busy.button("give").returncode == 0
    assert cloudmatic_buttons(busy) == [VENDORS]
    assert others(busy) == before


def test_taking_again_does_not_write_to_the_card(busy: Hub) -> None:
    busy.button("take")
    before = busy.fs.hm_addons_cfg.stat()
    assert busy.button("take").returncode == 0
    after = busy.fs.hm_addons_cfg.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_firmware_leaves_our_button_alone_at_boot(busy: Hub) -> None:
    busy.button("take")
    taken = busy.fs.hm_addons_cfg.read_bytes()
    busy.run(busy.fs.root / "etc/init.d/S97CloudMatic", "start")
    assert busy.fs.hm_addons_cfg.read_bytes() == taken


def test_where_the_firmware_has_no_page_the_button_goes(busy: Hub) -> None:
    (busy.fs.etc_config / "cloudmaticDisabled").touch()
    busy.button("take")
    before = others(busy)
    busy.button("give")
    assert cloudmatic_buttons(busy) == []
    assert others(busy) == before


def test_a_hub_without_any_button_gets_ours(hub: Hub) -> None:
    hub.fs.hm_addons_cfg.unlink()
    assert hub.button("take").returncode == 0
    assert cloudmatic_buttons(hub) == [OURS]
    assert hub.button("give").returncode == 0


@pytest.mark.parametrize(
    "content", [b"mh {CONFIG_URL /x", b"mh", b"a b c", b'x "', b"x {y}z w", b"mh {} hqtimer"]
)
@pytest.mark.parametrize("word", ["take", "give"])
def test_a_damaged_list_is_left_as_it_is(hub: Hub, content: bytes, word: str) -> None:
    hub.fs.hm_addons_cfg.write_bytes(content)
    finished = hub.button(word)
    assert finished.returncode == 1
    assert "left as it is" in finished.stderr
    assert hub.fs.hm_addons_cfg.read_bytes() == content


@pytest.mark.parametrize("word", ["", "steal"])
def test_an_unknown_word_changes_nothing(hub: Hub, word: str) -> None:
    before = hub.fs.hm_addons_cfg.read_bytes()
    assert hub.button(word).returncode == 2
    assert hub.fs.hm_addons_cfg.read_bytes() == before


def test_bytes_that_are_no_utf_8_stay_as_they_are(hub: Hub) -> None:
    entry = b"x {CONFIG_URL /x CONFIG_DESCRIPTION {de \xfcber} ID x CONFIG_NAME \xdcber}"
    hub.fs.hm_addons_cfg.write_bytes(entry + b"\n")
    hub.button("take")
    assert entry in hub.fs.hm_addons_cfg.read_bytes()


def test_nothing_lies_beside_the_list_afterwards(hub: Hub) -> None:
    before = set(hub.fs.etc_config.iterdir())
    hub.button("take")
    assert set(hub.fs.etc_config.iterdir()) == before


def test_our_descriptions_do_not_break_systemsteuerung(hub: Hub) -> None:
    hub.button("take")
    for text in config_pages(hub.fs)["mh"].descriptions.values():
        assert text.isascii()
        assert not set("'\\\n\r\"") & set(text)
