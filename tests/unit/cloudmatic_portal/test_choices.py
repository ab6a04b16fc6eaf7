"""What an operator writes a bank line is for: the same on the page and at the command line."""

from __future__ import annotations

import pytest

from cloudmatic_portal.domain.money import Money
from cloudmatic_portal.services.work_list import Choice, read_choice


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("K7Q-X4M-P9R", Choice(reference="K7Q-X4M-P9R")),
        ("k7qx4mp9r=24", Choice(reference="k7qx4mp9r", amount=Money(2400))),
        ("K7Q X4M P9R=24,5", Choice(reference="K7Q X4M P9R", amount=Money(2450))),
        ("account:4711", Choice(account_id=4711)),
        ("konto:4711=0.05", Choice(account_id=4711, amount=Money(5))),
    ],
)
def test_a_choice_is_an_order_or_an_account_and_perhaps_an_amount(
    text: str, choice: Choice
) -> None:
    assert read_choice(text) == choice


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Oma",
        "K7Q-X4M-P9R=",
        "K7Q-X4M-P9R=-1",
        "K7Q-X4M-P9R=1,234",
        "=24",
        "account:",
        "account:max",
        "account:0",
        "account:12345678901",
        "account:٣",
        "somebody:4711",
        "K7Q-X4M-P9R=24=24",
    ],
)
def test_what_is_no_choice(text: str) -> None:
    assert read_choice(text) is None
