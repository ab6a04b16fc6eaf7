"""A TOML file with settings: the same names as the variables, in small letters."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


class ConfigUnreadable(Exception):
    """The file of settings cannot be read; the message says why and repeats no value."""


def read_config(path: Path) -> dict[str, str]:
    """The file's keys with their values as the variables would have them.

    `true` is 1, `[3, 10]` is `3,10`. Raises ConfigUnreadable.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigUnreadable(error.strerror or type(error).__name__) from error
    except ValueError as error:
        # TOML's own words and place; they quote no value but the sign that was not expected.
        raise ConfigUnreadable(f"not TOML: {error}") from error
    except RecursionError as error:
        raise ConfigUnreadable("not TOML that anybody writes: too deep") from error
    return {key: _text(key, value) for key, value in found.items()}


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    try:
        if isinstance(value, str | int):
            return str(value)
        if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
            return ",".join(str(each) for each in value)
    except ValueError as error:
        # Python reads hexadecimal numbers of any length, and refuses to write them as decimal ones.
        raise ConfigUnreadable(f"{key} is too large a number") from error
    raise ConfigUnreadable(f"{key} is neither a text, a number, true, false nor a list of those")
