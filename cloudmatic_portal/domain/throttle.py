"""Slow down whoever guesses, without giving anybody a means to lock others out.

An attempt is counted under several heads at once, and must wait for the slowest of them:

    here      one name from one network: stops whoever guesses one password
    network   one network, whatever the name: stops whoever tries one password on many names
    name      one name from anywhere: stops guessing that is spread over many networks
    device    a browser that has logged in to this account before, instead of all of these

So strangers who guess a name's password from wherever they like make other strangers wait, the
owner's own browsers never (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). An
owner without one gets one by resetting the password by mail (with a second factor: once the code
was right). Nothing is ever locked for good.

An unknown name counts as a known one does, so that waiting tells nothing about it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Literal, Self

Purpose = Literal[
    "login",
    "second_factor",
    "operator",
    "enrolment",
    "registration",
    "password_forgotten",
    "voucher",
    "pairing",
    "pairing_code",
    "cancellation",
    "withdrawal",
    "own_password",
]
Scope = Literal["here", "network", "name", "device"]

UNKNOWN: Final = "unknown"
"""The network of a client whose address nobody tells us; one for all of them."""

_GENEROUS: Final = 100
"""How much more an unknown network is allowed: it may be everybody."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`free` failures cost nothing; the next one costs `first`, and each one after it twice as
    much as the one before, up to `longest`. Failures are forgotten after `memory` without one.
    """

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta = timedelta(days=1)

    def wait(self, failures: int) -> timedelta:
        """How long the next attempt has to wait after so many failures."""
        if failures <= self.free:
            return timedelta(0)
        # Beyond thirty doublings every wait is the longest.
        doublings = min(failures - self.free - 1, 30)
        return min(self.longest, self.first * (1 << doublings))


_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)

RULES: Final[dict[Purpose, dict[Scope, Rule]]] = {
    # At the utmost some 30 guesses a day at one name from one network, and some 150 from all of
    # them; NIST SP 800-63B, section 5.2.2 would allow 100 before locking the account.
    "login": {
        "here": Rule(5, 10 * _SECOND, _HOUR),
        "network": Rule(30, 5 * _SECOND, 15 * _MINUTE),
        "name": Rule(50, 5 * _SECOND, 15 * _MINUTE),
        "device": Rule(10, 10 * _SECOND, _HOUR),
    },
    # Whoever has the password guesses three codes in a million at a time: some 100 a day by name,
    # from wherever they like, which takes a year to succeed with one account in ten.
    "second_factor": {
        "here": Rule(5, 10 * _SECOND, _HOUR),
        "network": Rule(30, 5 * _SECOND, 15 * _MINUTE),
        "name": Rule(20, 5 * _SECOND, 15 * _MINUTE),
        "device": Rule(10, 10 * _SECOND, _HOUR),
    },
    # Whoever has the password guesses three codes in a million at a time: some 300 a day by name,
    # from wherever they like. An operator who is held up so waits five minutes at the most.
    "operator": {
        "here": Rule(5, 10 * _SECOND, 15 * _MINUTE),
        "network": Rule(15, 5 * _SECOND, 15 * _MINUTE),
        "name": Rule(20, 5 * _SECOND, 5 * _MINUTE),
    },
    # A user key cannot be guessed by being patient; this is about the work of comparing it. An
    # installer's hubs may all ask at once, and each counts until its key has been compared.
    "enrolment": {
        "here": Rule(40, 10 * _SECOND, _HOUR),
        "network": Rule(100, 5 * _SECOND, 15 * _MINUTE),
    },
    # Every request counts, not only those that fail.
    "registration": {"network": Rule(10, _MINUTE, _HOUR, 6 * _HOUR)},
    "password_forgotten": {"network": Rule(10, _MINUTE, _HOUR, 6 * _HOUR)},
    # Every code that a hub asks for counts.
    "pairing": {"network": Rule(30, _MINUTE, _HOUR, 6 * _HOUR)},
    # The name is the account that would be linked, so whoever is slowed down is who guesses.
    "pairing_code": {
        "name": Rule(10, 30 * _SECOND, _HOUR),
        "network": Rule(30, 10 * _SECOND, 15 * _MINUTE),
    },
    # Whoever is here is logged in, and has to show that the password is known, too.
    "own_password": {
        "name": Rule(10, 10 * _SECOND, _HOUR),
        "network": Rule(100, 5 * _SECOND, 15 * _MINUTE),
    },
    # The law wants these reachable always: only what no household does is slowed down.
    "cancellation": {"network": Rule(20, _MINUTE, _HOUR, 6 * _HOUR)},
    "withdrawal": {"network": Rule(20, _MINUTE, _HOUR, 6 * _HOUR)},
    # The name is the account that the voucher is for, so whoever is slowed down is who guesses.
    "voucher": {
        "name": Rule(10, 30 * _SECOND, _HOUR),
        "network": Rule(30, 10 * _SECOND, 15 * _MINUTE),
    },
}

LONGEST_MEMORY: Final = max(rule.memory for rules in RULES.values() for rule in rules.values())


@dataclass(frozen=True, slots=True)
class Counter:
    """One head that an attempt is counted under; `subject` is a SHA-256 of what that is."""

    scope: Scope
    subject: bytes
    rule: Rule


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody at `network` (see `network_of`) tries.

    `name` is folded already. `device` is the id of a browser that has logged in to the account
    of that name, if it has.
    """

    purpose: Purpose
    network: str
    name: str = ""
    device: str | None = None

    def counters(self) -> tuple[Counter, ...]:
        """Everything that this attempt counts under; those of a known device stand alone."""
        rules = RULES[self.purpose]
        if self.device is not None and "device" in rules:
            return (self._counter("device", self.device),)
        found = [self._counter("network", self.network)]
        if self.network == UNKNOWN:
            rule = replace(found[0].rule, free=found[0].rule.free * _GENEROUS)
            found = [replace(found[0], rule=rule)]
        elif "here" in rules:
            found.append(self._counter("here", self.network, self.name))
        if "name" in rules:
            found.append(self._counter("name", self.name))
        return tuple(found)

    def _counter(self, scope: Scope, *of: str) -> Counter:
        # A user name may hold any sign but control characters, which forms refuse.
        words = "\0".join((self.purpose, scope, *of)).encode("utf-8", "surrogatepass")
        return Counter(scope, hashlib.sha256(words).digest(), RULES[self.purpose][scope])


