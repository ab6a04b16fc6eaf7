"""Mails about the account itself that more than one place writes."""

from __future__ import annotations

from datetime import datetime

from cloudmatic_portal.domain.account import Account
from cloudmatic_portal.domain.calendar import berlin_day
from cloudmatic_portal.domain.mail import NewMail


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
