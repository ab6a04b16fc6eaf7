"""As much of the logic engine's script language as a system variable needs.

From eQ-3's published "HomeMatic Script" documentation (parts 1, 2 and 4) and the firmware's own
scripts (`WebUI/www/api/methods/sysvar/*.tcl`, `bin/updateDCVars.tcl`): declarations, assignments,
method calls, `if … else`, `!`, `==`. A script with anything else in it does not run at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'\s*("[^"\\]*"|-?[0-9]+|[A-Za-z_][A-Za-z0-9_]*|==|[(){};.=!])')
_CONSTANTS = {"OT_VARDP": "VARDP", "ivtFloat": 4, "istGeneric": 0, "true": True, "false": False}
_PROPERTIES = frozenset(
    {
        *("Name", "DPInfo", "State", "Internal", "Visible"),
        *("ValueUnit", "ValueType", "ValueSubType", "ValueMin", "ValueMax"),
    }
)


class ScriptError(Exception):
    """The engine would not run this, or the simulation does not know it."""


@dataclass
class Variable:
    """An object of the type OT_VARDP. `listed`: it is among the system variables."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    listed: bool = False


@dataclass
class Dom:
    """The engine's objects, as far as they are system variables."""

    objects: dict[int, Variable] = field(default_factory=dict)
    updates: int = 0
    """How often `dom.RTUpdate` was called: what makes a change show in the WebUI."""
    last_number: int = 12000

    def add(self, name: str, **values: Any) -> Variable:
        """As an owner makes one in the WebUI."""
        made = self.create()
        made.values |= {"Name": name} | values
        made.listed = True
        return made

    def named(self, name: str) -> Variable | None:
        """The system variable of that name."""
        return next(
            (each for each in self.objects.values() if each.listed and each.values["Name"] == name),
            None,
        )

    def create(self) -> Variable:
        self.last_number += 1
        made = self.objects[self.last_number] = Variable(self.last_number)
        return made


def run(script: str, dom: Dom) -> str:
    """What the script writes. Raises ScriptError before anything is done, or in the middle."""
    found = _Script(_tokens(script), dom)
    whole = found.block(end=None)
    whole(True)
    return found.written


def _tokens(script: str) -> list[str]:
    tokens, at = [], 0
    script = script.rstrip()
    while at < len(script):
        match = _TOKEN.match(script, at)
        if match is None:
            raise ScriptError(script[at : at + 20])
        tokens.append(match[1])
        at = match.end()
    return tokens


Step = Callable[[], Any]


class _Script:
    """A reader that makes steps of the tokens; they run when all of them have been read."""

    def __init__(self, tokens: list[str], dom: Dom) -> None:
        self.tokens = tokens
        self.at = 0
        self.dom = dom
        self.names: dict[str, Any] = {}
        self.written = ""

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.peek()
        if not token or (wanted and token not in wanted):
            raise ScriptError(token)
        self.at += 1
        return token

    def block(self, end: str | None) -> Callable[[bool], None]:
        steps: list[Step] = []
        while self.peek() and self.peek() != end:
            steps.append(self.statement())
        if end is not None:
            self.take(end)

        def do(wanted: bool) -> None:
            if wanted:
                for step in steps:
                    step()

        return do

    def statement(self) -> Step:
        if self.peek() == "if":
            return self.condition()
        declared = self.peek() == "object"
        if declared:
            self.take()
        if self.tokens[self.at + 1 : self.at + 2] == ["="]:
            return self.assignment(declared=declared)
        value = self.expression()
        self.take(";")
        return value

    def assignment(self, *, declared: bool) -> Step:
        name = self.take()
        self.take("=")
        value = self.expression()
        self.take(";")

        def assign() -> None:
            if not declared and name not in self.names:
                raise ScriptError(name)
            self.names[name] = value()

        return assign

    def condition(self) -> Step:
        self.take("if")
        self.take("(")
        negated = self.peek() == "!"
        if negated:
            self.take()
        left = self.expression()
        right = None
        if self.peek() == "==":
            self.take()
            right = self.expression()
        self.take(")")
        self.take("{")
        then = self.block("}")
        otherwise = None
        if self.peek() == "else":
            self.take()
            self.take("{")
            otherwise = self.block("}")

        def decide() -> None:
            value = left()
            held = value == right() if right is not None else value is not None
            then(held is not negated)
            if otherwise is not None:
                otherwise(held is negated)

        return decide

    def expression(self) -> Step:
        name = self.take()
        if name == "Write":
            given = self.arguments()
            return lambda: self.write(given)
        value = self.primary(name)
        while self.peek() == ".":
            self.take()
            value = self.method(value, self.take(), self.arguments())
        return value

    def arguments(self) -> list[Step]:
        self.take("(")
        given = []
        if self.peek() != ")":
            given.append(self.expression())
        self.take(")")
        return given

    def primary(self, token: str) -> Step:
        if token.startswith('"'):
            return lambda: token[1:-1]
        if re.fullmatch(r"-?[0-9]+", token):
            return lambda: int(token)
        if token in _CONSTANTS:
            return lambda: _CONSTANTS[token]
        if token in {"dom", "ID_SYSTEM_VARIABLES"}:
            return lambda: token
        return lambda: self.name(token)

    def name(self, token: str) -> Any:
        if token not in self.names:
            raise ScriptError(token)
        return self.names[token]

    def method(self, on: Step, name: str, given: list[Step]) -> Step:
        return lambda: self.call(on(), name, [each() for each in given])

    def write(self, given: list[Step]) -> None:
        self.written += "".join(str(each()) for each in given)

    def call(self, on: Any, name: str, given: list[Any]) -> Any:  # noqa: PLR0911  a table
        match on, name, given:
            case "dom", "GetObject", ["ID_SYSTEM_VARIABLES"]:
                return "ID_SYSTEM_VARIABLES"
            case "dom", "CreateObject", ["VARDP"]:
                return self.dom.create()
            case "dom", "DeleteObject", [int(number)]:
                return self.dom.objects.pop(number, None) is not None
            case "dom", "RTUpdate", [_]:
                self.dom.updates += 1
                return True
            case "ID_SYSTEM_VARIABLES", "Get", [str(wanted)]:
                return self.dom.named(wanted)
            case "ID_SYSTEM_VARIABLES", "Add" | "Remove", [int(number)]:
                self.dom.objects[number].listed = name == "Add"
                return True
            case Variable(), "ID", []:
                return on.number
            case Variable(), _, [] if name in _PROPERTIES:
                return on.values.get(name, "")
            case Variable(), _, [value] if name in _PROPERTIES:
                on.values[name] = value
                return True
        raise ScriptError(name)
