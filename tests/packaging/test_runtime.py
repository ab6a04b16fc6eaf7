"""The carried Python on each processor, from the folder that the firmware unpacks to."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cloudmatic_link import __version__
from tests.packaging.unpacked import Unpacked, ask

_SIGN_AND_VERIFY = """
import os
from datetime import UTC, datetime, timedelta
from cloudmatic_link.claims import HubToken
from cloudmatic_link.keys import HubKey, PublicKey
from cloudmatic_link.signing import sign, verify
now = datetime.now(UTC).replace(microsecond=0)
key = HubKey.generate()
claims = HubToken(issuer="NEQ1234567", subject="4711", audience="https://www.cloudmatic.de",
    issued_at=now, expires_at=now + timedelta(seconds=30), token_id="A" * 22)
public = PublicKey.from_jwk(key.public.to_jwk())
print(verify(sign(claims, key), HubToken, public, audience=claims.audience, now=now) == claims)
"""
_TLS = """
import certifi, ssl
named = ssl.create_default_context(cafile=certifi.where())
print(named.cert_store_stats()["x509_ca"] > 100, named.verify_mode == ssl.CERT_REQUIRED,
      ssl.create_default_context().cert_store_stats()["x509_ca"])
"""
_ZONE = """
from datetime import datetime
from zoneinfo import ZoneInfo
berlin = ZoneInfo("Europe/Berlin")
print(datetime(2026, 7, 1, tzinfo=berlin).utcoffset())
"""
_NAMES = """
import socket
print(socket.getaddrinfo("localhost", 80, socket.AF_INET, socket.SOCK_STREAM)[0][4])
"""
_CHILD = """
import subprocess, sys
print(subprocess.run([sys.executable, "-m", "ccu_dashboard", "--version"], env={},
                     capture_output=True, text=True).stdout)
"""


def test_it_starts_where_it_was_unpacked(unpacked: Unpacked) -> None:
    assert unpacked.run("--version").stdout == f"{__version__}\n"


def test_it_starts_through_a_link_and_by_a_relative_name(
    unpacked: Unpacked, hub_root: Path
) -> None:
    link = hub_root / "current"
    link.symlink_to(unpacked.tree)
    command_link = hub_root / "ccu-dashboard"
    command_link.symlink_to(link / "bin/ccu-dashboard")
    for command in (
        str(link / "bin/ccu-dashboard"),
        "./ccu-dashboard",
        "current/bin/ccu-dashboard",
    ):
        done = subprocess.run(
            [command, "--version"], cwd=hub_root, capture_output=True, text=True, check=False
        )
        assert done.stdout == f"{__version__}\n", done.stderr


def test_the_hubs_environment_does_not_reach_it(unpacked: Unpacked, hub_root: Path) -> None:
    (hub_root / "json.py").write_text("raise SystemExit('the wrong module')", "ascii")
    output = unpacked.python(
        "import json, sys; print(sys.flags.utf8_mode, *sys.path)",
        PYTHONHOME="/nowhere",
        PYTHONPATH=str(hub_root),
        LD_LIBRARY_PATH="/opt/hm/lib",
        LC_ALL="de_DE",
    )
    places = ("python3.11", "python3.11/lib-dynload", "packages")
    assert output == " ".join(["1", *(str(unpacked.lib / place) for place in places)]) + "\n"


def test_the_doctor_examines_an_empty_hub(unpacked: Unpacked, hub_root: Path) -> None:
    done = unpacked.run("doctor", CCU_ROOT=str(hub_root))
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert done.stderr == ""


def test_the_service_refuses_a_stranger_with_a_page(unpacked: Unpacked, hub_root: Path) -> None:
    with unpacked.serving(hub_root) as service:
        answer = ask(service)
    assert answer.startswith("HTTP/1.1 403 ")
    assert "</html>" in answer


def test_a_child_process_starts_without_any_environment(unpacked: Unpacked) -> None:
    assert unpacked.python(_CHILD).strip() == __version__


def test_tokens_are_signed_and_verified(unpacked: Unpacked) -> None:
    assert unpacked.python(_SIGN_AND_VERIFY).split() == ["True"]


def test_certificates_are_checked_against_the_carried_list_only(unpacked: Unpacked) -> None:
    assert unpacked.python(_TLS).split() == ["True", "True", "0"]


def test_german_time_is_known_without_the_hubs_zones(unpacked: Unpacked) -> None:
    assert unpacked.python(_ZONE).split() == ["2:00:00"]


def test_names_are_resolved(unpacked: Unpacked) -> None:
    assert "127.0.0.1" in unpacked.python(_NAMES)
