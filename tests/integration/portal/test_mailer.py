"""Handing a mail over to a real SMTP server, or into a folder, and all that may go wrong there."""

from __future__ import annotations

import asyncio
import contextlib
import mailbox
import ssl
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from cloudmatic_portal.clients.mailer import MaildirMailer, Security, SmtpMailer
from cloudmatic_portal.domain.errors import (
    MailDeferred,
    MailNotSent,
    MailRejected,
    MailUncertain,
)
from tests.integration.portal.mail_server import (
    PASSWORD,
    USER,
    Certificate,
    MailServer,
    mail_server,
)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path)


@pytest.fixture(autouse=True)
def _auth_without_starttls() -> Iterator[None]:
    with warnings.catch_warnings():
        # aiosmtpd cannot know that the whole connection is TLS.
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
        yield


def message(**headers: str) -> EmailMessage:
    made = EmailMessage(SMTP)
    usual = {"From": "CloudMatic <noreply@portal.example>", "To": "max@muster.example"}
    for name, value in (usual | {"Subject": "Grüße"} | headers).items():
        made[name] = value
    made.set_content("Für Sie\n.\n..und so weiter\n")
    return made


def mailer(server: MailServer, *, preparing: float = 5, taking: float = 5) -> SmtpMailer:
    return SmtpMailer(server.server(), preparing=preparing, taking=taking)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_mail_goes_over_tls_with_a_login(
    certificate: Certificate, security: Security
) -> None:
    async with mail_server(security, certificate, auth=True) as server:
        way = server.server(security, user=USER, password=PASSWORD)
        await SmtpMailer(way, context=certificate.trusting()).send(message())
    [(sender, recipients, taken)] = server.taken
    assert (sender, recipients) == ("noreply@portal.example", ["max@muster.example"])
    assert taken["Subject"] == "Grüße"
    assert taken.get_content().replace("\r\n", "\n") == "Für Sie\n.\n..und so weiter\n"
    assert security == "tls" or server.tls == [True]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    certificate: Certificate, security: Security
) -> None:
    async with mail_server(security, certificate, auth=True) as server:
        way = server.server(security, user=USER, password=PASSWORD)
        with pytest.raises(MailDeferred, match=r"(?i)certificate"):
            await SmtpMailer(way, context=ssl.create_default_context()).send(message())
    assert server.taken == []


async def test_a_server_that_offers_no_tls_gets_neither_mail_nor_password() -> None:
    async with mail_server() as server:
        way = server.server("starttls", user=USER, password=PASSWORD)
        with pytest.raises(MailDeferred, match="STARTTLS"):
            await SmtpMailer(way).send(message())
    assert server.taken == []


async def test_a_refused_login_is_not_the_mails_fault_and_the_password_stays_unsaid(
    certificate: Certificate,
) -> None:
    async with mail_server("starttls", certificate, auth=True) as server:
        way = server.server("starttls", user=USER, password="wrong-one")
        with pytest.raises(MailDeferred) as refused:
            await SmtpMailer(way, context=certificate.trusting()).send(message())
    assert "535" in refused.value.detail
    assert "wrong-one" not in str(refused.value) + repr(way)
    assert server.taken == []


@pytest.mark.parametrize("step", ["sender", "recipient", "data"])
@pytest.mark.parametrize(
    ("answer", "kind"), [("450 busy", MailDeferred), ("550 no such user", MailRejected)]
)
async def test_a_refusal_is_for_good_or_for_now(
    step: str, answer: str, kind: type[MailNotSent]
) -> None:
    async with mail_server() as server:
        server.answers[step] = answer
        with pytest.raises(kind, match=answer):
            await mailer(server).send(message())
    assert server.taken == []


async def test_a_server_that_repeats_the_password_is_not_repeated() -> None:
    async with mail_server() as server:
        server.answers["recipient"] = f"450 what is {PASSWORD}"
        way = SmtpMailer(server.server(password=PASSWORD))
        with pytest.raises(MailDeferred) as refused:
            await way.send(message())
    assert refused.value.detail == "450 what is ***"


@pytest.mark.fault("mail server", "dropping the line after the message: uncertain, not sent twice")
async def test_a_server_that_drops_the_line_after_the_message_may_have_taken_it() -> None:
    async with mail_server() as server:
        server.drop_after_data = True
        with pytest.raises(MailUncertain):
            await mailer(server).send(message())
    assert len(server.taken) == 1


