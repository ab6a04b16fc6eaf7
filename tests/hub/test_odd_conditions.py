"""What a hub may be like when the start script is called: each tried, each answered."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shell.conftest import Hub, archive, hub, laid, until
from tests.simulated_ccu import additional_software

__all__ = ["archive", "hub", "laid"]  # fixtures


@pytest.fixture
def installed(hub: Hub) -> Hub:
    """As after a boot: installed, nothing runs, /var is empty but for the web server's number."""
    assert hub.install().returncode == 0
    hub.rc("stop")
    server = (hub.fs.var_run / "lighttpd.pid").read_text()
    shutil.rmtree(hub.fs.var_run)
    hub.fs.var_run.mkdir()
    (hub.fs.var_run / "lighttpd.pid").write_text(server)
    return hub


def test_in_safe_mode_nothing_is_started_and_uninstalling_works(installed: Hub) -> None:
    (installed.fs.etc_config / "safemode").touch()
    installed.run(installed.fs.root / "etc/init.d/rcS", "start")
    assert installed.rc("start").returncode == 0
    assert installed.services() == []
    assert "abgesicherten Modus" in installed.rc("info.de").stdout
    assert installed.rc("uninstall").returncode == 0
    assert not installed.program.exists()


def test_before_var_run_exists_it_is_made(installed: Hub) -> None:
    shutil.rmtree(installed.fs.var_run)
    assert installed.rc("info").returncode == 0
    assert installed.rc("stop").returncode == 0
    shutil.rmtree(installed.fs.var_run, ignore_errors=True)
    assert installed.rc("start").returncode == 0
    installed.wait_for_service()


def test_where_var_run_cannot_be_it_says_so_and_holds_up_nobody(installed: Hub) -> None:
    shutil.rmtree(installed.fs.var_run)
    installed.fs.var_run.write_text("a file in its place")
    begun = time.monotonic()
    finished = installed.rc("start")
    assert finished.returncode == 0
    assert "cannot be" in finished.stderr
    assert time.monotonic() - begun < 3
    assert installed.services() == []


def test_the_boot_starts_it_and_the_firmwares_stop_stops_it(installed: Hub) -> None:
    boot = installed.fs.root / "etc/init.d/rcS"
    assert installed.run(boot, "start").returncode == 0
    installed.wait_for_service()
    assert installed.run(boot, "stop").returncode == 0
    assert installed.services() == []


def test_started_by_many_at_the_same_instant_it_runs_once(installed: Hub) -> None:
    starts = [
        subprocess.Popen(
            [str(installed.fs.bin / "sh"), str(installed.rc_script), "start"],
            env=installed.environment, stdin=subprocess.DEVNULL,
        )
        for _ in range(12)
    ]  # fmt: skip
    assert {start.wait(30) for start in starts} == {0}
    installed.wait_for_service()
    assert len(installed.services()) == 1
    assert int(installed.pid_file.read_text()) == installed.services()[0]


def test_a_lock_whose_holder_was_killed_does_not_count(installed: Hub) -> None:
    (installed.fs.var_run / "cloudmatic.lock").symlink_to("999999999.17")
    assert installed.rc("start").returncode == 0
    installed.wait_for_service()
    assert not (installed.fs.var_run / "cloudmatic.lock").is_symlink()


def test_while_an_installation_is_at_work_monit_starts_nothing(installed: Hub) -> None:
    stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    (installed.fs.var_run / "cloudmatic.lock").symlink_to(f"{os.getpid()}.{stat[19]}")
    assert installed.rc("start").returncode == 0
    assert installed.services() == []


