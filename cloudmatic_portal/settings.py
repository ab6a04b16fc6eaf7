"""The portal's settings. Nothing else reads the environment."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.policy import SMTP
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from cloudmatic_link.formats import parse_origin
from cloudmatic_portal.clients.mailer import SmtpServer, parse_server
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.storage.database import DatabaseUnusable, parse_url

PREFIX: Final = "CLOUDMATIC_PORTAL_"
_MIN_SECRET: Final = 32
T = TypeVar("T")


class SettingsWrong(Exception):
    """`problems` names every setting that is missing or wrong, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What differs from one installation to the next."""

    origin: str
    """Where browsers and hubs reach the portal; links and tokens must be made for it."""
    database: str = field(repr=False)
    """SQLAlchemy URL, or the path of a SQLite file. May hold a password."""
    secret: bytes = field(repr=False)
    """Key of form tokens and of known browsers' proofs; changing it makes open forms stale and
    known browsers strangers, and nothing else."""
    host: str = "127.0.0.1"
    port: int = 8080
    socket: Path | None = None
    """Unix socket to listen on, in the place of host and port."""
    password_memory_kib: int = 65536
    """Memory for one argon2id hash (RFC 9106, section 4)."""
    proxies: int = 0
    """How many proxies of ours add to X-Forwarded-For; 0: none is believed."""
    release_feed: Path | None = None
    """The signed feed of the add-on's releases; it may be laid down later."""
    smtp: SmtpServer | None = None
    """Where mails are handed over."""
    mail_folder: Path | None = None
    """Maildir that mails are laid down in where there is no `smtp`; none beside a SQLite file."""
    mail_from: str | None = None
    """Sender of all mails, `Name <address>`; CloudMatic at the origin's host if None."""
    mail_reply_to: str | None = None
    bank: BankAccount | None = None
    """Where customers transfer their money; without it no order that costs something is taken."""
    rules: Rules = field(default_factory=Rules)
    """Days of grace and notes when the payment of a subscription is late."""
    seller: Seller | None = None
    """Who sells, for invoices; until it is said they wait."""
    sample_prices: bool = False
    """The prices in the database are placeholders, and every page that shows some says so."""

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def hostname(self) -> str:
        return urlsplit(self.origin).hostname or "localhost"

    @property
    def sender(self) -> str:
        return self.mail_from or f"CloudMatic <noreply@{self.hostname}>"

    @property
    def maildir(self) -> Path | None:
        """The folder for mails, if they are not handed over by SMTP."""
        if self.smtp is not None or self.mail_folder is not None:
            return self.mail_folder
        url = parse_url(self.database)
        beside = url.get_backend_name() == "sqlite" and url.database
        return Path(beside).parent / "mail" if beside else None


class _Reader:
    """Collects what is wrong, so that all of it can be told at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[str] = []

    def get(self, name: str, read: Callable[[str], T], default: T, *, needed: bool = False) -> T:
        text = self.environment.get(PREFIX + name, "")
        if not text:
            if needed:
                self.problems.append(f"{PREFIX}{name} is missing")
            return default
        try:
            return read(text)
        except (ValueError, OSError, DatabaseUnusable) as error:
            # The value itself may be a secret and stays out of the message.
            reason = error.strerror if isinstance(error, OSError) else error
            self.problems.append(f"{PREFIX}{name}: {reason}")
            return default


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the variables `CLOUDMATIC_PORTAL_…`. Raises SettingsWrong with all that is wrong."""
    reader = _Reader(environment)
    settings = Settings(
        origin=reader.get("ORIGIN", parse_origin, "", needed=True),
        database=reader.get("DATABASE", _database, "", needed=True),
        secret=_read_secret(reader),
        host=reader.get("HOST", str, "127.0.0.1"),
        port=reader.get("PORT", _port, 8080),
        socket=reader.get("SOCKET", Path, None),
        password_memory_kib=reader.get("PASSWORD_MEMORY_KIB", _memory, 65536),
        proxies=reader.get("PROXIES", _proxies, 0),
        release_feed=reader.get("RELEASE_FEED", Path, None),
        bank=_read_bank(reader),
        rules=Rules(
            reader.get("GRACE_DAYS", _days, Rules().grace_days),
            reader.get("NOTE_DAYS", _note_days, Rules().note_days),
        ),
        seller=reader.get("SELLER_FILE", _seller, None),
        sample_prices=reader.get("SAMPLE_PRICES", _switch, False),
        smtp=reader.get("SMTP", parse_server, None),
        mail_folder=reader.get("MAIL_FOLDER", Path, None),
        mail_from=reader.get("MAIL_FROM", _mailbox, None),
        mail_reply_to=reader.get("MAIL_REPLY_TO", _mailbox, None),
    )
    _check_mail(reader, settings)
    if reader.problems:
        raise SettingsWrong(reader.problems)
    return settings


