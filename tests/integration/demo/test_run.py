"""What `./run.sh` promises: it walks the main path, and it leaves nothing running."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import RemoteDisconnected
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.demo.folders import open_folder

REPOSITORY = Path(__file__).resolve().parents[3]
DEMO = [sys.executable, "-m", "tests.demo"]


def _still_running(folder: str) -> list[str]:
    """Command lines of the processes that have to do with `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if folder.encode() in words:
            found.append(words.replace(b"\0", b" ").decode("utf-8", "replace"))
    return found


def _answers(address: str) -> bool:
    """Whether the page comes. At a graceful restart lighttpd drops a connection now and then."""
    for _ in range(50):
        with (
            contextlib.suppress(RemoteDisconnected),
            urlopen(address, timeout=10) as answer,  # noqa: S310  an address of our own
        ):
            return bool(answer.status == 200)
        time.sleep(0.1)
    return False


def test_the_check_walks_to_the_right_cart_and_ends_with_0() -> None:
    done = subprocess.run(
        [*DEMO, "--check"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Portal: Warenkorb für Konto 4711 (maxmuster)" in done.stdout


@pytest.fixture
def short_path() -> Iterator[Path]:
    with open_folder("run") as folder:
        yield folder


def test_ctrl_c_ends_everything_and_leaves_nothing_behind(short_path: Path) -> None:
    demo = subprocess.Popen(
        [*DEMO, "--port", "0", "--portal-port", "0"],
        cwd=REPOSITORY,
        env=os.environ | {"TMPDIR": str(short_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed = ""
        assert demo.stdout is not None
        for line in demo.stdout:
            printed += line
            if line.startswith("Strg+C"):
                break
        assert "maxmuster" in printed
        addresses = re.findall(r"http://\S+", printed)
        # The hub, the portal, and PayPal's stand-in.
        assert len(addresses) == 3
        for address in addresses[:2]:
            assert _answers(address)
        assert len(_still_running(str(short_path))) > 2
        # As a terminal does: to all processes in the foreground at once.
        os.killpg(demo.pid, signal.SIGINT)
        assert demo.wait(30) == 0
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
        if demo.stdout is not None:
            demo.stdout.close()
    # The installation's own reload of the web server waits two seconds before it ends.
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _still_running(str(short_path)):
        time.sleep(0.1)
    assert _still_running(str(short_path)) == []
    assert list(short_path.iterdir()) == []
