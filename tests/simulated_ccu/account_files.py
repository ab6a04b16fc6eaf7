"""The vendor's account files as exact bytes, in named cases (source: CCU_CONTRACT.md).

Nothing here looks at a clock: a case is made for a given day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

HUB_SERIAL = "3014F711A0001F5A4993A42B"
USER_KEY = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
NO_LICENCE = "Fehler beim Pr&uuml;fen der Lizenz oder keine Lizenz gebucht"
NO_COPROCESSOR = "Did not get an answer from coprocessor"


@dataclass(frozen=True)
class AccountFiles:
    """Contents of `/etc/config/addons/mh/`; None means that the file is missing."""

    mhcfg: bytes | None = None
    ids: bytes | None = None
    smsguthaben: bytes | None = None
    register_pending: bytes | None = None

    def by_name(self) -> dict[str, bytes | None]:
        """File name to content, for all four files."""
        return {
            "mhcfg": self.mhcfg,
            "ids": self.ids,
            "smsguthaben": self.smsguthaben,
            "register_pending": self.register_pending,
        }


class Case(StrEnum):
    """Names of the cases; the value is what the command line takes."""

    LINKED = "linked"
    NOT_LINKED = "not_linked"
    REGISTRATION_PENDING = "registration_pending"
    TRIAL = "trial"
    EXPIRED = "expired"
    NEARLY_EXPIRED = "nearly_expired"
    LOWER_CASE_PRODUCT = "lower_case_product"
    UMLAUTS = "umlauts"
    MISSING = "missing"
    EMPTY = "empty"
    TRUNCATED_IN_KEY = "truncated_in_key"
    TRUNCATED_IN_VALUE = "truncated_in_value"
    TRUNCATED_BEFORE_DATE = "truncated_before_date"
    CRLF = "crlf"
    BINARY_RUBBISH = "binary_rubbish"
    IDS_EMPTY_VALUES = "ids_empty_values"
    IDS_COPROCESSOR_ERROR = "ids_coprocessor_error"
    OFFLINE = "offline"
    NO_LICENCE = "no_licence"
    UNKNOWN_KEYS = "unknown_keys"


def _lines(**values: str) -> bytes:
    """`key=value` lines as the vendor writes them: LF, no quoting, ISO-8859-1."""
    return "".join(f"{key}={value}\n" for key, value in values.items()).encode("iso-8859-1")


def ids_file(serial: str = HUB_SERIAL, bidcos: str = "0x4A5B6C") -> bytes:
    """Content of `ids`; both values may be empty or an error text."""
    return f"SerialNumber={serial}\nBidCoS-Address={bidcos}\n".encode("iso-8859-1")


def balance_file(product: str, licence: str, key: str) -> bytes:
    """Content of `smsguthaben`: product, licence text, and the end of term as shown."""
    return _lines(Standard="120", Premium="45", Lizenz=licence, Typ=product, Key=key)


def linked(
    *,
    ends: date,
    userid: int | str = 4711,
    user: str = "maxmuster",
    userkey: str = USER_KEY,
    product: str = "CloudMatic Complete",
    serial: str = HUB_SERIAL,
) -> AccountFiles:
    """An account is linked; `ends` is the last day of its booking."""
    mhcfg = _lines(
        user_has_account="1",
        userkennung=user,
        userid=str(userid),
        userkey=userkey,
        premiumjahr=f"{ends:%Y}",
        premiummonat=f"{ends:%m}",
        premiumtag=f"{ends:%d}",
        base_url="meine-homematic.de",
    )
    shown = f"{ends:%d.%m.%Y}"
    return AccountFiles(mhcfg, ids_file(serial), balance_file(product, shown, shown), None)


def not_linked() -> AccountFiles:
    """As shipped: the vendor's dummy values."""
    mhcfg = _lines(
        user_has_account="0",
        userkennung="none",
        userid="11",
        userkey="dummykey",
        premiumjahr="2010",
        premiummonat="01",
        premiumtag="01",
    )
    return AccountFiles(mhcfg, ids_file(), b"", None)


