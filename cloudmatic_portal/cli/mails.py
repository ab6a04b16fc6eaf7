"""The operator's commands for the outbox: what is in it, what a mail says, send it once more, and
withdraw what links in mails open."""

from __future__ import annotations

import argparse
from typing import Any

from cloudmatic_portal.cli import amounts, edge
from cloudmatic_portal.cli.listing import add_json, listed
from cloudmatic_portal.domain.mail import MAIL_STATES, StoredMail
from cloudmatic_portal.services import mail_entry, mailing
from cloudmatic_portal.storage.database import Database
from cloudmatic_portal.web import formats
from cloudmatic_portal.web.mails import make_writer, read


def add_commands(commands: Any) -> None:
    """Add the commands to argparse's `commands`."""
    listing = commands.add_parser("mails", help="list the outbox, the newest first")
    listing.add_argument("--state", choices=MAIL_STATES)
    listing.add_argument("--most", type=amounts.whole_number, default=50)
    add_json(listing)
    listing.set_defaults(operate=_list)
    one = commands.add_parser("mail", help="look at a mail, or send it once more")
    verbs = one.add_subparsers(dest="verb", required=True)
    showing = verbs.add_parser("show", help="what the mail says, without what it opens")
    showing.add_argument("mail", type=amounts.listed, help="its number in the list")
    showing.set_defaults(operate=_show)
    retrying = verbs.add_parser(
        "retry", help="send a mail (again) that has not certainly been sent"
    )
    retrying.add_argument("mail", type=amounts.listed)
    retrying.set_defaults(operate=_retry)
    revoking = commands.add_parser(
        "revoke-links", help="let the links that were mailed to an account open nothing any more"
    )
    revoking.add_argument("account", type=amounts.account_id, help="its CloudMatic-ID")
    revoking.set_defaults(operate=_revoke_links)


async def _list(database: Database, options: argparse.Namespace) -> str:
    found = await mailing.search(database, state=options.state, most=options.most)
    return listed(found, options, line=_line, facts=_facts, nothing="no mails\n")


async def _show(database: Database, options: argparse.Namespace) -> str:
    mail = await mailing.find(database, options.mail)
    said = read(mail, make_writer(options.settings))
    if said is None:
        return f"{_line(mail)}what it said has been erased\n"
    return f"{_line(mail)}To: {mail.recipient}\nSubject: {said.subject}\n\n{said.text}"


async def _retry(database: Database, options: argparse.Namespace) -> str:
    mail = await mailing.retry(database, options.mail, edge.clock())
    doubt = "; it may have arrived before" if mail.state in {"uncertain", "sending"} else ""
    return f"mail {mail.mail_id} is due now{doubt}\n"


async def _revoke_links(database: Database, options: argparse.Namespace) -> str:
    count = await mail_entry.revoke(database, options.account, edge.clock())
    return f"{count} links to account {options.account} withdrawn\n"


def _line(mail: StoredMail) -> str:
    """One mail: number, when it was made, state, kind, to whom, and what went wrong last."""
    made = formats.moment(mail.created_at, "de")
    facts = [str(mail.mail_id), made, mail.state, mail.kind, mail.recipient]
    if mail.state == "queued" and mail.attempts:
        facts.append(f"next attempt {formats.moment(mail.due_at, 'de')}")
    if mail.last_error:
        facts.append(mail.last_error)
    return "  ".join(facts) + "\n"


def _facts(mail: StoredMail) -> dict[str, Any]:
    return {
        "mail": mail.mail_id,
        "kind": mail.kind,
        "state": mail.state,
        "recipient": mail.recipient,
        "created_at": mail.created_at,
        "due_at": mail.due_at,
        "sent_at": mail.sent_at,
        "attempts": mail.attempts,
        "last_error": mail.last_error,
    }
