"""Mails: when they are tried again, what stays of them, how they read."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmatic_portal.domain.account import Language
from cloudmatic_portal.domain.mail import (
    GIVE_UP_AFTER,
    LONGEST_PAUSE,
    ClaimedMail,
    JsonValue,
    NewMail,
    next_attempt,
    without_secrets,
)
from cloudmatic_portal.web.mails import MailWriter
from tests.factories import NOW

WRITER = MailWriter("https://portal.example", "CloudMatic <noreply@portal.example>")
FACTS: dict[str, dict[str, JsonValue]] = {
    "registration": {"token": "TOKEN", "next": "cart"},
    "registration_known": {"user_name": "maxmuster"},
    "password_reset": {"user_name": "maxmuster", "token": "TOKEN", "next": "cart"},
    "password_changed": {"user_name": "maxmuster", "changed_at": "2026-12-24T17:00:05+00:00"},
    "welcome": {
        "user_name": "maxmuster",
        "account_id": 1234567,
        "trial_name": "CloudMatic Complete",
        "trial_last_day": "2026-12-22",
    },
    "declaration_received": {
        "kind": "cancellation",
        "number": "K7Q-X4M-P9R",
        "received_at": "2026-12-24T17:00:05+00:00",
        "name": "Max Muster",
        "identification": "4711",
        "contract": "CloudMatic Complete",
        "cancellation": "extraordinary",
        "reason": "broken",
        "ends_on": "2026-12-31",
        "email": "max@muster.example",
    },
    "declaration_done": {
        "user_name": "maxmuster",
        "account": 4711,
        "kind": "cancellation",
        "number": "K7Q-X4M-P9R",
        "order": None,
        "product": "CloudMatic Complete",
        "last_day": "2026-12-31",
    },
    "email_change": {"token": "TOKEN", "account": 4711},
    "email_change_note": {"token": "TOKEN", "account": 4711},
    "user_name_changed": {
        "user_name": "maxmuster",
        "former": "max",
        "at": "2026-12-24T17:00:05+00:00",
    },
    "account_deleted": {
        "account": 4711,
        "at": "2026-12-24T17:00:05+00:00",
        "keep_until": "2034-12-31",
    },
}


def mail(kind: str, language: Language = "de", **changes: JsonValue) -> ClaimedMail:
    facts = FACTS[kind] | changes
    return ClaimedMail(1, "m" * 32, kind, "max@muster.example", language, facts, NOW, 1)


def sent(message: EmailMessage) -> EmailMessage:
    """The message as it comes out at the other end."""
    received = message_from_bytes(message.as_bytes(), policy=SMTP)
    assert isinstance(received, EmailMessage)
    return received


def parts(message: EmailMessage) -> tuple[str, str]:
    text, html = message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return text.get_content(), html.get_content()


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_pauses_grow_up_to_the_longest_until_a_mail_is_given_up(
    attempts: int, age: int, later: int
) -> None:
    now = NOW + timedelta(seconds=age)
    due_at = next_attempt(attempts, NOW, now)
    if due_at is None:
        assert now + LONGEST_PAUSE > NOW + GIVE_UP_AFTER
        assert next_attempt(attempts, NOW, now + timedelta(seconds=later)) is None
    else:
        assert timedelta(0) < due_at - now <= LONGEST_PAUSE
        following = next_attempt(attempts + 1, NOW, now)
        assert following is None or following >= due_at


def test_the_message_id_is_the_keys_and_no_repr_shows_a_secret() -> None:
    first = NewMail("welcome", "a@b.example", "de", {"token": "SECRET"}, "welcome:1")
    again = NewMail("welcome", "c@d.example", "en", {}, "welcome:1")
    other = NewMail("welcome", "a@b.example", "de", {}, "welcome:2")
    assert first.message_id == again.message_id != other.message_id
    assert "SECRET" not in repr(first) + repr(mail("password_reset", token="SECRET"))
    assert without_secrets({"token": "SECRET", "next": "cart"}) == {"next": "cart"}


@pytest.mark.parametrize("kind", FACTS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_mail_reads_as_text_and_as_html(kind: str, language: Language) -> None:
    message = sent(WRITER(mail(kind, language), NOW))
    assert message["To"] == "max@muster.example"
    assert message["From"] == "CloudMatic <noreply@portal.example>"
    assert message["Message-ID"] == f"<{'m' * 32}@portal.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert datetime.strptime(message["Date"], "%a, %d %b %Y %H:%M:%S %z") == NOW
    assert message["Reply-To"] is None
    assert message.get_content_type() == "multipart/alternative"
    text, html = parts(message)
    # A name that nobody has confirmed says nothing to whoever owns the address.
    name = " maxmuster" if "user_name" in FACTS[kind] else ""
    greeting = f"Guten Tag{name}," if language == "de" else f"Hello{name},"
    for content in (text, html):
        assert greeting in content
        assert "https://portal.example/" in content
        assert ("TOKEN" in content) == ("token" in FACTS[kind])
    assert "\n\n\n" not in text.replace("\r\n", "\n")
    assert "<" not in text
    assert f"<title>{message['Subject']}</title>" in html
    for outside in ("<script", "<img", "http://", 'src="'):
        assert outside not in html
    assert all(len(line) <= 998 for line in message.as_bytes().split(b"\r\n"))


def test_what_a_mail_says_in_german() -> None:
    text, _ = parts(WRITER(mail("welcome"), NOW))
    words = " ".join(text.split())
    assert "CloudMatic-ID: 1234567" in words
    assert "CloudMatic Complete bis 22.12.2026" in words
    text, html = parts(WRITER(mail("registration"), NOW))
    assert "https://portal.example/register/confirm?token=TOKEN&next=cart\n" in text.replace(
        "\r", ""
    )
    assert 'href="https://portal.example/register/confirm?token=TOKEN&amp;next=cart"' in html


def test_an_account_without_a_trial_is_welcome_too() -> None:
    text, html = parts(WRITER(mail("welcome", trial_name=None, trial_last_day=None), NOW))
    assert "None" not in text + html


def test_a_hostile_name_is_only_a_name() -> None:
    name = "<b>&\"' {{ 7 * 7 }} %(x)s"
    text, html = parts(WRITER(mail("welcome", user_name=name), NOW))
    assert name in text
    assert "<b>" not in html
    assert "49" not in html


@pytest.mark.parametrize(
    "recipient", ["a@b.example\r\nBcc: evil@evil.example", "a@b.example, c@d.example", "nobody"]
)
def test_no_header_can_be_slipped_in(recipient: str) -> None:
    plain = mail("welcome")
    hostile = ClaimedMail(1, "m" * 32, "welcome", recipient, "de", plain.facts, NOW, 1)
    with pytest.raises((ValueError, IndexError)):
        WRITER(hostile, NOW)


def test_replies_may_go_elsewhere() -> None:
    writer = MailWriter("https://portal.example", "a@b.example", "Hilfe <help@portal.example>")
    assert writer(mail("welcome"), NOW)["Reply-To"] == "Hilfe <help@portal.example>"