@dataclass(frozen=True, slots=True)
class Tally:
    """What stands under one head: failures, when the last one was, when the next may be."""

    failures: int
    last_at: datetime
    free_at: datetime

    @classmethod
    def empty(cls, now: datetime) -> Self:
        return cls(0, now, now)

    def more(self, rule: Rule, now: datetime) -> Tally:
        """One failure more."""
        failures = self.failures if now - self.last_at < rule.memory else 0
        return Tally(failures + 1, now, now + rule.wait(failures + 1))

    def less(self, now: datetime) -> Tally:
        """It was none after all."""
        return Tally(max(0, self.failures - 1), self.last_at, min(self.free_at, now))

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds until the next attempt; 0 if it may be now."""
        return max(0, math.ceil((self.free_at - now).total_seconds()))


def network_of(address: str | None) -> str:
    """The network that a client's IP address belongs to, as far as one customer may have it.

    A /24 of IPv4; a /56 of IPv6, which is what providers hand out to a household (RIPE-690).
    """
    try:
        found = ip_address((address or "").strip())
    except ValueError:
        return UNKNOWN
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    # Without the interface that a link-local address may name.
    plain = str(found).partition("%")[0]
    return str(ip_network(f"{plain}/{24 if found.version == 4 else 56}", strict=False))