def test_the_number_of_another_program_is_not_mistaken_for_ours(installed: Hub) -> None:
    installed.rc("start")
    installed.wait_for_service()
    born = (installed.fs.var_run / "cloudmatic/born").read_text()
    installed.kill_services()
    other = subprocess.Popen(["/bin/sleep", "60"])
    try:
        installed.pid_file.write_text(f"{other.pid}\n")
        assert (installed.fs.var_run / "cloudmatic/born").read_text() == born
        assert installed.rc("restart").returncode == 0
        installed.wait_for_service()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_second_service_by_hand_ends_and_the_first_keeps_its_socket(installed: Hub) -> None:
    installed.rc("start")
    installed.wait_for_service()
    first = installed.services()
    second = subprocess.run(
        [str(installed.program / "bin/ccu-dashboard"), "serve"],
        env=installed.environment, capture_output=True, text=True, timeout=20, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert installed.services() == first
    installed.wait_for_service()


def test_memory_is_taken_from_us_before_the_house(installed: Hub) -> None:
    installed.rc("start")
    installed.wait_for_service()
    score = Path(f"/proc/{installed.services()[0]}/oom_score_adj").read_text()
    assert int(score) == 300


def test_without_a_logger_the_service_runs_all_the_same(installed: Hub) -> None:
    """busybox's logger is an applet that PATH does not hide: this one is taken out."""
    process = installed.program / "addon/process.sh"
    process.write_text(process.read_text().replace("logger -t", "no-such-logger -t"))
    assert installed.rc("start").returncode == 0
    installed.wait_for_service()
    time.sleep(0.3)
    assert len(installed.services()) == 1


@pytest.mark.fault("process killed", "the hub's service takes nobody along and starts again")
def test_a_killed_service_takes_nobody_along_and_starts_again(installed: Hub) -> None:
    installed.rc("start")
    installed.wait_for_service()
    os.kill(installed.services()[0], signal.SIGKILL)
    until(lambda: installed.services() == [])
    assert installed.rc("start").returncode == 0
    installed.wait_for_service()
    assert len(installed.services()) == 1


CLOCK_OF_1970 = """\
import time, datetime
class Then(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.clock_gettime(time.CLOCK_BOOTTIME) % 60, tz)
datetime.datetime = Then
time.time = lambda: time.clock_gettime(time.CLOCK_BOOTTIME) % 60
"""


@pytest.mark.fault("clock", "at 1970 a hub installs and serves")
def test_with_the_clock_at_1970_it_installs_and_serves(
    hub: Hub, archive: Path, tmp_path: Path
) -> None:
    """The files are of 1970, and the program believes that it is 1970."""
    (tmp_path / "then").mkdir()
    (tmp_path / "then/sitecustomize.py").write_text(CLOCK_OF_1970)
    hub.environment["PYTHONPATH"] = str(tmp_path / "then")
    said = subprocess.run(
        [sys.executable, "-c", "import datetime; print(datetime.datetime.now().year)"],
        env=hub.environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said == "1970\n"
    hub.archive = tmp_path / "old"
    shutil.copytree(archive, hub.archive)
    for path in hub.archive.rglob("*"):
        os.utime(path, (60, 60))
    finished = hub.install()
    assert (finished.returncode, finished.stderr) == (0, "")
    hub.wait_for_service()


@pytest.mark.fault("portal away", "without a network the hub's pages come up")
def test_without_a_way_into_the_network_the_pages_come_up(installed: Hub) -> None:
    """In a network of its own, with nothing but an own loopback that is down."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a network of its own needs root")
    alone = ["/usr/bin/unshare", "-n", str(installed.fs.bin / "sh"), str(installed.rc_script)]
    subprocess.run([*alone, "start"], env=installed.environment, check=True, timeout=30,
                   stdin=subprocess.DEVNULL)  # fmt: skip
    installed.wait_for_service()


def test_zusatzsoftware_shows_each_line_once(installed: Hub) -> None:
    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return installed.run(Path(command[0]), *command[1:])

    for language in ("de", "en"):
        shown = additional_software.entry(run, str(installed.fs.root), "cloudmatic", language)
        assert "\n" not in "".join(shown.values.values())
        assert shown.operations == ["uninstall", "restart"]
        assert shown.values["Update"] == "/addons/cloudmatic/update.cgi"
        assert shown.version_for_update_check == shown.values["Version"]


@pytest.mark.fault("disk full", "with a hub's card that cannot be written the pages come up")
def test_with_a_card_that_cannot_be_written_the_pages_come_up(installed: Hub) -> None:
    """The real service, with /usr/local mounted read-only as after an error of the card."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a read-only mount needs root")
    local = installed.fs.root / "usr/local"
    shutil.rmtree(installed.fs.addons / "cloudmatic")
    mounts = f"mount --bind '{local}' '{local}' && mount -o remount,ro,bind '{local}'"
    start = f"exec '{installed.fs.bin}/sh' '{installed.rc_script}' start"
    subprocess.run(
        ["/usr/bin/unshare", "-m", "/bin/sh", "-c", f"PATH=/usr/bin:/bin; {mounts} && {start}"],
        env=installed.environment, check=True, timeout=30, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    installed.wait_for_service()
    time.sleep(1)
    assert len(installed.services()) == 1
    assert not (installed.fs.addons / "cloudmatic").exists()
