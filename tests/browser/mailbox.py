"""The mails that the portal sent: it lays them down in a maildir beside its database."""

from __future__ import annotations

import re
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

_PATIENCE_SECONDS: Final = 20.0


class Mailbox:
    """All mails of a portal; a test looks for those to its own customer."""

    def __init__(self, folder: Path) -> None:
        self._new = folder / "new"

    def mails(self, address: str, subject: str) -> list[EmailMessage]:
        """The mails to `address` whose subject begins with `subject`."""
        found = (_read(path) for path in sorted(self._new.glob("*")))
        return [
            mail
            for mail in found
            if mail["To"] == address and str(mail["Subject"]).startswith(subject)
        ]

    def wait_for(self, address: str, subject: str) -> EmailMessage:
        """The one mail to `address` with that subject, as soon as it is there."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (found := self.mails(address, subject)):
            assert time.monotonic() < deadline, f"no mail “{subject}” to {address}"
            time.sleep(0.05)
        assert len(found) == 1
        return found[0]


def words(mail: EmailMessage) -> str:
    """The plain text of `mail`, with white space folded."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def link(mail: EmailMessage, path: str) -> str:
    """The address below `path` that the plain text of `mail` names."""
    found = re.search(rf"https?://\S+{re.escape(path)}\S*", words(mail))
    assert found is not None, words(mail)
    return found[0]


def _read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message
