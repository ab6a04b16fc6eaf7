"""Mails: from kind and facts to subject, text and HTML, in the language of whoever gets it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from cloudmatic_portal.domain.mail import ClaimedMail
from cloudmatic_portal.web import render

_GAPS: Final = re.compile(r"\n{3,}")
"""More than one empty line: what templates leave where something is left out."""


@dataclass(frozen=True, slots=True)
class MailWriter:
    """Writes mails for the portal at `origin`; `sender` is as in `Name <address>`.

    The templates are `mails/<kind>.txt` and `mails/<kind>.html`. The subject is the block `subject`
    of the text, which is written without macros. Templates know `facts`, `origin` and `subject`,
    and the filters of the pages.
    """

    origin: str
    sender: str
    reply_to: str | None = None

    def __call__(self, mail: ClaimedMail, now: datetime) -> EmailMessage:
        """The message; `now` is its Date. The same mail has the same Message-ID at any time."""
        environment = render.environment(mail.language)
        facts: dict[str, Any] = {"facts": mail.facts, "origin": self.origin}
        template = environment.get_template(f"mails/{mail.kind}.txt")
        subject = " ".join("".join(template.blocks["subject"](template.new_context(facts))).split())
        text = _GAPS.sub("\n\n", template.render(facts, subject=subject))
        html = environment.get_template(f"mails/{mail.kind}.html").render(facts, subject=subject)

        # A header with a line break in it is refused by the policy, so nobody can slip one in.
        message = EmailMessage(SMTP)
        message["Subject"] = subject
        message["From"] = self.sender
        message["To"] = Address(addr_spec=mail.recipient)
        if self.reply_to is not None:
            message["Reply-To"] = self.reply_to
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{mail.message_id}@{urlsplit(self.origin).hostname}>"
        # RFC 3834, section 5: no out-of-office replies to us, please.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        if mail.attachment is not None:
            main, _, sub = mail.attachment.kind.partition("/")
            message.add_attachment(
                mail.attachment.content,
                maintype=main,
                subtype=sub,
                filename=mail.attachment.name,
            )
        return message
