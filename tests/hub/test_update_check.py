"""`Update:` answers the firmware's questions, without a session and with nothing unchecked."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from ccu_dashboard.storage.release_memory import save_latest
from tests.hub.archives import REPOSITORY
from tests.shell.conftest import Hub, archive, hub, laid

__all__ = ["archive", "hub", "laid"]  # fixtures

DOWNLOAD = "https://portal.example/releases/cloudmatic-ccu-1.2.3-x86_64.tar.gz?from=hub&v=1"


def ask(hub: Hub, query: str) -> tuple[dict[str, str], str]:
    """Run the program as lighttpd does; returns header and body."""
    finished = subprocess.run(
        [str(hub.fs.bin / "tclsh"), str(REPOSITORY / "www/update.cgi")],
        env=hub.environment | {"QUERY_STRING": query},
        capture_output=True,
        check=True,
    )
    assert finished.stderr == b""
    head, _, body = finished.stdout.decode("iso-8859-1").partition("\n\n")
    return dict(line.split(": ", 1) for line in head.splitlines()), body


def version(hub: Hub, installed: str = "1.0.0") -> str:
    return ask(hub, f"cmd=check_version&version={quote(installed)}")[1]


@pytest.fixture
def latest(hub: Hub) -> Path:
    file = hub.fs.addons / "cloudmatic/latest"
    file.parent.mkdir()
    file.write_text(f"version=1.2.3\ndownload={DOWNLOAD}\n")
    return file


def test_the_latest_version_is_told(hub: Hub, latest: Path) -> None:
    assert version(hub) == "1.2.3"
    assert version(hub, "1.2.3") == "1.2.3"


def test_the_daily_check_names_no_version_and_is_told_too(hub: Hub, latest: Path) -> None:
    assert ask(hub, "")[1] == "1.2.3"


def test_whoever_runs_a_newer_one_is_not_led_back(hub: Hub, latest: Path) -> None:
    assert version(hub, "1.10.0") == "1.10.0"


def test_without_knowledge_it_says_so(hub: Hub) -> None:
    assert version(hub) == "n/a"
    header, body = ask(hub, "cmd=download&version=1.0.0")
    assert header["Status"].startswith("404")
    assert "noch keine neuere Version" in body


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version=",
        "version=<script>alert(1)</script>\n",
        "version=1.2.3<b>\n",
        f"version={'1' * 60}\n",
        "rubbish\0\xff\n",
        "version=1.2.3\x0b\n",
    ],
)
def test_what_is_no_version_never_gets_into_the_page(hub: Hub, latest: Path, text: str) -> None:
    latest.write_text(text, "latin-1")
    assert version(hub) == "n/a"


def test_what_is_asked_never_gets_into_the_page(hub: Hub, latest: Path) -> None:
    assert version(hub, "<script>9") == "1.2.3"
    assert version(hub, "9.9.9<script>") == "1.2.3"


def test_download_leads_to_the_address(hub: Hub, latest: Path) -> None:
    header, body = ask(hub, "cmd=download&version=1.0.0")
    assert header["Status"].startswith("302")
    assert header["Location"] == DOWNLOAD
    assert DOWNLOAD.replace("&", "&amp;") in body


@pytest.mark.parametrize(
    "address",
    [
        "http://portal.example/x",
        "javascript:alert(1)",
        "https://portal.example",
        'https://portal.example/"><script>',
        "https://portal.example/x\x0bSet-Cookie: a=b",
        "https://user@portal.example/x",
        "//portal.example/x",
    ],
)
def test_an_address_of_another_form_is_not_followed(hub: Hub, latest: Path, address: str) -> None:
    latest.write_bytes(f"version=1.2.3\ndownload={address}\n".encode())
    header, _ = ask(hub, "cmd=download")
    assert header["Status"].startswith("404")
    assert "Location" not in header


def test_what_the_service_writes_down_is_what_the_firmware_hears(hub: Hub) -> None:
    file = hub.fs.addons / "cloudmatic/latest"
    file.parent.mkdir()
    address = "https://portal.example/releases/cloudmatic-ccu-1.2.3-x86_64.tar.gz"
    save_latest(file, "1.2.3", address)
    assert version(hub) == "1.2.3"
    header, _ = ask(hub, "cmd=download&version=1.0.0")
    assert header["Location"] == address