@pytest.mark.fault("mail server", "silent after the message: uncertain, not sent twice")
async def test_a_server_that_falls_silent_after_the_message_may_have_taken_it() -> None:
    async with mail_server() as server:
        server.delay = 0.5
        with pytest.raises(MailUncertain):
            await mailer(server, taking=0.1).send(message())


@asynccontextmanager
async def stranger(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter, asyncio.Event], Awaitable[None]],
) -> AsyncIterator[MailServer]:
    """A server that does what `answer` says, to the end of the test, which sets its event."""
    over = asyncio.Event()
    served: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(done := asyncio.Event())
        with contextlib.suppress(ConnectionError):
            await answer(reader, writer, over)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        done.set()

    async with await asyncio.start_server(serve, "localhost", 0) as listening:
        server = MailServer()
        server.port = listening.sockets[0].getsockname()[1]
        try:
            yield server
        finally:
            over.set()
            await asyncio.gather(*(each.wait() for each in served))


@pytest.mark.fault("mail server", "a tarpit holds a mail for the agreed time, and no longer")
@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ([], MailDeferred),
        ([b"220 hello", b"250 hello", b"250 OK"], MailDeferred),
        ([b"220 hello", b"250 hello", b"250 OK", b"250 OK", b"354 go"], MailUncertain),
    ],
    ids=["greeting", "recipient", "message"],
)
async def test_a_tarpit_does_not_hold_a_mail_for_ever(
    script: list[bytes], expected: type[MailNotSent]
) -> None:
    """It answers as far as `script` goes, and from then on with lines that never end."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, over: asyncio.Event
    ) -> None:
        for number, line in enumerate(script):
            if number:
                await reader.readline()
            writer.write(line + b"\r\n")
        while not over.is_set():
            writer.write(b"250-wait\r\n" if script else b"220-wait\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with stranger(answer) as server, asyncio.timeout(30):
        with pytest.raises(expected):
            await mailer(server, preparing=2, taking=2).send(message())


@pytest.mark.fault("mail server", "one that stops reading in the middle of a message is given up")
async def test_a_server_that_does_not_read_the_message_is_given_up() -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, over: asyncio.Event
    ) -> None:
        writer.write(b"220 hello\r\n")
        for line in (b"250 hello", b"250 OK", b"250 OK", b"354 go"):
            await reader.readline()
            writer.write(line + b"\r\n")
        await over.wait()

    large = message()
    large.add_attachment(bytes(8 * 1024 * 1024), "application", "pdf", filename="a.pdf")
    async with stranger(answer) as server, asyncio.timeout(30):
        with pytest.raises(MailUncertain):
            await mailer(server, preparing=2, taking=2).send(large)


@pytest.mark.fault("mail server", "away or silent from the start: tried again later")
async def test_nobody_there_and_nobody_answering_are_for_now(unused_tcp_port: int) -> None:
    gone = MailServer()
    gone.port = unused_tcp_port
    with pytest.raises(MailDeferred):
        await mailer(gone).send(message())

    left = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        left.set()

    async with await asyncio.start_server(say_nothing, "localhost", 0) as silent:
        gone.port = silent.sockets[0].getsockname()[1]
        with pytest.raises(MailDeferred):
            await mailer(gone, preparing=0.2).send(message())
        await asyncio.wait_for(left.wait(), 5)


async def test_an_address_that_smtp_cannot_carry_is_rejected() -> None:
    async with mail_server() as server:
        with pytest.raises(MailRejected):
            await mailer(server).send(message(To="mäx@muster.example"))
    assert server.taken == []


async def test_a_folder_takes_mails_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "mail"
    await MaildirMailer(folder).send(message())
    await MaildirMailer(folder).send(message(Subject="zweite"))
    assert folder.stat().st_mode & 0o077 == 0
    box = mailbox.Maildir(folder, create=False)
    assert sorted(str(each["Subject"]) for each in box) == ["=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "zweite"]
    assert all(file.read_bytes().startswith(b"From:") for file in (folder / "new").iterdir())


async def test_a_folder_that_cannot_be_made_is_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MailDeferred):
        await MaildirMailer(tmp_path / "file" / "mail").send(message())
