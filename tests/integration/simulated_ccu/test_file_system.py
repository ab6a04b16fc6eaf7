"""The tree has a hub's layout and runs a hub's shell, without chroot."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.simulated_ccu.conftest import TODAY
from tests.simulated_ccu.account_files import AccountFiles, Case, account_files, not_linked
from tests.simulated_ccu.config_pages import config_pages
from tests.simulated_ccu.file_system import SimulatedFileSystem, lay


def run(fs: SimulatedFileSystem, *command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the hub's programs with the hub's environment."""
    return subprocess.run(
        [str(fs.bin / command[0]), *command[1:]],
        env=fs.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_etc_config_is_the_kept_folder_below_usr_local(fs: SimulatedFileSystem) -> None:
    assert fs.etc_config.resolve() == fs.root / "usr/local/etc/config"
    assert not fs.etc_config.readlink().is_absolute()


def test_the_tree_still_works_after_it_was_moved(fs: SimulatedFileSystem, tmp_path: Path) -> None:
    moved = SimulatedFileSystem(fs.root.rename(tmp_path / "elsewhere with space"), fs.product)
    assert moved.vendor_folder.joinpath("mhcfg").exists()
    assert set(config_pages(moved)) == {"mh", "hqtimer", "email"}


def test_the_shell_is_busybox(fs: SimulatedFileSystem) -> None:
    assert "BusyBox" in run(fs, "sh", "--help").stderr
    assert run(fs, "sh", "-c", "echo $((6 * 7)); type ls").stdout.startswith("42\n")


def test_a_bashism_fails_as_on_a_hub(fs: SimulatedFileSystem) -> None:
    assert run(fs, "sh", "-c", "a=(1 2); echo ${a[1]}").returncode != 0


def test_pidof_has_no_option_x(fs: SimulatedFileSystem) -> None:
    assert run(fs, "pidof", "-x", "sh").returncode != 0


def test_start_scripts_run_by_run_parts(fs: SimulatedFileSystem) -> None:
    script = fs.rc_d / "demo"
    script.write_text('#!/bin/sh\necho "demo $1"\n', encoding="ascii")
    script.chmod(0o755)
    assert run(fs, "run-parts", "-a", "start", str(fs.rc_d)).stdout == "demo start\n"


def test_the_account_files_are_world_writable(fs: SimulatedFileSystem) -> None:
    assert fs.vendor_folder.stat().st_mode & 0o777 == 0o777
    assert (fs.vendor_folder / "mhcfg").stat().st_mode & 0o777 == 0o666


def test_account_files_are_replaced_never_rewritten_in_place(fs: SimulatedFileSystem) -> None:
    with (fs.vendor_folder / "mhcfg").open("rb") as old:
        fs.write_account_files(not_linked())
        assert b"maxmuster" in old.read()
    assert (fs.vendor_folder / "mhcfg").read_bytes() == not_linked().mhcfg


def test_a_missing_file_is_removed(fs: SimulatedFileSystem) -> None:
    fs.write_account_files(AccountFiles())
    assert list(fs.vendor_folder.iterdir()) == []


def test_laying_again_keeps_what_add_ons_put_there(fs: SimulatedFileSystem) -> None:
    fs.hm_addons_cfg.write_text("only {ID only CONFIG_URL /x CONFIG_NAME x CONFIG_DESCRIPTION {}}")
    (fs.snippets / "demo.conf").write_text("# demo\n")
    lay(fs.root, account_files(Case.TRIAL, TODAY))
    assert set(config_pages(fs)) == {"only"}
    assert (fs.snippets / "demo.conf").exists()
    assert b"TESTZUGANG" in (fs.vendor_folder / "smsguthaben").read_bytes()


def test_older_firmware_has_no_board_serial(tmp_path: Path) -> None:
    fs = lay(tmp_path, AccountFiles(), board_serial=None)
    assert not fs.board_serial.exists()
    assert not (fs.etc_config / "ids").exists()


@pytest.mark.parametrize(("product", "has_it"), [("OpenCCU", True), ("CCU3", False)])
def test_only_openccu_has_its_own_commands(tmp_path: Path, product: str, has_it: bool) -> None:
    fs = lay(tmp_path, AccountFiles(), product="OpenCCU" if product == "OpenCCU" else "CCU3")
    assert (fs.bin / "updateAddonConfig.tcl").exists() is has_it
    assert (fs.bin / "monit").exists() is has_it
    asked = "package require HomeMatic; puts [info procs ::HomeMatic::Addon::RemoveConfigPage]"
    (fs.root / "tmp/ask.tcl").write_text(asked, encoding="ascii")
    assert bool(run(fs, "tclsh", str(fs.root / "tmp/ask.tcl")).stdout.strip()) is has_it


def test_the_boot_of_the_vendors_add_on_restores_its_button(fs: SimulatedFileSystem) -> None:
    fs.hm_addons_cfg.write_text("")
    start = str(fs.root / "etc/init.d/S97CloudMatic")
    assert run(fs, "sh", start, "start").returncode == 0
    assert config_pages(fs)["mh"].url == "/addons/mh/index.cgi"
    once = fs.hm_addons_cfg.read_bytes()
    assert b"ID mh CONFIG_NAME CloudMatic" in once
    run(fs, "sh", start, "start")
    assert fs.hm_addons_cfg.read_bytes() == once


def test_a_disabled_vendor_add_on_loses_button_link_and_folder(fs: SimulatedFileSystem) -> None:
    (fs.etc_config / "cloudmaticDisabled").touch()
    run(fs, "sh", str(fs.root / "etc/init.d/S97CloudMatic"), "start")
    assert "mh" not in config_pages(fs)
    assert not (fs.addons_www / "mh").is_symlink()
    assert not fs.vendor_folder.exists()


def test_a_disabled_vendor_add_on_keeps_the_folder_with_a_key(fs: SimulatedFileSystem) -> None:
    (fs.etc_config / "cloudmaticDisabled").touch()
    (fs.vendor_folder / "client.key").touch()
    run(fs, "sh", str(fs.root / "etc/init.d/S97CloudMatic"), "start")
    assert (fs.vendor_folder / "mhcfg").exists()
