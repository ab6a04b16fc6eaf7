"""The mails that a portal would send: rendered as they would leave, and read as people do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from cloudmatic_portal.services.mailing import deliver_due
from cloudmatic_portal.web.mails import MailWriter
from tests.integration.portal.world import Portal


@dataclass
class Letter:
    """A mail as it arrives."""

    recipient: str
    subject: str
    text: str
    html: str
    pictures: dict[str, bytes]
    """What the HTML shows, by its Content-ID."""

    def link(self, path: str) -> str:
        """The address on this portal that the mail leads to, below `path`."""
        found = re.search(rf"http://localhost:8000({path}\?\S+)", self.text)
        assert found, f"no link to {path} in {self.text}"
        return found[1]


class Postbox:
    """Takes what is due, in the place of a mail server."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._writer = MailWriter(portal.origin, portal.settings.sender)
        self._arrived: list[Letter] = []

    async def send(self, message: EmailMessage) -> None:
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        pictures = {
            part["Content-ID"].strip("<>"): part.get_content()
            for part in message.walk()
            if part.get_content_maintype() == "image"
        }
        self._arrived.append(
            Letter(message["To"], message["Subject"], _read(text), _read(html), pictures)
        )

    async def empty(self) -> list[Letter]:
        """The letters that have come since the last time, by subject."""
        now = self.portal.clock.now
        while await deliver_due(self.portal.database, self, self._writer, now=now):
            pass
        arrived, self._arrived = self._arrived, []
        return sorted(arrived, key=lambda letter: letter.subject)

    async def only(self) -> Letter:
        [letter] = await self.empty()
        return letter


def _read(part: Any) -> str:
    return str(part.get_content()).replace("\r\n", "\n")
