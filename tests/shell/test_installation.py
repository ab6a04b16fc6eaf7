"""update_script installs, repeats, refuses and gives way."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.hub.archives import lay_stand_in, seal
from tests.shell.conftest import Hub
from tests.shell.contents import files
from tests.simulated_ccu.config_pages import config_pages

BROKEN = 'url.redirect = ( "^/one" => "/" )\nthis is no configuration\n'


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
    assert finished.returncode == 2
    assert "CCU3" in finished.stderr
    assert files(hub) == before
    assert hub.services() == []


def test_a_web_server_that_is_broken_already_is_not_broken_further(hub: Hub) -> None:
    (hub.fs.snippets / "other.conf").write_text(BROKEN, encoding="ascii")
    finished = hub.install()
    assert finished.returncode == 0
    assert "not by us" in finished.stderr
    assert [path.name for path in hub.fs.snippets.iterdir()] == ["other.conf"]
    assert config_pages(hub.fs)["mh"].url == "/addons/cloudmatic/index.cgi/"
    assert "Config-Url: /addons/cloudmatic/index.cgi/\n" in hub.rc("info").stdout
    assert (hub.fs.var_run / "cloudmatic/relay.port").exists()


def test_once_the_other_part_is_repaired_the_next_start_needs_no_relay(hub: Hub) -> None:
    other = hub.fs.snippets / "other.conf"
    other.write_text(BROKEN, encoding="ascii")
    hub.install()
    other.unlink()
    hub.rc("restart")
    assert config_pages(hub.fs)["mh"].url == "/addons/cloudmatic/"
    assert (hub.fs.snippets / "cloudmatic.conf").exists()
    hub.wait_for_service()
    assert not (hub.fs.var_run / "cloudmatic/relay.port").exists()


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


def test_a_damaged_list_of_buttons_is_left_alone_until_it_is_whole_again(hub: Hub) -> None:
    good = hub.fs.hm_addons_cfg.read_bytes()
    hub.fs.hm_addons_cfg.write_bytes(b"mh {CONFIG_URL")
    finished = hub.install()
    assert finished.returncode == 0
    assert "button" in finished.stderr
    assert hub.fs.hm_addons_cfg.read_bytes() == b"mh {CONFIG_URL"
    hub.fs.hm_addons_cfg.write_bytes(good)
    hub.rc("start")
    assert config_pages(hub.fs)["mh"].url == "/addons/cloudmatic/"


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


def test_the_program_of_another_processor_is_refused(
    hub: Hub, archive: Path, tmp_path: Path
) -> None:
    before = files(hub)
    hub.archive = tmp_path / "other"
    shutil.copytree(archive, hub.archive)
    (hub.archive / "cloudmatic/ARCH").write_text("mips\n")
    finished = hub.install()
    assert finished.returncode == 3
    assert "is for mips" in finished.stderr
    assert files(hub) == before


def test_a_damaged_archive_is_refused(hub: Hub, archive: Path, tmp_path: Path) -> None:
    before = files(hub)
    hub.archive = tmp_path / "other"
    shutil.copytree(archive, hub.archive)
    with (hub.archive / "cloudmatic/www/static/dashboard.css").open("a") as file:
        file.write("/* flipped */")
    assert hub.install().returncode == 4
    assert files(hub) == before


@pytest.fixture
def failing(hub: Hub, tmp_path: Path, request: pytest.FixtureRequest) -> Hub:
    """Version 1.0.0 runs; the next archive is 1.1.0, whose program is `request.param`."""
    folder = tmp_path / "layouts"
    hub.archive = lay_stand_in(folder / "good", "1.0.0")
    assert hub.install().returncode == 0
    hub.wait_for_service()
    hub.archive = lay_stand_in(folder / "bad", "1.1.0", program=request.param)
    return hub


@pytest.mark.parametrize(
    "failing",
    ["#!/bin/sh\nexit 1\n", "#!/lib/ld-none.so\n", "#!/bin/sh\necho 2.0.0\n"],
    indirect=True,
)
def test_a_program_that_does_not_run_here_never_stops_the_old_one(failing: Hub) -> None:
    before = (failing.fs.var_run / "cloudmatic.pid").read_text()
    finished = failing.install()
    assert finished.returncode == 6
    assert "does not run here" in finished.stderr
    assert (failing.fs.var_run / "cloudmatic.pid").read_text() == before
    assert failing.program.readlink() == Path("versions/1.0.0")


@pytest.mark.parametrize(
    "failing", ['#!/bin/sh\n[ "$1" != --version ] || echo 1.1.0\nexit 1\n'], indirect=True
)
def test_a_version_that_ends_right_after_its_start_gives_way_to_the_old_one(failing: Hub) -> None:
    finished = failing.install()
    assert finished.returncode == 8
    assert "version 1.0.0 is back" in finished.stderr
    failing.wait_for_service()
    assert [path.name for path in (failing.program.parent / "versions").iterdir()] == ["1.0.0"]


def test_at_the_boot_it_only_puts_the_program_in_place(hub: Hub) -> None:
    """eQ-3's CCU3 installs before web server and network are up."""
    (hub.fs.var_run / "lighttpd.pid").unlink()
    begun = time.monotonic()
    finished = hub.install("CCU3")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert time.monotonic() - begun < 5
    assert hub.services() == []
    hub.rc("start")
    hub.wait_for_service()


