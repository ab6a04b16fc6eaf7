"""The same over real TLS: who is not proved to be the portal is told and believed nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ccu_dashboard.clients import portal as portal_client
from ccu_dashboard.domain.contact import Contact, Outcome
from ccu_dashboard.services.clock import HubClock
from ccu_dashboard.settings import Settings
from ccu_dashboard.storage import hub_key, status_cache
from tests.factories import NOW
from tests.simulated_ccu.certificate import self_signed_pem
from tests.unit.ccu_dashboard.portal_server import Portal, Reply, problem, running_portal
from tests.unit.ccu_dashboard.refreshing import STATUS, ask, remember

ASK = "GET /api/v1/hub/status"
TOLD = Reply(200, STATUS.to_json(), {"ETag": '"one"'})
ENROLLED = Reply(201, {"key_id": "x"})
NAME = "portal.example"


def certificate(folder: Path, name: str, **facts: Any) -> Path:
    file = folder / f"{name}.pem"
    file.write_bytes(self_signed_pem(**facts))
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def good(folder: Path) -> Path:
    return certificate(folder, "good")


def trusting(settings: Settings, portal: Portal, bundle: Path) -> Settings:
    return replace(settings, portal=portal.url, ca_bundle=bundle)


@contextmanager
def names_lead_to(monkeypatch: pytest.MonkeyPatch, family: int, host: str) -> Iterator[None]:
    """Whatever name is looked up, the answer is `host`, and nothing of another family."""
    real = socket.getaddrinfo

    def lie(_name: Any, port: Any, *rest: Any, **more: Any) -> Any:
        return [each for each in real(host, port, *rest, **more) if each[0] == family]

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", lie)
        yield


def test_a_portal_with_a_good_certificate_is_heard(settings: Settings, good: Path) -> None:
    with running_portal(good) as portal:
        portal.replies = [ENROLLED, TOLD]
        assert ask(trusting(settings, portal, good)).outcome is Outcome.HEARD


@pytest.mark.parametrize(
    "facts",
    [
        {"host": "elsewhere.example"},
        {"now": datetime.now(UTC) - timedelta(days=400)},
        {"now": datetime.now(UTC) + timedelta(days=400)},
        {},
    ],
    ids=["another name", "expired", "of the future", "nobody's"],
)
def test_a_certificate_that_proves_nothing_gets_no_word_out_of_the_hub(
    settings: Settings, good: Path, tmp_path: Path, facts: dict[str, Any]
) -> None:
    """Expired and of the future: so a hub sees a good one if its clock is years ahead or behind."""
    wrong = certificate(tmp_path, "wrong", **facts)
    with running_portal(wrong) as portal:
        portal.replies = [TOLD]
        hub = trusting(settings, portal, wrong if facts else good)
        kept, key = remember(hub), hub.hub_key.read_bytes()
        assert ask(hub) == Contact(Outcome.UNREACHABLE, "certificate-not-trusted")
        assert portal.requests == []
        assert status_cache.load(hub.status) == kept
        assert hub.hub_key.read_bytes() == key


def test_a_name_that_leads_to_somebody_else_is_found_out(
    settings: Settings, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name server lies: another host, with a good certificate of its own, is no portal."""
    with running_portal(good) as other, names_lead_to(monkeypatch, socket.AF_INET, "127.0.0.1"):
        other.replies = [TOLD]
        port = other.url.rsplit(":", 1)[1]
        hub = replace(settings, portal=f"https://{NAME}:{port}", ca_bundle=good)
        kept = remember(hub)
        assert ask(hub) == Contact(Outcome.UNREACHABLE, "certificate-not-trusted")
        assert other.requests == []
        assert status_cache.load(hub.status) == kept


