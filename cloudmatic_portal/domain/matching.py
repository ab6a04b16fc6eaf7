"""What a bank line pays: an order that is certain, or suggestions for somebody to choose from.

Never guessed. A reference that stands there right is believed whatever the amount; one that is
mistyped, or stuck in other words, only if one order alone can be meant and the amount agrees; the
payer's account only if exactly one of its customer's orders waits for that very amount.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from cloudmatic_portal.domain.books import Books, Candidate, Claim
from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.domain.spotting import Near, Nearby, Spotted, spot, words
from cloudmatic_portal.domain.statement import NO_REFERENCE, BankLine

CURRENCY: Final = "EUR"
MOST_CENTS: Final = 1_000_000_000

Rule = Literal[
    "reference",
    "reference_in_words",
    "reference_corrected",
    "several_orders",
    "customer_reference",
    "payer",
]
"""How a line found its order."""

Doubt = Literal[
    "nothing_found",
    "amount_differs",
    "several_meant",
    "sum_differs",
    "other_currency",
    "perhaps_known",
    "return",
    "money_back",
]
"""Why a line waits for somebody. `perhaps_known`: an equal line came with another statement, and
the bank gives neither a number. `return`: the bank takes back money, and it is not certain which.
`money_back`: money of ours that came back, a transfer that could not be delivered.
"""

Hint = Literal["reference", "look_alike", "payer", "account_number", "user_name"]
"""What speaks for a suggestion."""

Passing = Literal["outgoing", "zero"]
"""Why a line is not for us."""

REASONS: Final[tuple[str, ...]] = (*get_args(Rule), *get_args(Doubt), *get_args(Passing), "hand")

REMEMBERED: Final = frozenset({"reference", "reference_corrected", "customer_reference"})
"""Rules after which the payer's account is remembered as one of the customer."""