def test_a_busybox_without_mv_t_switches_too(hub: Hub, archive: Path, tmp_path: Path) -> None:
    hub.archive = tmp_path / "other"
    shutil.copytree(archive, hub.archive)
    versions = hub.archive / "cloudmatic/addon/versions.sh"
    versions.write_text(versions.read_text().replace("mv -fT", "mv --no-such-option"))
    seal(hub.archive)
    for _ in range(2):
        assert hub.install().returncode == 0
        assert hub.program.joinpath("VERSION").exists()
    hub.wait_for_service()


def test_cut_between_the_two_steps_the_next_start_does_the_second(hub: Hub) -> None:
    hub.install()
    hub.rc("stop")
    hub.program.rename(hub.program.with_name("current.next"))
    hub.rc("start")
    hub.wait_for_service()
    assert hub.program.is_symlink()


def test_nothing_is_writable_for_the_world_and_secrets_are_not_readable(hub: Hub) -> None:
    hub.install()
    hub.wait_for_service()
    ours = [hub.program.parent, hub.fs.addons / "cloudmatic", hub.fs.snippets / "cloudmatic.conf"]
    for place in ours:
        for path in (place, *place.rglob("*")):
            assert path.is_symlink() or not path.stat().st_mode & 0o022, path
    assert (hub.program.parent / "kept").stat().st_mode & 0o077 == 0
    assert (hub.fs.root / "usr/local/etc/monit-cloudmatic.cfg").stat().st_mode & 0o177 == 0


def test_a_backup_leaves_the_program_out_and_a_restored_hub_says_so(hub: Hub) -> None:
    hub.install()
    hub.wait_for_service()
    hub.rc("stop")
    for mark in list(hub.program.parent.rglob(".nobackup")):
        shutil.rmtree(mark.parent)
    assert hub.rc("start").returncode == 0
    assert hub.services() == []
    assert "erneut installieren" in hub.rc("info.de").stdout
    assert hub.web.check().ok
    hub.install()
    hub.wait_for_service()


def test_monit_watches_where_it_is_and_forgets_afterwards(hub: Hub) -> None:
    hub.install()
    text = (hub.fs.root / "usr/local/etc/monit-cloudmatic.cfg").read_text()
    assert "with pidfile" in text
    hub.rc("uninstall")
    calls = (hub.fs.var_log / "monit-calls").read_text().splitlines()
    assert calls == ["-t", "reload", "reload"]


def test_a_monit_that_does_not_take_our_part_is_left_without_it(hub: Hub) -> None:
    monit = hub.fs.bin / "monit"
    monit.write_text('#!/bin/sh\n[ "$1" != -t ]\n')
    finished = hub.install()
    assert finished.returncode == 0
    assert "monit does not take" in finished.stderr
    assert not (hub.fs.root / "usr/local/etc/monit-cloudmatic.cfg").exists()


def test_where_df_cannot_tell_the_free_space_the_installation_goes_on(hub: Hub) -> None:
    """As in a chroot whose / is no mount: busybox prints the header and an error."""
    script = hub.archive / "update_script"
    header = "Filesystem 1024-blocks Used Available Capacity Mounted on"
    cannot_tell = f"df() {{ echo '{header}'; echo \"df: can't find\" >&2; return 1; }}\n"
    first_line, rest = script.read_text("utf-8").split("\n", 1)
    kept = script.read_text("utf-8")
    script.write_text(f"{first_line}\n{cannot_tell}{rest}", "utf-8")
    try:
        done = hub.install()
    finally:
        script.write_text(kept, "utf-8")
    assert (done.returncode, done.stderr) == (0, "")
