"""Read a form of an operator's as a whole, so that all that is wrong can be told at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cloudmatic_portal.domain.audit import LONGEST_REASON
from cloudmatic_portal.domain.errors import FieldsUnfit
from cloudmatic_portal.domain.ledger import LONGEST_NOTE
from cloudmatic_portal.web.admin import acting
from cloudmatic_portal.web.forms import Form

T = TypeVar("T")


class Reader:
    """Reads `form`; `faults` has what is wrong, by the names of the fields."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.faults: dict[str, str] = {}

    def read(self, name: str, read: Callable[[str, str], T]) -> T | None:
        """What `read` makes of the field; None if that cannot be, which is noted."""
        try:
            return read(name, self.form.get(name, ""))
        except FieldsUnfit as error:
            self.faults |= error.faults
            return None

    def needed(self, name: str, read: Callable[[str, str], T | None], fault: str) -> T | None:
        """The same of a field that must be filled."""
        value = self.read(name, read)
        if value is None:
            self.faults.setdefault(name, fault)
        return value

    def reason(self) -> str:
        """Why the operator does it; nothing if that is not said, which is noted."""
        return self._reason(LONGEST_REASON, "long")

    def note(self) -> str:
        """The same, as short as the ledger wants it."""
        return self._reason(LONGEST_NOTE, "note")

    def _reason(self, longest: int, too_long: str) -> str:
        try:
            return acting.reason(self.form, longest, too_long)
        except FieldsUnfit as error:
            self.faults |= error.faults
            return ""
