"""Single settings: a text in, a value out, or a ValueError whose words repeat nothing of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from email.policy import SMTP
from pathlib import Path
from typing import Final, Literal

from cloudmatic_portal.domain.seller import Seller
from cloudmatic_portal.storage.database import parse_url

LogFormat = Literal["text", "json"]

_MIN_SECRET: Final = 32
_PAYPAL_WORD: Final = re.compile(r"[A-Za-z0-9_-]{8,128}")


def _number(low: int, high: int, what: str) -> Callable[[str], int]:
    """Reads a whole number of `what` from `low` to `high`."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not low <= number <= high:
            raise ValueError(f"expected {what} from {low} to {high}")
        return number

    return read


port: Final = _number(0, 65535, "a port number")
drain_seconds: Final = _number(0, 120, "a number of seconds")
proxies: Final = _number(0, 9, "a number")
days: Final = _number(1, 90, "a number of days")
memory: Final = _number(64, 4_194_304, "a number of KiB")


def database(text: str) -> str:
    parse_url(text)
    return text


def secret(text: str) -> bytes:
    if len(text) < _MIN_SECRET:
        raise ValueError(f"expected at least {_MIN_SECRET} random characters")
    return text.encode("utf-8")


def secret_file(path: str) -> bytes:
    return secret(Path(path).read_text("utf-8").strip())


def paypal_word(text: str) -> str:
    if not _PAYPAL_WORD.fullmatch(text):
        raise ValueError("expected letters, digits, - and _, as PayPal shows it")
    return text


def paypal_secret_file(path: str) -> str:
    return paypal_word(Path(path).read_text("utf-8").strip())


def seller(path: str) -> Seller:
    try:
        return Seller.read(tomllib.loads(Path(path).read_text("utf-8")))
    except RecursionError as error:
        raise ValueError("not TOML that anybody writes: too deep") from error


def switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("expected 1 or 0")
    return text == "1"


def folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ValueError("there is no such folder")
    return path


def mailbox(text: str) -> str:
    expected = "expected an address, or a name and <address>"
    if not text.isprintable():
        raise ValueError(expected)
    header = SMTP.header_factory("From", text)
    if len(header.addresses) != 1 or header.defects or not header.addresses[0].domain:
        raise ValueError(expected)
    return str(header.addresses[0])


def listener(text: str) -> tuple[str, int]:
    """`127.0.0.1:9100`, `[::1]:9100`."""
    host, _, number = text.rpartition(":")
    if not host:
        raise ValueError("expected host:port")
    return host.removeprefix("[").removesuffix("]"), port(number)


def log_format(text: str) -> LogFormat:
    if text == "json":
        return "json"
    if text == "text":
        return "text"
    raise ValueError("expected text or json")


def note_days(text: str) -> tuple[int, ...]:
    """`3, 10`: rising, and `-` for no notes at all."""
    noted = () if text == "-" else tuple(days(each.strip()) for each in text.split(","))
    if list(noted) != sorted(set(noted)):
        raise ValueError("expected days one after the other, such as 3,10")
    return noted
