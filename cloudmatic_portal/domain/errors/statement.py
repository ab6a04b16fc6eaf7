"""Why a bank statement cannot be read or imported, and what cannot be done with its lines."""

from __future__ import annotations

from cloudmatic_portal.domain.errors.base import PortalError


class StatementRefused(PortalError):
    """Base of what is wrong with a whole file: nothing of it is booked. `file` is its name."""

    reason = "statement-refused"

    def __init__(self, file: str, message: str) -> None:
        super().__init__(message)
        self.file = file


class StatementUnreadable(StatementRefused):
    """`file` is not a statement as it should be: `problem` in plain words, at `line` if known.

    `place` names what stands there: an element, a tag, a column.
    """

    reason = "statement-unreadable"

    def __init__(
        self, file: str, problem: str, *, line: int | None = None, place: str | None = None
    ) -> None:
        where = ", ".join(
            part for part in (file, f"line {line}" if line else None, place) if part is not None
        )
        super().__init__(file, f"{where}: {problem}")
        self.problem = problem
        self.line = line
        self.place = place


class StatementForeign(StatementRefused):
    """The statement is of an `account` to which customers do not pay; None: it names none."""

    reason = "statement-foreign"

    def __init__(self, file: str, account: str | None) -> None:
        named = f"of account {account}" if account else "of an account that it does not name"
        super().__init__(file, f"{file}: {named}, not one of ours")
        self.account = account


class BankLineUnknown(PortalError):
    reason = "bank-line-unknown"

    def __init__(self, line_id: int) -> None:
        super().__init__(str(line_id))
        self.line_id = line_id


class BankLineCannot(PortalError):
    """The line is `state` and was settled before."""

    reason = "bank-line-cannot"

    def __init__(self, line_id: int, state: str) -> None:
        super().__init__(f"line {line_id} is {state}")
        self.line_id = line_id
        self.state = state


class SharesUnfit(PortalError):
    """The shares are not what can be booked for the line: `problem` says why."""

    reason = "shares-unfit"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class SharesDoNotAddUp(SharesUnfit):
    """The shares make `made_cents`, and `arrived_cents` arrived."""

    def __init__(self, made_cents: int, arrived_cents: int) -> None:
        super().__init__(f"the parts make {made_cents} cents, not {arrived_cents}")
        self.made_cents = made_cents
        self.arrived_cents = arrived_cents


class SharesInAnotherCurrency(SharesUnfit):
    """The line is in `currency`, in which nothing is sold."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"the line is {currency}, not EUR")
        self.currency = currency