MOST_SUGGESTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that the line may be for, and what speaks for it."""

    account_id: int
    candidate: Candidate | None
    why: Hint
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`claims` are to be booked for the account; without claims `reason` says why not."""

    reason: Rule | Doubt | Passing
    account_id: int | None = None
    claims: tuple[Claim, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def booked(self) -> bool:
        return bool(self.claims)


@dataclass(frozen=True, slots=True)
class Clues:
    """What a line says that may lead to an order: to be looked up for many lines at once."""

    spotted: Spotted
    near: tuple[Near, ...]
    words: frozenset[str]

    @property
    def references(self) -> tuple[str, ...]:
        near = (each.reference for each in self.near)
        return (*self.spotted.clear, *self.spotted.glued, *near)


def clues(line: BankLine, nearby: Nearby | None = None) -> Clues:
    """`nearby` knows the references of the orders that wait; without it no error is looked for."""
    texts = _texts(line)
    near = nearby.find(*texts) if nearby is not None else ()
    said = frozenset(word for text in (*texts, line.payer) for word in words(text))
    return Clues(spot(*texts), near, said)


def match(line: BankLine, said: Clues, books: Books, *, doubtful: bool = False) -> Match:
    """Decide about `line`, after those before it; what it pays is taken from `books`.

    `doubtful`: it may be a line that was stored before.
    """
    decided = _passed(line)
    if decided is None and doubtful:
        decided = Match(reason="perhaps_known")
    decided = decided or _by_reference(line, said, books) or _by_payer(line, books)
    if decided is None:
        decided = Match(reason="nothing_found")
    if decided.booked:
        books.take(decided.claims)
        return decided
    if not line.incoming or line.amount.currency != CURRENCY:
        return decided
    return replace(decided, suggestions=suggestions(line, said, books))


def suggestions(line: BankLine, said: Clues, books: Books) -> tuple[Suggestion, ...]:
    """What the line may be for, the likeliest first."""
    found: dict[tuple[int, int | None], Suggestion] = {}
    for account_id, order_id, why in _hints(line, said, books):
        candidate = books.orders[order_id] if order_id is not None else None
        agrees = order_id is not None and books.due(order_id) == line.amount
        suggestion = Suggestion(account_id, candidate, why, agrees)
        found.setdefault((account_id, order_id), suggestion)
    ranked = sorted(found.values(), key=lambda each: not each.agrees)
    return tuple(ranked[:MOST_SUGGESTIONS])


def _hints(line: BankLine, said: Clues, books: Books) -> Iterator[tuple[int, int | None, Hint]]:
    for reference in (*said.spotted.clear, *said.spotted.glued):
        for account_id, order_id in books.named(reference):
            yield account_id, order_id, "reference"
    for near in said.near:
        for account_id, order_id in books.named(near.reference):
            yield account_id, order_id, "look_alike"
    for account_id, hint in _customers(line, said, books):
        for waiting in books.waiting.get(account_id) or (None,):
            yield account_id, waiting, hint


def _customers(line: BankLine, said: Clues, books: Books) -> Iterator[tuple[int, Hint]]:
    for account_id in books.payers.get(line.iban, ()):
        yield account_id, "payer"
    for word in sorted(said.words):
        if is_account_number(word) and int(word) in books.account_ids:
            yield int(word), "account_number"
        if word in books.user_names:
            yield books.user_names[word], "user_name"


def is_account_number(word: str) -> bool:
    return word.isdecimal() and len(word) <= 10


def _texts(line: BankLine) -> tuple[str, ...]:
    texts = (line.text, line.end_to_end)
    return tuple(text for text in texts if text and text.upper() not in NO_REFERENCE)


def _passed(line: BankLine) -> Match | None:
    if line.returned:
        return Match(reason="money_back" if line.incoming else "return")
    if not line.incoming:
        return Match(reason="outgoing" if line.amount.cents else "zero")
    if line.amount.currency != CURRENCY:
        return Match(reason="other_currency")
    # More than any order could cost, and than the ledger can hold.
    return Match(reason="amount_differs") if line.amount.cents > MOST_CENTS else None


def _by_reference(line: BankLine, said: Clues, books: Books) -> Match | None:
    clear = [each for each in said.spotted.clear if _is_known(each, books)]
    orders = [each for each in clear if each in books.references]
    if len(orders) > 1:
        return _several(line, orders, books)
    if orders:
        return _order(line, orders[0], books)
    if clear:
        return _customer(line, clear, books)
    return _unsure(line, said, books)


def _unsure(line: BankLine, said: Clues, books: Books) -> Match | None:
    """What is stuck in other words or mistyped: only one order, and only its very amount."""
    glued = [each for each in said.spotted.glued if _is_known(each, books)]
    meant = dict.fromkeys([*glued, *(each.reference for each in said.near)])
    if not meant:
        return None
    if len(meant) > 1:
        return Match(reason="several_meant")
    named = books.named(next(iter(meant)))
    account_id, order_id = named[0] if named else (None, None)
    sure = glued or any(each.alone for each in said.near)
    if account_id is None or order_id is None or books.due(order_id) != line.amount or not sure:
        return Match(reason="amount_differs")
    others = books.payers.get(line.iban, ())
    if others and account_id not in others:
        return Match(reason="several_meant")
    rule: Rule = "reference_in_words" if glued else "reference_corrected"
    return _pays(rule, account_id, [(order_id, line.amount)], books)


def _is_known(reference: str, books: Books) -> bool:
    return reference in books.references or reference in books.customers


def _order(line: BankLine, reference: str, books: Books) -> Match:
    """A reference stands there as it should: it is believed, whatever the amount."""
    order_id = books.meant(books.references[reference])
    account_id = books.orders[order_id].account_id
    return _pays("reference", account_id, [(order_id, line.amount)], books)


def _several(line: BankLine, references: Sequence[str], books: Books) -> Match:
    """Several orders in one transfer: if what they wait for is what arrived."""
    waiting = books.still_due(books.references[each] for each in references)
    total = sum(books.due(each).cents for each in waiting)
    accounts = {books.orders[each].account_id for each in waiting}
    if total != line.amount.cents or len(accounts) != 1:
        return Match(reason="sum_differs")
    rule: Rule = "several_orders" if len(waiting) > 1 else "reference"
    return _pays(rule, accounts.pop(), [(each, books.due(each)) for each in waiting], books)


def _customer(line: BankLine, references: Sequence[str], books: Books) -> Match:
    """The stable reference of a subscription: its oldest orders first, what is left is balance."""
    if len(references) > 1:
        return Match(reason="several_meant")
    customer = books.customers[references[0]]
    rest = line.amount
    claims: list[tuple[int | None, Money]] = []
    for order_id in books.still_due(customer.orders):
        part = min(books.due(order_id), rest, key=lambda each: each.cents)
        if part.cents:
            claims.append((order_id, part))
            rest -= part
    if rest.cents:
        claims.append((None, rest))
    return _pays("customer_reference", customer.account_id, claims, books)


def _by_payer(line: BankLine, books: Books) -> Match | None:
    accounts = books.payers.get(line.iban, ())
    if not accounts:
        return None
    fitting = [
        order_id
        for account_id in accounts
        for order_id in books.waiting.get(account_id, ())
        if books.due(order_id) == line.amount
    ]
    if len(fitting) > 1:
        return Match(reason="several_meant")
    if not fitting:
        return Match(reason="amount_differs")
    account_id = books.orders[fitting[0]].account_id
    return _pays("payer", account_id, [(fitting[0], line.amount)], books)


def _pays(
    rule: Rule, account_id: int, parts: Iterable[tuple[int | None, Money]], books: Books
) -> Match:
    claims = tuple(
        Claim(amount, None if order_id is None else books.orders[order_id])
        for order_id, amount in parts
    )
    return Match(reason=rule, account_id=account_id, claims=claims)
