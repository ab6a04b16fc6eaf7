"""Every reason to refuse has a page and a problem of its own."""

from __future__ import annotations

import re

from cloudmatic_link.errors import TokenError
from cloudmatic_portal.domain.errors import BookingRefused, EnrolmentRefused
from cloudmatic_portal.web.api import problem
from cloudmatic_portal.web.refusals import REFUSALS


def leaves(base: type[Exception]) -> set[type[Exception]]:
    below = base.__subclasses__()
    return {base}.union(*map(leaves, below)) - {base} if below else {base}


def test_every_reason_to_refuse_a_link_has_its_page() -> None:
    assert leaves(TokenError) | leaves(BookingRefused) <= REFUSALS.keys()


def test_every_reason_to_refuse_a_hub_has_its_problem() -> None:
    product_reasons = {
        "replayed",
        "product-unknown",
        "product-not-sold",
        "term-not-offered",
        "kind-not-offered",
    }
    wanted = leaves(TokenError) | leaves(EnrolmentRefused) | leaves(BookingRefused)
    missing = {each.reason for each in wanted - problem._REFUSALS.keys()}  # type: ignore[attr-defined]
    assert missing <= product_reasons


def test_no_two_reasons_look_the_same() -> None:
    sentences = [refusal.sentence for refusal in REFUSALS.values()]
    assert len(set(sentences)) == len(sentences)


def test_sentences_name_facts_in_the_way_that_templates_fill_in() -> None:
    for refusal in REFUSALS.values():
        assert "%" not in re.sub(r"%\([a-z_]+\)s", "", refusal.sentence)
        assert "%" not in refusal.way