def truncated(files: AccountFiles, length: int) -> AccountFiles:
    """The first `length` bytes of `mhcfg`: a read in the middle of the vendor's write."""
    if files.mhcfg is None:
        raise ValueError("these files have no mhcfg")
    return replace(files, mhcfg=files.mhcfg[:length])


def _cut_at(files: AccountFiles, text: bytes) -> AccountFiles:
    """Cut just behind the first occurrence of `text`."""
    mhcfg = files.mhcfg or b""
    return truncated(files, mhcfg.index(text) + len(text))


def _crlf(content: bytes | None) -> bytes | None:
    return content.replace(b"\n", b"\r\n") if content is not None else None


def _year_from(today: date) -> date:
    return today + timedelta(days=200)


def _usual(today: date) -> AccountFiles:
    return linked(ends=_year_from(today))


def _crlf_case(today: date) -> AccountFiles:
    files = _usual(today)
    return AccountFiles(_crlf(files.mhcfg), _crlf(files.ids), _crlf(files.smsguthaben), None)


def _umlauts(today: date) -> AccountFiles:
    return linked(ends=_year_from(today), user="müller-größe", userkey="Schlüssel0815")


def _unknown_keys(today: date) -> AccountFiles:
    """Same facts in reverse order, with keys nobody knows and an empty line between."""
    files = _usual(today)
    lines = (files.mhcfg or b"").splitlines(keepends=True)
    mhcfg = b"autoupdate=1\n\n" + b"".join(reversed(lines)) + b"vpn_server=vpn7\n=\nnonsense\n"
    return replace(files, mhcfg=mhcfg)


def _no_licence(today: date) -> AccountFiles:
    """The vendor's answer for an account without licence; its page then shows Connect."""
    shown = f"{_year_from(today):%d.%m.%Y}"
    return replace(_usual(today), smsguthaben=balance_file("", NO_LICENCE, shown))


_RUBBISH = bytes(range(256)) * 4
_CASES: dict[Case, Callable[[date], AccountFiles]] = {
    Case.LINKED: _usual,
    Case.NOT_LINKED: lambda _today: not_linked(),
    Case.REGISTRATION_PENDING: lambda _today: replace(not_linked(), register_pending=b"status=1\n"),
    Case.TRIAL: lambda today: linked(
        ends=today + timedelta(days=20), product="TESTZUGANG CloudMatic Complete"
    ),
    Case.EXPIRED: lambda today: linked(ends=today - timedelta(days=3)),
    Case.NEARLY_EXPIRED: lambda today: linked(ends=today + timedelta(days=5)),
    Case.LOWER_CASE_PRODUCT: lambda today: linked(
        ends=_year_from(today), product="CloudMatic complete"
    ),
    Case.UMLAUTS: _umlauts,
    Case.MISSING: lambda _today: AccountFiles(),
    Case.EMPTY: lambda _today: AccountFiles(b"", b"", b"", b""),
    Case.TRUNCATED_IN_KEY: lambda today: _cut_at(_usual(today), b"useri"),
    Case.TRUNCATED_IN_VALUE: lambda today: _cut_at(_usual(today), b"userid=47"),
    Case.TRUNCATED_BEFORE_DATE: lambda today: _cut_at(_usual(today), b"premiumjahr="),
    Case.CRLF: _crlf_case,
    Case.BINARY_RUBBISH: lambda _today: AccountFiles(_RUBBISH, _RUBBISH, _RUBBISH, _RUBBISH),
    Case.IDS_EMPTY_VALUES: lambda today: replace(_usual(today), ids=ids_file("", "")),
    Case.IDS_COPROCESSOR_ERROR: lambda today: replace(
        _usual(today), ids=ids_file(NO_COPROCESSOR, NO_COPROCESSOR)
    ),
    Case.OFFLINE: lambda today: replace(_usual(today), smsguthaben=b""),
    Case.NO_LICENCE: _no_licence,
    Case.UNKNOWN_KEYS: _unknown_keys,
}


def account_files(case: Case | str, today: date) -> AccountFiles:
    """The files of a named case, with dates relative to `today`; ValueError if unknown."""
    return _CASES[Case(case)](today)
