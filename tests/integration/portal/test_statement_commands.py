"""import-statement, work-list, assign and ignore-line, run as processes on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cloudmatic_portal.domain.reference import grouped
from cloudmatic_portal.storage.database import Database
from tests.bank_statements import OWN, PAYER, Paid, camt, mt940
from tests.integration.portal.bank_imports import ordered, state
from tests.integration.portal.commands import run
from tests.integration.portal.test_cli import environment
from tests.integration.portal.world import all_rows

PREFIX = "CLOUDMATIC_PORTAL_"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    ours = {
        f"{PREFIX}MAIL_FOLDER": str(tmp_path / "mail"),
        f"{PREFIX}BANK_HOLDER": "CloudMatic (Beispiel)",
        f"{PREFIX}BANK_IBAN": OWN,
        f"{PREFIX}BANK_BIC": "BYLADEM1001",
    }
    return environment(tmp_path, database_url) | ours


async def test_a_statement_from_file_to_access(
    database: Database, settings: dict[str, str], tmp_path: Path
) -> None:
    first, second = await ordered(database), await ordered(database, 4712)
    file = tmp_path / "november.xml"
    file.write_bytes(camt(Paid(cents=3600, text=first), Paid(cents=3600, text="von Erika")))
    before = await all_rows(database)
    status, said, _ = await run(settings, "import-statement", str(file), "--dry-run")
    assert status == 0
    assert f"booked  {grouped(first)}  by its number" in said
    assert "1 booked (36,00\xa0€), 1 for the work list" in said
    assert await all_rows(database) == before
    status, said, errors = await run(settings, "import-statement", str(file), "--json")
    assert (status, errors) == (0, "")
    [told] = json.loads(said)
    assert (told["booked"], told["open"], told["received_cents"]) == (1, 1, 3600)
    assert await state(database, first) == "active"
    status, said, _ = await run(settings, "work-list")
    assert (status, "says nothing that is known" in said) == (0, True)
    [waiting] = json.loads((await run(settings, "work-list", "--json"))[1])
    status, said, _ = await run(settings, "assign", str(waiting["id"]), grouped(second))
    assert (status, said) == (0, f"order {grouped(second)} of account 4712 is active now\n")
    assert (await run(settings, "work-list"))[1] == "nothing waits\n"
    said = (await run(settings, "import-statement", str(file)))[1]
    assert "0 booked (0,00\xa0€), 0 for the work list, 0 ignored, 2 known already" in said


async def test_a_broken_file_among_good_ones_books_nothing(
    database: Database, settings: dict[str, str], tmp_path: Path
) -> None:
    reference = await ordered(database)
    good, broken, foreign = (tmp_path / name for name in ("good.xml", "broken.sta", "other.xml"))
    good.write_bytes(camt(Paid(cents=3600, text=reference)))
    broken.write_bytes(mt940([Paid(cents=3600)]).replace(b":61:2611241124", b":61:2613241124"))
    foreign.write_bytes(camt(Paid(cents=3600), account=PAYER))
    before = await all_rows(database)
    for bad, why in ((broken, "broken.sta, line 5, :61:: month"), (foreign, "not one of ours")):
        status, output, errors = await run(settings, "import-statement", str(good), str(bad))
        assert (status, output) == (1, "")
        assert why in errors
        assert "Traceback" not in errors
        assert await all_rows(database) == before
    status, said, _ = await run(settings, "import-statement", str(foreign), "--account", PAYER)
    assert (status, "1 for the work list" in said) == (0, True)


@pytest.mark.parametrize(
    "words",
    [
        ("assign", "999", "K7Q-X4M-P9R"),
        ("assign", "999", "account:4711=5,00"),
        ("assign", "999", "--takes-back", "998"),
        ("ignore-line", "999", "--reason", "none"),
        ("import-statement", "/nowhere.xml"),
        ("import-statement", __file__),
    ],
)
async def test_what_cannot_be_done_says_why(
    database: Database, settings: dict[str, str], words: tuple[str, ...]
) -> None:
    before = await all_rows(database)
    status, output, errors = await run(settings, *words)
    assert (status, output) == (1, "")
    assert errors.startswith("cloudmatic-portal: ")
    assert "Traceback" not in errors
    assert await all_rows(database) == before


async def test_a_long_file_tells_how_far_it_is(settings: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "long.xml"
    file.write_bytes(camt(*(Paid(cents=-1, text=str(number)) for number in range(1_200))))
    _, _, errors = await run(settings, "import-statement", str(file), "--dry-run")
    assert errors.splitlines()[-1] == "long.xml: 1200 of 1200 lines"
