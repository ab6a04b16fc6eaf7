"""Elements of XML, found by their name without namespace, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any


class Wrong(ValueError):
    """What is wrong with an element, and where it stands."""

    def __init__(self, problem: str, element: Any) -> None:
        super().__init__(problem)
        self.line: int | None = element.sourceline
        self.place = name_of(element)


def required(element: Any, name: str) -> Any:
    """The first element of that name. Raises Wrong."""
    found = find(element, name)
    if found is None:
        raise Wrong(f"lacks {name}", element)
    return found


def find(element: Any, *names: str) -> Any:
    """The first element on the path of `names`, None if there is none."""
    for name in names:
        if element is None:
            return None
        element = next(iter(each_of(element, name)), None)
    return element


def each_of(element: Any, name: str) -> Iterator[Any]:
    return (each for each in element if name_of(each) == name)


def text_of(element: Any) -> str:
    """What stands in the element, with single blanks; nothing if it is None."""
    return "" if element is None or element.text is None else " ".join(element.text.split())


def name_of(element: Any) -> str:
    """Its name without namespace; nothing for what is no element, as a comment."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
