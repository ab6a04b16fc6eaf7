"""An SMTP server of the tests' own, over real connections: it takes mails, or misbehaves."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from cloudmatic_portal.clients.mailer import Security, SmtpServer
from tests.simulated_ccu.certificate import self_signed_pem

USER = "portal@example"
PASSWORD = "p@ss/word:1"


class MailServer:
    """Handler of aiosmtpd. `answers` replaces its word at a step: sender, recipient or data."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.drop_after_data = False
        self.delay = 0.0
        self.tls: list[bool] = []
        self.port = 0

    def server(self, security: Security = "none", **changes: Any) -> SmtpServer:
        return SmtpServer("localhost", self.port, security, **changes)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names and arguments
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("sender", "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return self.answers.get("recipient", "250 OK")

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self.delay)
        if "data" in self.answers:
            return self.answers["data"]
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=SMTP_POLICY)
        assert isinstance(message, EmailMessage)
        self.taken.append((envelope.mail_from or "", envelope.rcpt_tos, message))
        self.tls.append(session.ssl is not None)
        if self.drop_after_data:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 OK"


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    expected = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == expected, handled=False)


class Certificate:
    """A certificate for localhost that the tests made; `trusting` believes it and no other."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "mail.pem"
        self.file.write_bytes(self_signed_pem())

    def serving(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


@asynccontextmanager
async def mail_server(
    security: Security = "none", certificate: Certificate | None = None, *, auth: bool = False
) -> AsyncIterator[MailServer]:
    """A server on a free port of this machine."""
    handler = MailServer()
    loop = asyncio.get_running_loop()
    context = certificate.serving() if certificate else None
    options: dict[str, Any] = {"hostname": "mail.example", "loop": loop, "timeout": 30}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if auth:
        # With TLS from the first byte on, aiosmtpd does not see that there is any.
        options |= {"authenticator": authenticate, "auth_required": True}
        options |= {"auth_require_tls": security == "starttls"}
    protocols: list[SMTP] = []

    def protocol() -> SMTP:
        protocols.append(SMTP(handler, **options))
        return protocols[-1]

    server = await loop.create_server(
        protocol, "localhost", 0, ssl=context if security == "tls" else None
    )
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        server.close()
        for each in protocols:
            if each.transport is not None:
                each.transport.close()
        await server.wait_closed()
