"""`python -m tests.simulated_ccu` as run.sh uses it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.simulated_ccu", *words]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A served hub; ends with the test whatever happens."""
    arguments = command("serve", "--root", str(tmp_path), "--case", "trial")
    with subprocess.Popen(arguments, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def address_of(hub: subprocess.Popen[str]) -> str:
    assert hub.stdout is not None
    ready, address = hub.stdout.readline().split()
    assert ready == "READY"
    return address


def is_answering(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/login.htm", timeout=2):  # noqa: S310 - our own http
            return True
    except (urllib.error.URLError, ConnectionError):
        # Also one that ends in the middle of an answer.
        return False


def test_serve_says_ready_and_ends_clean_on_sigterm(hub: subprocess.Popen[str]) -> None:
    address = address_of(hub)
    assert is_answering(address)
    hub.send_signal(signal.SIGHUP)
    hub.send_signal(signal.SIGTERM)
    assert hub.wait(timeout=10) == 0
    assert not is_answering(address)


def test_no_web_server_outlives_a_killed_hub(hub: subprocess.Popen[str]) -> None:
    address = address_of(hub)
    hub.kill()
    hub.wait(timeout=10)
    deadline = time.monotonic() + 5
    while is_answering(address) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_answering(address)


def test_lay_lays_and_exits(tmp_path: Path) -> None:
    words = command("lay", "--root", str(tmp_path), "--case", "umlauts", "--today", "2026-01-31")
    subprocess.run(words, cwd=REPOSITORY, check=True)
    assert b"m\xfcller" in (tmp_path / "etc/config/addons/mh/mhcfg").read_bytes()


def test_a_taken_port_is_said_in_one_line(tmp_path: Path, hub: subprocess.Popen[str]) -> None:
    port = address_of(hub).rsplit(":", 1)[1]
    words = command("serve", "--root", str(tmp_path / "other"), "--engine-port", port)
    finished = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert finished.stderr.startswith("simulated_ccu: ")
    assert finished.stderr.count("\n") == 1