def _read_bank(reader: _Reader) -> BankAccount | None:
    """Holder, IBAN and BIC: all of them or none."""
    names = ("BANK_HOLDER", "BANK_IBAN", "BANK_BIC")
    holder, iban, bic = (reader.get(name, str, "") for name in names)
    if not holder + iban + bic:
        return None
    try:
        return BankAccount(holder, "".join(iban.split()).upper(), "".join(bic.split()).upper())
    except ValueError as error:
        reader.problems.append(f"{', '.join(PREFIX + name for name in names)}: {error}")
        return None


def _check_mail(reader: _Reader, settings: Settings) -> None:
    """Mails need a way out, and only beside a SQLite file there is an obvious one."""
    ways = [name for name in ("SMTP", "MAIL_FOLDER") if reader.environment.get(PREFIX + name)]
    if len(ways) == 2:
        reader.problems.append(f"{PREFIX}SMTP and {PREFIX}MAIL_FOLDER: one of them, not both")
    elif not ways and settings.database and settings.maildir is None:
        reader.problems.append(f"{PREFIX}SMTP is missing (or {PREFIX}MAIL_FOLDER)")


def _read_secret(reader: _Reader) -> bytes:
    if PREFIX + "SECRET_FILE" in reader.environment:
        return reader.get("SECRET_FILE", _secret_file, b"", needed=True)
    return reader.get("SECRET", _secret, b"", needed=True)


def _database(text: str) -> str:
    parse_url(text)
    return text


def _secret(text: str) -> bytes:
    if len(text) < _MIN_SECRET:
        raise ValueError(f"expected at least {_MIN_SECRET} random characters")
    return text.encode("utf-8")


def _secret_file(path: str) -> bytes:
    return _secret(Path(path).read_text("utf-8").strip())


def _seller(path: str) -> Seller:
    return Seller.read(tomllib.loads(Path(path).read_text("utf-8")))


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("expected 1 or 0")
    return text == "1"


def _mailbox(text: str) -> str:
    expected = "expected an address, or a name and <address>"
    if not text.isprintable():
        raise ValueError(expected)
    header = SMTP.header_factory("From", text)
    if len(header.addresses) != 1 or header.defects or not header.addresses[0].domain:
        raise ValueError(expected)
    return str(header.addresses[0])


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= port <= 65535:
        raise ValueError("expected a port number")
    return port


def _proxies(text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= count <= 9:
        raise ValueError("expected a number from 0 to 9")
    return count


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= days <= 90:
        raise ValueError("expected a number of days from 1 to 90")
    return days


def _note_days(text: str) -> tuple[int, ...]:
    """`3, 10`: rising, and `-` for no notes at all."""
    days = () if text == "-" else tuple(_days(each.strip()) for each in text.split(","))
    if list(days) != sorted(set(days)):
        raise ValueError("expected days one after the other, such as 3,10")
    return days


def _memory(text: str) -> int:
    kib = int(text) if text.isascii() and text.isdigit() else 0
    if not 64 <= kib <= 4_194_304:
        raise ValueError("expected a number of KiB from 64 to 4194304")
    return kib
