"""The portal's settings. Nothing else reads the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from cloudmatic_link.formats import parse_origin
from cloudmatic_portal import setting_values as values
from cloudmatic_portal.clients.mailer import SmtpServer, parse_server
from cloudmatic_portal.clients.paypal.site import LIVE, PayPalSite, parse_base
from cloudmatic_portal.config_file import ConfigUnreadable, read_config
from cloudmatic_portal.domain.due import Rules
from cloudmatic_portal.domain.payment import BankAccount
from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.setting_values import LogFormat
from cloudmatic_portal.storage.database import DatabaseUnusable, parse_url

PREFIX: Final = "CLOUDMATIC_PORTAL_"
T = TypeVar("T")

_SECRETS: Final = ("SECRET", "PAYPAL_SECRET")
"""Given as themselves or, with `_FILE`, as the file that holds them. A variable of either form goes
before whatever the settings file says in any form."""


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
    """Key of form tokens, of known browsers' proofs, of operators' second factors and links and of
    gateways' credentials. What changing it does is said in docs/operating.md."""
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
        secrets = [{PREFIX + name, f"{PREFIX}{name}_FILE"} for name in _SECRETS]
        # An empty one, as compose files make of what is not set, replaces none.
        empty = {name for forms in secrets for name in forms if not environment.get(name)}
        given = {name: text for name, text in environment.items() if name not in empty}
        replaced = {name for forms in secrets if forms & given.keys() for name in forms}
        left = {name: text for name, text in file.items() if name not in replaced}
        self.environment = {**left, **given}
        self.problems: list[str] = []
        self._unknown = set(left)

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

    def secret_name(self, name: str) -> str:
        """In which of its two forms the secret is given; as a file if in both."""
        self._unknown -= {PREFIX + name, f"{PREFIX}{name}_FILE"}
        return f"{name}_FILE" if self.environment.get(f"{PREFIX}{name}_FILE") else name

    def name_unknown(self) -> None:
        """A misspelt key of the file would otherwise be a setting that silently does nothing."""
        for name in sorted(self._unknown):
            key = name.removeprefix(PREFIX).lower()
            self.problems.append(f"{PREFIX}CONFIG: there is no setting {key}")


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the variables `CLOUDMATIC_PORTAL_…`, and the file that `…CONFIG` names.

    A variable goes before the file, a secret in either form. Raises SettingsWrong with all that is
    wrong.
    """
    try:
        reader = _Reader(environment, _from_file(environment.get(f"{PREFIX}CONFIG", "")))
    except ConfigUnreadable as error:
        raise SettingsWrong([f"{PREFIX}CONFIG: {error}"]) from error
    settings = Settings(
        origin=reader.get("ORIGIN", parse_origin, "", needed=True),
        database=reader.get("DATABASE", values.database, "", needed=True),
        secret=_read_secret(reader),
        host=reader.get("HOST", str, "127.0.0.1"),
        port=reader.get("PORT", values.port, 8080),
        socket=reader.get("SOCKET", Path, None),
        password_memory_kib=reader.get("PASSWORD_MEMORY_KIB", values.memory, 65536),
        proxies=reader.get("PROXIES", values.proxies, 0),
        release_feed=reader.get("RELEASE_FEED", Path, None),
        bank=_read_bank(reader),
        paypal=_read_paypal(reader),
        rules=Rules(
            reader.get("GRACE_DAYS", values.days, Rules().grace_days),
            reader.get("NOTE_DAYS", values.note_days, Rules().note_days),
        ),
        status=reader.get("STATUS", values.listener, None),
        drain_seconds=reader.get("DRAIN_SECONDS", values.drain_seconds, 0),
        log_format=reader.get("LOG_FORMAT", values.log_format, "text"),
        seller=reader.get("SELLER_FILE", values.seller, None),
        sample_prices=reader.get("SAMPLE_PRICES", values.switch, False),
        legal_folder=reader.get("LEGAL_FOLDER", values.folder, None),
        sample_texts=reader.get("SAMPLE_TEXTS", values.switch, False),
        smtp=reader.get("SMTP", parse_server, None),
        mail_folder=reader.get("MAIL_FOLDER", Path, None),
        mail_from=reader.get("MAIL_FROM", values.mailbox, None),
        mail_reply_to=reader.get("MAIL_REPLY_TO", values.mailbox, None),
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
    secret = reader.secret_name("PAYPAL_SECRET")
    names = ("PAYPAL_CLIENT_ID", secret, "PAYPAL_WEBHOOK_ID")
    problems = len(reader.problems)
    wanted = any(reader.environment.get(PREFIX + name) for name in names)
    in_file = secret.endswith("_FILE")
    read_secret = values.paypal_secret_file if in_file else values.paypal_word
    base = reader.get("PAYPAL_BASE", parse_base, LIVE)
    client_id = reader.get("PAYPAL_CLIENT_ID", values.paypal_word, "", needed=wanted)
    secret_text = reader.get(secret, read_secret, "", needed=wanted)
    webhook_id = reader.get("PAYPAL_WEBHOOK_ID", values.paypal_word, "", needed=wanted)
    authorities = reader.get("PAYPAL_AUTHORITIES", Path, None)
    if not wanted or len(reader.problems) > problems:
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
    name = reader.secret_name("SECRET")
    read = values.secret_file if name.endswith("_FILE") else values.secret
    return reader.get(name, read, b"", needed=True)


def _from_file(path: str) -> dict[str, str]:
    return {
        PREFIX + key.upper(): text
        for key, text in (read_config(Path(path)) if path else {}).items()
    }
