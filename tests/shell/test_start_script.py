"""rc.d/cloudmatic, as the firmware calls it at boot and from its Zusatzsoftware page."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.shell.conftest import Hub, until


@pytest.fixture
def installed(hub: Hub) -> Hub:
    """The add-on is installed, as after the power was cut: nothing runs, and no pid file."""
    assert hub.install().returncode == 0
    until(lambda: hub.services() != [])
    hub.kill_services()
    hub.pid_file.unlink()
    shutil.rmtree(hub.fs.var_run / "cloudmatic")
    return hub


def keys(text: str) -> list[str]:
    return [line.partition(":")[0] for line in text.splitlines()]


def test_no_key_is_printed_by_both_info_calls(installed: Hub) -> None:
    facts = keys(installed.rc("info").stdout)
    assert facts == ["Name", "Version", "Operations", "Config-Url"]
    for language in ("de", "en"):
        assert keys(installed.rc(f"info.{language}").stdout) == ["Info"]


def test_the_info_texts_are_safe_in_an_iso_8859_1_page(installed: Hub) -> None:
    for word in ("info", "info.de", "info.en"):
        text = installed.rc(word).stdout
        assert text.isascii()
        assert "<" not in text


def test_the_version_is_the_packages(installed: Hub) -> None:
    from cloudmatic_link import __version__  # noqa: PLC0415

    assert f"Version: {__version__}\n" in installed.rc("info").stdout


@pytest.mark.parametrize("words", [(), ("",), ("strat",)])
def test_an_unknown_word_is_refused_with_the_usage(installed: Hub, words: tuple[str, ...]) -> None:
    finished = installed.rc(*words)
    assert finished.returncode == 1
    assert "usage" in finished.stderr
    assert installed.services() == []


def test_init_starts_nothing(installed: Hub) -> None:
    assert installed.rc("init").returncode == 0
    assert installed.services() == []


def test_started_twice_at_once_it_runs_once(installed: Hub) -> None:
    for _ in range(3):
        assert installed.rc("start").returncode == 0
    installed.wait_for_service()
    assert len(installed.services()) == 1
    assert installed.pid_file.read_text().strip() == str(installed.services()[0])


STARTS = """
for _ in 1 2 3 4 5 6 7 8; do
    "$1" start
    [ -s "$2" ] || echo unseen
    "$1" stop
done
"""


def test_a_start_that_has_returned_is_seen_by_the_next_call(installed: Hub) -> None:
    installed.put_service("exec sleep 100 dashboard")
    script = installed.fs.root / "tmp/starts"
    script.write_text(STARTS, encoding="ascii")
    script_words = (str(installed.rc_script), str(installed.pid_file))
    assert installed.run(script, *script_words).stdout == ""


def test_stopped_right_after_its_start_it_does_not_run(installed: Hub) -> None:
    installed.rc("start")
    assert installed.rc("stop").returncode == 0
    time.sleep(0.3)
    assert installed.services() == []


def test_a_start_does_not_hold_up_the_boot_of_the_house(installed: Hub) -> None:
    installed.put_service("exec sleep 100 dashboard")
    begun = time.monotonic()
    assert installed.rc("start").returncode == 0
    assert time.monotonic() - begun < 2


def test_a_program_that_cannot_start_does_not_hold_up_the_boot_either(installed: Hub) -> None:
    (installed.program / "bin/ccu-dashboard").unlink()
    begun = time.monotonic()
    assert installed.rc("start").returncode == 0
    assert time.monotonic() - begun < 3
    assert installed.rc("stop").returncode == 0


@pytest.mark.parametrize("content", ["", "999999999\n", "../self\n"])
def test_a_stale_pid_file_neither_hinders_a_start_nor_hits_anybody(
    installed: Hub, content: str
) -> None:
    installed.pid_file.write_text(content, encoding="ascii")
    assert installed.rc("stop").returncode == 0
    assert installed.rc("start").returncode == 0
    installed.wait_for_service()
    assert len(installed.services()) == 1


def test_a_stale_pid_that_is_another_program_by_now_is_left_alone(installed: Hub) -> None:
    other = subprocess.Popen(["/bin/sleep", "60"])
    try:
        installed.pid_file.write_text(f"{other.pid}\n", encoding="ascii")
        installed.rc("stop")
        installed.rc("restart")
        installed.wait_for_service()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


SLOW_END = """
trap 'sleep 1; echo ended >"$CCU_ROOT/ended"; exit 0' TERM
echo ready >"$CCU_ROOT/ready"
while :; do sleep 0.05; done  # dashboard
"""
NO_END = """
trap '' TERM
echo ready >"$CCU_ROOT/ready"
while :; do sleep 0.05; done  # dashboard
"""


def test_stop_waits_until_the_service_has_ended(installed: Hub) -> None:
    installed.put_service(SLOW_END)
    installed.rc("start")
    until((installed.fs.root / "ready").exists)
    assert installed.rc("stop").returncode == 0
    assert (installed.fs.root / "ended").exists()
    assert not installed.pid_file.exists()


def test_a_service_that_does_not_end_is_ended(installed: Hub) -> None:
    installed.put_service(NO_END)
    installed.rc("start")
    until((installed.fs.root / "ready").exists)
    pid = int(installed.pid_file.read_text())
    script = installed.rc_script.read_text().replace("-lt 10", "-lt 2")
    installed.rc_script.write_text(script)
    assert installed.rc("stop").returncode == 0
    until(lambda: not Path(f"/proc/{pid}").exists())


def test_stop_without_a_service_is_fine(installed: Hub) -> None:
    assert installed.rc("stop").returncode == 0


def test_restart_runs_another_process(installed: Hub) -> None:
    installed.rc("start")
    installed.wait_for_service()
    before = installed.services()
    assert installed.rc("restart").returncode == 0
    installed.wait_for_service()
    after = installed.services()
    assert len(after) == 1
    assert after != before


def test_after_a_crash_it_can_be_started_again(installed: Hub) -> None:
    installed.rc("start")
    installed.wait_for_service()
    os.kill(installed.services()[0], signal.SIGKILL)
    until(lambda: installed.services() == [])
    assert installed.rc("start").returncode == 0
    until(lambda: len(installed.services()) == 1)


def test_run_parts_starts_it_at_boot(installed: Hub) -> None:
    command = [str(installed.fs.bin / "run-parts"), "-a", "start", str(installed.fs.rc_d)]
    subprocess.run(command, env=installed.environment, check=True, timeout=10)
    installed.wait_for_service()
    assert len(installed.services()) == 1
