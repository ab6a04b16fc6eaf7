"""Mails about the account itself that more than one place writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.mail import JsonValue, MailKind, NewMail


def address_known(owner: Account, now: datetime) -> NewMail:
    """Tell the owner that somebody wanted the address for an account. Once a day, by its key."""
    return NewMail(
        kind="registration_known",
        recipient=owner.email,
        language=owner.language,
        facts={"user_name": owner.user_name},
        key=f"registration_known:{owner.account_id}:{berlin_day(now)}",
        account_id=owner.account_id,
    )


def password_changed(account: Account, now: datetime, occasion: str) -> NewMail:
    """Tell that there is a new password; `occasion` names the change once for ever."""
    return NewMail(
        kind="password_changed",
        recipient=account.email,
        language=account.language,
        facts={"user_name": account.user_name, "changed_at": now.isoformat()},
        key=f"password_changed:{occasion}",
        account_id=account.account_id,
    )


def second_factor_on(account: Account, now: datetime) -> NewMail:
    return _told(account, "second_factor_on", now)


def second_factor_off(account: Account, now: datetime, *, by_operator: bool) -> NewMail:
    return _told(account, "second_factor_off", now, by_operator=by_operator)


def recovery_codes_made(account: Account, now: datetime) -> NewMail:
    return _told(account, "recovery_codes_made", now)


def recovery_code_used(account: Account, left: int, now: datetime) -> NewMail:
    """`left` is how many are still good."""
    return _told(account, "recovery_code_used", now, left=left)


def second_factor_guessed(account: Account, now: datetime) -> NewMail:
    """Once a day, by its key."""
    letter = _told(account, "second_factor_guessed", now)
    return replace(letter, key=f"{letter.kind}:{account.account_id}:{berlin_day(now)}")


def _told(account: Account, kind: MailKind, now: datetime, **facts: JsonValue) -> NewMail:
    """Something that was done to the account now."""
    return NewMail(
        kind=kind,
        recipient=account.email,
        language=account.language,
        facts={"user_name": account.user_name, "at": now.isoformat(), **facts},
        key=":".join((kind, str(account.account_id), now.isoformat(), *map(str, facts.values()))),
        account_id=account.account_id,
    )
