"""The portal's settings. Nothing else reads the environment."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.policy import SMTP
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from cloudmatic_link.formats import parse_origin
from cloudmatic_portal.clients.mailer import SmtpServer, parse_server
from cloudmatic_portal.clients.paypal.site import LIVE, PayPalSite, parse_base
from cloudmatic_portal.config_file import ConfigUnreadable, read_config
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.storage.database import DatabaseUnusable, parse_url

PREFIX: Final = "CLOUDMATIC_PORTAL_"
_MIN_SECRET: Final = 32
LogFormat = Literal["text", "json"]
_PAYPAL_WORD: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")
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
    paypal: PayPalSite | None = None
    """The PayPal account that customers may pay to; without it PayPal is not offered."""
    rules: Rules = field(default_factory=Rules)
    """Days of grace and notes when the payment of a subscription is late."""
    status: tuple[str, int] | None = None
    """Host and port on which health and metrics are told, apart from the website."""
    drain_seconds: int = 0
    """How long a process that was told to stop says "not ready" and still serves."""
    log_format: LogFormat = "text"
    seller: Seller | None = None
    """Who sells, for invoices; until it is said they wait."""
    sample_prices: bool = False
    """The prices in the database are placeholders, and every page that shows some says so."""

    legal_folder: Path | None = None
    """Where the operator keeps the legal texts; without them nothing is sold."""
    sample_texts: bool = False
    """Without a `legal_folder` placeholders stand in the place of the legal texts."""

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

    def __init__(self, environment: Mapping[str, str], file: Mapping[str, str]) -> None:
        self.environment = {**file, **environment}
        self.problems: list[str] = []
        self._unknown = set(file)

    def get(self, name: str, read: Callable[[str], T], default: T, *, needed: bool = False) -> T:
        self._unknown.discard(PREFIX + name)
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

    def name_unknown(self) -> None:
        """A misspelt key of the file would otherwise be a setting that silently does nothing."""
        for name in sorted(self._unknown):
            key = name.removeprefix(PREFIX).lower()
            self.problems.append(f"{PREFIX}CONFIG: there is no setting {key}")


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the variables `CLOUDMATIC_PORTAL_…`, and the file that `…CONFIG` names.

    A variable goes before the file. Raises SettingsWrong with all that is wrong.
    """
    try:
        reader = _Reader(environment, _from_file(environment.get(f"{PREFIX}CONFIG", "")))
    except ConfigUnreadable as error:
        raise SettingsWrong([f"{PREFIX}CONFIG: {error}"]) from error
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
        paypal=_read_paypal(reader),
        rules=Rules(
            reader.get("GRACE_DAYS", _days, Rules().grace_days),
            reader.get("NOTE_DAYS", _note_days, Rules().note_days),
        ),
        status=reader.get("STATUS", _listener, None),
        drain_seconds=reader.get("DRAIN_SECONDS", _drain_seconds, 0),
        log_format=reader.get("LOG_FORMAT", _log_format, "text"),
        seller=reader.get("SELLER_FILE", _seller, None),
        sample_prices=reader.get("SAMPLE_PRICES", _switch, False),
        legal_folder=reader.get("LEGAL_FOLDER", _folder, None),
        sample_texts=reader.get("SAMPLE_TEXTS", _switch, False),
        smtp=reader.get("SMTP", parse_server, None),
        mail_folder=reader.get("MAIL_FOLDER", Path, None),
        mail_from=reader.get("MAIL_FROM", _mailbox, None),
        mail_reply_to=reader.get("MAIL_REPLY_TO", _mailbox, None),
    )
    _check_mail(reader, settings)
    reader.name_unknown()
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


def _read_paypal(reader: _Reader) -> PayPalSite | None:
    """Client, secret and webhook: all of them or none."""
    file = "PAYPAL_SECRET_FILE"
    secret = file if PREFIX + file in reader.environment else "PAYPAL_SECRET"
    names = ("PAYPAL_CLIENT_ID", secret, "PAYPAL_WEBHOOK_ID")
    if not any(reader.environment.get(PREFIX + name) for name in names):
        return None
    problems = len(reader.problems)
    read_secret = _paypal_secret_file if secret == file else _paypal_word
    base = reader.get("PAYPAL_BASE", parse_base, LIVE)
    client_id = reader.get("PAYPAL_CLIENT_ID", _paypal_word, "", needed=True)
    secret_text = reader.get(secret, read_secret, "", needed=True)
    webhook_id = reader.get("PAYPAL_WEBHOOK_ID", _paypal_word, "", needed=True)
    authorities = reader.get("PAYPAL_AUTHORITIES", Path, None)
    if len(reader.problems) > problems:
        return None
    try:
        return PayPalSite(
            base=base,
            client_id=client_id,
            secret=secret_text,
            webhook_id=webhook_id,
            authorities=authorities,
        )
    except ValueError as error:
        reader.problems.append(f"{PREFIX}PAYPAL_AUTHORITIES: {error}")
        return None


def _check_mail(reader: _Reader, settings: Settings) -> None:
    """Mails need a way out, and only beside a SQLite file there is an obvious one."""
    ways = [name for name in ("SMTP", "MAIL_FOLDER") if reader.environment.get(PREFIX + name)]
    if len(ways) == 2:
        reader.problems.append(f"{PREFIX}SMTP and {PREFIX}MAIL_FOLDER: one of them, not both")
    elif not ways and settings.database and settings.maildir is None:
        reader.problems.append(f"{PREFIX}SMTP is missing (or {PREFIX}MAIL_FOLDER)")


def _read_secret(reader: _Reader) -> bytes:
    in_file = PREFIX + "SECRET_FILE" in reader.environment
    from_file = reader.get("SECRET_FILE", _secret_file, b"", needed=in_file)
    return from_file if in_file else reader.get("SECRET", _secret, b"", needed=True)


def _from_file(path: str) -> dict[str, str]:
    return {
        PREFIX + key.upper(): text
        for key, text in (read_config(Path(path)) if path else {}).items()
    }


def _database(text: str) -> str:
    parse_url(text)
    return text


def _secret(text: str) -> bytes:
    if len(text) < _MIN_SECRET:
        raise ValueError(f"expected at least {_MIN_SECRET} random characters")
    return text.encode("utf-8")


def _secret_file(path: str) -> bytes:
    return _secret(Path(path).read_text("utf-8").strip())


def _paypal_word(text: str) -> str:
    if not _PAYPAL_WORD.fullmatch(text):
        raise ValueError("expected letters, digits, - and _, as PayPal shows it")
    return text


def _paypal_secret_file(path: str) -> str:
    return _paypal_word(Path(path).read_text("utf-8").strip())


def _seller(path: str) -> Seller:
    return Seller.read(tomllib.loads(Path(path).read_text("utf-8")))


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("expected 1 or 0")
    return text == "1"


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ValueError("there is no such folder")
    return path


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


def _listener(text: str) -> tuple[str, int]:
    """`127.0.0.1:9100`, `[::1]:9100`."""
    host, _, port = text.rpartition(":")
    if not host:
        raise ValueError("expected host:port")
    return host.removeprefix("[").removesuffix("]"), _port(port)


def _drain_seconds(text: str) -> int:
    seconds = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= seconds <= 120:
        raise ValueError("expected a number of seconds from 0 to 120")
    return seconds


def _log_format(text: str) -> LogFormat:
    if text == "json":
        return "json"
    if text == "text":
        return "text"
    raise ValueError("expected text or json")


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