def test_a_hub_that_has_ipv6_only_reaches_the_portal(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = certificate(tmp_path, "named", host=NAME)
    with running_portal(named, six=True) as portal:
        port = portal.url.rsplit(":", 1)[1]
        with names_lead_to(monkeypatch, socket.AF_INET6, "::1"):
            portal.replies = [ENROLLED, TOLD]
            hub = replace(settings, portal=f"https://{NAME}:{port}", ca_bundle=named)
            assert ask(hub).outcome is Outcome.HEARD


def test_an_address_of_ipv6_is_a_portals_too(settings: Settings, good: Path) -> None:
    with running_portal(good, six=True) as portal:
        portal.replies = [ENROLLED, TOLD]
        assert ask(trusting(settings, portal, good)).outcome is Outcome.HEARD


STRANGE: dict[str, tuple[Reply, Contact]] = {
    "busy": (
        problem(500, "internal-error"),
        Contact(Outcome.REFUSED, "internal-error", NOW, 50.0),
    ),
    "maintenance": (
        Reply(503, "<html>", {"Content-Type": "text/html"}),
        Contact(Outcome.UNREACHABLE, "not-the-portal"),
    ),
    "captive portal": (
        Reply(200, "<html>Gast-WLAN</html>", {"Content-Type": "text/html"}),
        Contact(Outcome.UNREACHABLE, "not-the-portal"),
    ),
    "cut off": (
        Reply(200, None, {"Content-Length": "5000"}, write=lambda stream: stream.write(b'{"a')),
        Contact(Outcome.UNREACHABLE, "no-connection"),
    ),
    "cut off in the last byte": (
        Reply(200, None, {"Content-Length": "3"}, write=lambda stream: stream.write(b"{}")),
        Contact(Outcome.UNREACHABLE, "no-connection"),
    ),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_goes_wrong_over_tls_keeps_what_is_known(
    settings: Settings, good: Path, kind: str
) -> None:
    reply, expected = STRANGE[kind]
    with running_portal(good) as portal:
        portal.replies = [reply]
        hub = trusting(settings, portal, good)
        kept, key = remember(hub), hub.hub_key.read_bytes()
        assert ask(hub) == expected
        assert portal.asked == [ASK]
        assert status_cache.load(hub.status) == kept
        assert hub.hub_key.read_bytes() == key


def test_a_portal_asks_to_be_left_alone_and_is(settings: Settings, good: Path) -> None:
    busy = problem(503, "busy")
    for named, seconds in (("120", 120.0), ("999999999", 86400.0), ("soon", None), ("-1", None)):
        busy.headers["Retry-After"] = named
        with running_portal(good) as portal:
            portal.replies = [busy]
            assert ask(trusting(settings, portal, good)).pause == seconds


def test_a_status_of_a_later_version_is_read(settings: Settings, good: Path) -> None:
    document = STATUS.to_json() | {"version": 2, "messages": 7, "orders": [{"new": "form"}]}
    with running_portal(good) as portal:
        portal.replies = [ENROLLED, Reply(200, document)]
        hub = trusting(settings, portal, good)
        assert ask(hub).outcome is Outcome.HEARD
        assert status_cache.load(hub.status).status == STATUS


@pytest.mark.parametrize("year", [1970, 2001, 2045])
def test_a_clock_that_is_years_off_is_set_by_the_portal_where_tls_allows(
    settings: Settings, good: Path, year: int
) -> None:
    """The certificate is judged by the system's clock, which is right here; tokens are not."""
    clock = HubClock(lambda: datetime(year, 1, 1, tzinfo=UTC), lambda: 50.0)
    with running_portal(good) as portal:
        portal.replies = [problem(401, "not-yet-valid"), ENROLLED, TOLD]
        assert ask(trusting(settings, portal, good), clock).outcome is Outcome.HEARD
    assert clock.now() == NOW


# Something that listens, and is no HTTPS server.


def silent(connection: socket.socket) -> None:
    time.sleep(1)
    connection.close()


def hangs_up(connection: socket.socket) -> None:
    connection.close()


def plain(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n")
    connection.close()


def half_a_handshake(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x40\x00\x02")
    connection.close()


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                    answer(connection)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "causes"),
    [
        (silent, {"timeout"}),
        (hangs_up, {"certificate-not-trusted", "no-connection"}),
        (plain, {"certificate-not-trusted"}),
        (half_a_handshake, {"certificate-not-trusted", "no-connection"}),
    ],
)
def test_whatever_listens_there_the_hub_is_soon_free_again(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[socket.socket], None],
    causes: set[str],
) -> None:
    monkeypatch.setattr(portal_client, "_TIMEOUT", (0.4, 0.4))
    with listening(answer) as url:
        hub = replace(settings, portal=url)
        kept = remember(hub)
        began = time.monotonic()
        contact = ask(hub)
        assert time.monotonic() - began < 5
        assert contact.outcome is Outcome.UNREACHABLE
        assert contact.reason in causes
        assert status_cache.load(hub.status) == kept


def test_an_old_tls_is_not_spoken(settings: Settings, good: Path) -> None:
    """A middle box that knows nothing newer than TLS 1.1 is told nothing."""

    def answer(connection: socket.socket) -> None:
        # An alert: protocol_version (RFC 5246, section 7.2).
        connection.recv(4096)
        connection.sendall(b"\x15\x03\x02\x00\x02\x02\x46")
        connection.close()

    with listening(answer) as url:
        hub = replace(settings, portal=url, ca_bundle=good)
        key = hub_key.load_or_create(hub.hub_key)
        assert ask(hub) == Contact(Outcome.UNREACHABLE, "certificate-not-trusted")
        now = hub_key.load(hub.hub_key)
        assert now is not None
        assert now.key_id == key.key_id
