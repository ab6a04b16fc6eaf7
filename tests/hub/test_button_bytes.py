"""Other add-ons' entries survive byte for byte, whatever they look like; ours goes again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.hub.archives import REPOSITORY
from tests.shell.conftest import Hub, archive, hub, laid
from tests.simulated_ccu.config_pages import config_pages
from tests.simulated_ccu.file_system import OTHER_ENTRIES, VENDOR_ENTRY

__all__ = ["archive", "hub", "laid"]  # fixtures

# How Tcl, other add-ons and people write lists; none of it must come back in another form.
WRITTEN = [
    b"",
    b"\n",
    b"   \n\n",
    VENDOR_ENTRY.encode(),
    b"  " + VENDOR_ENTRY.encode() + b"  \n",
    " ".join((OTHER_ENTRIES[0], VENDOR_ENTRY, OTHER_ENTRIES[1])).encode("latin-1") + b"\n",
    "\n".join((*OTHER_ENTRIES, VENDOR_ENTRY)).encode("latin-1"),
    b'"mh" {CONFIG_URL /addons/mh/index.cgi ID mh CONFIG_NAME CloudMatic} a b',
    b"a\\ b {x {} y} mh {ID mh CONFIG_NAME CloudMatic CONFIG_URL /addons/mh/index.cgi}",
    b"x {de {\\}} en \\{} y\\\nz {k v} \xfc\xdf {\xe4 \xf6}",
    b"a {ID a CONFIG_NAME {it's} CONFIG_DESCRIPTION {de {two\nlines}}}\tb\t{ID b}",
    b'a "ID a CONFIG_NAME \\"quoted\\"" b ID\\ b',
    b"mh {}",
    b"x {[exit] $x ; # no comment} mh {CONFIG_URL /other ID mh CONFIG_NAME CloudMatic}",
]


@pytest.fixture
def kept(hub: Hub) -> Path:
    """Where an installation keeps what there was before."""
    folder = hub.fs.root / "usr/local/addons/cloudmatic/kept"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("written", WRITTEN)
def test_what_was_there_before_is_put_back_byte_for_byte(
    hub: Hub, kept: Path, written: bytes
) -> None:
    hub.fs.hm_addons_cfg.write_bytes(written)
    for url in ("/addons/cloudmatic/", "/addons/cloudmatic/index.cgi/", "/addons/cloudmatic/"):
        taken = hub.button("take", url)
        assert taken.returncode == 0, taken.stderr
        assert config_pages(hub.fs)["mh"].url == url if _readable(written) else True
        assert hub.fs.hm_addons_cfg.read_bytes().count(b"ID mh CONFIG_NAME CloudMatic") == 1
    assert hub.button("give").returncode == 0
    assert hub.fs.hm_addons_cfg.read_bytes() == written


def _readable(written: bytes) -> bool:
    """Whether each entry is one that Systemsteuerung can show; some here are only lists."""
    return written.strip() == b"" or written.strip() == VENDOR_ENTRY.encode()


def test_a_list_that_was_not_there_is_not_there_afterwards(hub: Hub, kept: Path) -> None:
    hub.fs.hm_addons_cfg.unlink()
    hub.button("take")
    assert config_pages(hub.fs)["mh"].url == "/addons/cloudmatic/"
    hub.button("give")
    assert not hub.fs.hm_addons_cfg.exists()


def test_the_mode_of_the_list_stays(hub: Hub, kept: Path) -> None:
    hub.fs.hm_addons_cfg.chmod(0o640)
    hub.button("take")
    assert hub.fs.hm_addons_cfg.stat().st_mode & 0o7777 == 0o640


def test_an_entry_that_others_changed_meanwhile_is_not_ours_to_give_back(
    hub: Hub, kept: Path
) -> None:
    hub.button("take")
    theirs = b"mh {CONFIG_URL /addons/else/ CONFIG_DESCRIPTION {} ID mh CONFIG_NAME CloudMatic}"
    hub.fs.hm_addons_cfg.write_bytes(theirs)
    assert hub.button("give").returncode == 0
    assert hub.fs.hm_addons_cfg.read_bytes() == theirs


def test_many_at_once_make_one_entry_and_lose_none(hub: Hub, kept: Path) -> None:
    before = config_pages(hub.fs).keys()
    script = REPOSITORY / "addon/button.tcl"
    running = [
        subprocess.Popen(
            [str(hub.fs.bin / "tclsh"), str(script), "take", f"/addons/cloudmatic/{turn}"],
            env=hub.environment,
        )
        for turn in range(8)
    ]
    assert [process.wait(30) for process in running] == [0] * 8
    assert config_pages(hub.fs).keys() == before
    assert hub.fs.hm_addons_cfg.read_bytes().count(b"ID mh CONFIG_NAME CloudMatic") == 1
    hub.button("give")
    assert config_pages(hub.fs)["mh"].url == "/addons/mh/index.cgi"


def test_a_lock_whose_holder_was_killed_does_not_count(hub: Hub, kept: Path) -> None:
    (hub.fs.var_run / "cloudmatic.button").write_text("999999999\n")
    assert hub.button("take").returncode == 0
    assert not (hub.fs.var_run / "cloudmatic.button").exists()
