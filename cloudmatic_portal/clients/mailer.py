"""Hand mails over: to an SMTP server, or into a folder of this machine.

Whatever the other side says leaves here as a MailNotSent, with the password masked.
"""

from __future__ import annotations

import asyncio
import mailbox
import ssl
import tempfile
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Literal, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from cloudmatic_portal.domain.errors import MailDeferred, MailRejected, MailUncertain

Security = Literal["tls", "starttls", "none"]

PREPARING: Final = 30.0
"""Seconds from connecting until the server awaits the message."""

TAKING: Final = 60.0
"""Seconds that the server may look at the message; filters for viruses and spam do that."""

_LEAVING: Final = 5.0

_SCHEMES: Final[dict[str, tuple[Security, int]]] = {
    "smtps": ("tls", 465),
    "smtp+starttls": ("starttls", 587),
    "smtp": ("none", 25),
}
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Mailer(Protocol):
    """One way out for mails."""

    async def send(self, message: EmailMessage) -> None:
        """Hand `message` over. Raises MailDeferred, MailRejected or MailUncertain."""


class WayOut(Mailer, Protocol):
    """A mailer that can be tried without a mail."""

    async def try_out(self) -> None:
        """Go as far as can be gone without a mail. Raises MailDeferred."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed over; no `repr` shows the password."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_server(address: str) -> SmtpServer:
    """Read `smtps://user:password@host:465`, `smtp+starttls://…` or `smtp://localhost:25`.

    Raises ValueError, which repeats nothing of `address`. Without TLS only this machine will do:
    mails carry links that open accounts.
    """
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES:
        raise ValueError("expected smtps://…, smtp+starttls://… or smtp://…")
    security, usual = _SCHEMES[parts.scheme]
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("expected a host and nothing behind it")
    if security == "none" and parts.hostname not in _THIS_MACHINE:
        raise ValueError("without TLS only this machine will do: use smtps:// or smtp+starttls://")
    try:
        port = parts.port or usual
    except ValueError as error:
        raise ValueError("expected a port number") from error
    if (parts.username is None) != (parts.password is None):
        raise ValueError("expected user and password, or neither")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return SmtpServer(parts.hostname, port, security, user, password)


class SmtpMailer:
    """Hands each mail to an SMTP server over a connection of its own.

    `name` is what we greet as; `context` says whom to trust, by default the system's authorities.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        name: str = "localhost",
        context: ssl.SSLContext | None = None,
        preparing: float = PREPARING,
        taking: float = TAKING,
    ) -> None:
        self._server = server
        self._name = name
        self._context = context or ssl.create_default_context()
        self._preparing = preparing
        self._taking = taking

    async def send(self, message: EmailMessage) -> None:
        sender, recipient = (parseaddr(str(message[name]))[1] for name in ("From", "To"))
        if not (sender.isascii() and recipient.isascii()):
            raise MailRejected("an address beyond ASCII")
        client = self._client()
        try:
            await self._prepare(client, sender, recipient)
            await self._hand_over(client, message.as_bytes(policy=SMTP_POLICY))
            await _say_goodbye(client)
        finally:
            client.close()

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._context,
            local_hostname=self._name,
            timeout=self._preparing,
        )

    async def try_out(self) -> None:
        """Connect and log in as for a mail, and leave again. Raises MailDeferred."""
        client = self._client()
        try:
            async with asyncio.timeout(self._preparing):
                await client.connect()
            await _say_goodbye(client)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise MailDeferred(self._masked(error)) from None
        finally:
            client.close()

    async def _prepare(self, client: aiosmtplib.SMTP, sender: str, recipient: str) -> None:
        """Everything up to the message itself: until then nothing can have left."""
        try:
            async with asyncio.timeout(self._preparing):
                # A login that is refused for good is our settings' fault, not the mail's.
                await client.connect()
                await self._address(client, sender, recipient)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise MailDeferred(self._masked(error)) from None

    async def _address(self, client: aiosmtplib.SMTP, sender: str, recipient: str) -> None:
        try:
            await client.mail(sender)
            await client.rcpt(recipient)
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error) from None

    async def _hand_over(self, client: aiosmtplib.SMTP, content: bytes) -> None:
        try:
            # The client's own timeout is for answers: it would write for ever to a server that
            # does not read.
            async with asyncio.timeout(self._taking):
                await client.data(content, timeout=self._taking)
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            # RFC 5321, section 4.5.3.2.6: whether the server took it before it fell silent,
            # nobody can tell from here.
            raise MailUncertain(self._masked(error)) from None

    def _refusal(self, error: aiosmtplib.SMTPResponseException) -> MailDeferred | MailRejected:
        kind = MailRejected if 500 <= error.code < 600 else MailDeferred
        return kind(self._masked(f"{error.code} {error.message}"))

    def _masked(self, reason: object) -> str:
        text = " ".join(str(reason).split()) or type(reason).__name__
        password = self._server.password
        return text.replace(password, "***") if password else text


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=_LEAVING)
    except (aiosmtplib.SMTPException, OSError):
        # The mail has been taken; how the connection ends does not matter any more.
        return


class MaildirMailer:
    """Lays mails down as files in a Maildir, for a machine that sends none (tests, demo).

    The folder is readable by its owner alone: mails carry links that open accounts.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        try:
            await asyncio.to_thread(self._add, message)
        except OSError as error:
            raise MailDeferred(error.strerror or type(error).__name__) from None

    async def try_out(self) -> None:
        """Make the folder if need be, and a file in it. Raises MailDeferred."""
        try:
            await asyncio.to_thread(self._touch)
        except OSError as error:
            raise MailDeferred(error.strerror or type(error).__name__) from None

    def _touch(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(self._folder, create=True).close()
        with tempfile.TemporaryFile(dir=self._folder):
            pass

    def _add(self, message: EmailMessage) -> None:
        # Maildir does not make the folders above its own.
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        folder = mailbox.Maildir(self._folder, create=True)
        try:
            folder.add(message)
        finally:
            folder.close()
