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

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.legal import Terms
from cloudmatic_portal.domain.mail import ClaimedMail, StoredMail
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.settings import Settings
from cloudmatic_portal.web import girocode, render

_GAPS: Final = re.compile(r"\n{3,}")
"""More than one empty line: what templates leave where something is left out."""

_TO_PAY: Final = frozenset({"order_confirmation", "order_renewed", "payment_note"})
"""The mails that ask for a transfer of what is `due`."""


@dataclass(frozen=True, slots=True)
class MailWriter:
    """Writes mails for the portal at `origin`; `sender` is as in `Name <address>`.

    The templates are `mails/<kind>.txt` and `mails/<kind>.html`. The subject is the block `subject`
    of the text, which is written without macros. Templates know `facts`, `origin` and `subject`,
    and the filters of the pages; those of the HTML `girocode` too, the address of a picture that
    comes along with the mail, or None.
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
        picture = _girocode(mail)
        shown = f"girocode.{mail.message_id}" if picture is not None else None
        html = environment.get_template(f"mails/{mail.kind}.html").render(
            facts, subject=subject, girocode=f"cid:{shown}" if shown else None
        )

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
        if picture is not None:
            _add_picture(message, picture, f"<{shown}>")
        if mail.terms is not None:
            _attach_terms(message, mail.terms, mail.language)
        if mail.attachment is not None:
            main, _, sub = mail.attachment.kind.partition("/")
            message.add_attachment(
                mail.attachment.content,
                maintype=main,
                subtype=sub,
                filename=mail.attachment.name,
            )
        return message


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail as its text reads, with its secrets covered."""

    subject: str
    text: str


def make_writer(settings: Settings) -> MailWriter:
    """Who writes the mails, under the names that `settings` give."""
    return MailWriter(settings.origin, settings.sender, settings.mail_reply_to)


def read(mail: StoredMail, writer: MailWriter) -> Reading | None:
    """What the mail says, for the operator; None if that has been erased."""
    if mail.erased:
        return None
    message = writer(mail.disclosed(), mail.sent_at or mail.created_at)
    text = message.get_body(("plain",))
    said = "" if text is None else str(text.get_content()).replace("\r\n", "\n")
    return Reading(message["Subject"], said)


def _girocode(mail: ClaimedMail) -> bytes | None:
    """The picture with which the mail can be paid, if there is something to pay by hand.

    A standing order that is set up pays the next period itself: a code would pay it twice.
    """
    facts: Any = mail.facts
    if mail.kind not in _TO_PAY or not facts.get("bank") or not facts.get("due"):
        return None
    if mail.kind == "order_renewed" and facts["method"] == "standing_order":
        return None
    bank = facts["bank"]
    account = BankAccount(bank["holder"], bank["iban"].replace(" ", ""), bank["bic"])
    return girocode.png(account, Money(facts["due"]), facts["transfer_number"])


def _add_picture(message: EmailMessage, picture: bytes, content_id: str) -> None:
    """Beside the HTML (RFC 2387), which shows it: it is no attachment to be opened."""
    html: Any = message.get_body(("html",))
    html.add_related(
        picture, "image", "png", cid=content_id, disposition="inline", filename="girocode.png"
    )


def _attach_terms(message: EmailMessage, terms: Terms, language: Language) -> None:
    """On a durable medium (§ 312f II BGB): as plain text, which can be read for ever."""
    names = _TERMS_FILES[language]
    for name, text in zip(names, (terms.agb, terms.widerruf), strict=True):
        message.add_attachment(text + "\n", cte="quoted-printable", filename=name)


_TERMS_FILES: Final[dict[Language, tuple[str, str]]] = {
    "de": ("AGB.txt", "Widerrufsbelehrung.txt"),
    "en": ("Terms-and-conditions.txt", "Right-of-withdrawal.txt"),
}
