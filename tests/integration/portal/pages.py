"""Pages as a browser takes them: forms with what stands in them, and what is said beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.integration.portal.world import Answer, Browser

Value = str | Sequence[str] | None
"""What a field gets: one value, several fields of that name, or no field at all."""

_VOID = frozenset({"input", "meta", "link", "img", "br", "hr", "rect", "line"})


@dataclass
class Form:
    """A form of a page; `inputs` are the attributes of its input elements, in their order."""

    action: str
    inputs: list[dict[str, str]] = field(default_factory=list)

    def filled(self, changes: Mapping[str, Value]) -> list[tuple[str, str]]:
        """What a browser sends of it after somebody has entered `changes`."""
        sent = [(each["name"], each.get("value", "")) for each in self.inputs if _counts(each)]
        kept = [(name, value) for name, value in sent if name not in changes]
        return kept + [(name, one) for name, value in changes.items() for one in _each(value)]

    def value(self, name: str) -> str:
        """What stands in the field, or which one is chosen; nothing if none is."""
        return next(
            (
                each.get("value", "")
                for each in self.inputs
                if each["name"] == name and _counts(each)
            ),
            "",
        )


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False
        self._open: list[str | None] = []
        self._texts: dict[str, list[str]] = {}
        self.feed(answer.text)

    def form(self, action: str) -> Form:
        [found] = [each for each in self.forms if each.action == action]
        return found

    def beside(self, name: str) -> str:
        """What an ear hears with the field `name` because it is not right as it is."""
        wrong = [
            each
            for form in self.forms
            for each in form.inputs
            if each["name"] == name and each.get("aria-invalid") == "true"
        ]
        ids = [each for field in wrong for each in field.get("aria-describedby", "").split()]
        return " ".join(" ".join(self._texts[each]) for each in dict.fromkeys(ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            # A search changes nothing, and is sent as an address.
            self._inside = facts.get("method") == "post"
        if tag == "form" and self._inside:
            self.forms.append(Form(facts["action"]))
        elif tag == "input" and self._inside and self.forms:
            self.forms[-1].inputs.append(facts)
        elif tag == "select" and self.forms:
            self.forms[-1].inputs.append({**facts, "type": "select"})
        elif tag == "option" and "selected" in facts:
            self.forms[-1].inputs[-1]["value"] = facts["value"]
        if tag not in _VOID:
            self._open.append(facts.get("id"))
            if "id" in facts:
                self._texts[facts["id"]] = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for each in self._open:
            if each is not None and data.strip():
                self._texts[each].append(" ".join(data.split()))


async def send(
    browser: Browser,
    page: Answer,
    action: str,
    changes: Mapping[str, Value] | None = None,
    **options: Any,
) -> Answer:
    """Enter `changes` into the form of `page` that goes to `action`, and send it."""
    filled = Page(page).form(action).filled(changes or {})
    return await browser.post(action, filled, **options)


def _counts(attributes: Mapping[str, str]) -> bool:
    return attributes.get("type") not in {"radio", "checkbox"} or "checked" in attributes


def _each(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif value is not None:
        yield from value
