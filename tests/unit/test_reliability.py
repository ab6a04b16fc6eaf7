"""docs/reliability.md says what the fault tests are, and when it does not, that is found."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from tests import faults
from tests.faults import DOCUMENT, Fault

TEXT = DOCUMENT.read_text("utf-8")


def test_the_document_is_up_to_date() -> None:
    expected = faults.document(faults.gather(), faults.tried(TEXT))
    assert expected == TEXT, "python -m tests.faults --write"


def test_every_kind_of_fault_that_was_asked_for_is_there() -> None:
    assert {each.kind for each in faults.gather()} >= {
        "clock",
        "connection cut",
        "database away",
        "disk full",
        "file descriptors used up",
        "mail server",
        "power cut",
        "process killed",
        "slow clients",
        "database busy",
    }


def test_a_mark_is_found_with_its_test() -> None:
    source = (
        "import pytest\n\n"
        '@pytest.mark.parametrize("n", [1])\n'
        '@pytest.mark.fault("clock", "nothing is " "doubled")\n'
        "async def test_it(n): ...\n\n"
        "def test_other(): ...\n"
    )
    found = list(faults._of_file(source, "tests/test_a.py"))
    assert found == [Fault("clock", "nothing is doubled", "tests/test_a.py::test_it")]


def test_a_run_is_counted_and_what_failed_is_told() -> None:
    report = ET.fromstring(  # noqa: S314 - ours
        "<testsuites><testsuite>"
        '<testcase classname="tests.unit.test_a" name="test_good[one]"/>'
        '<testcase classname="tests.unit.test_a" name="test_good[two]">'
        '<properties><property name="tried" value="20"/></properties></testcase>'
        '<testcase classname="tests.unit.test_a" name="test_bad[one]"/>'
        '<testcase classname="tests.unit.test_a" name="test_bad[two]"><failure/></testcase>'
        '<testcase classname="tests.unit.test_a" name="test_not"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )
    assert faults.read(report) == {
        "tests/unit/test_a.py::test_good": "21",
        "tests/unit/test_a.py::test_bad": faults.FAILED,
    }


def test_what_was_tried_stays_written_down() -> None:
    fault = Fault("clock", "nothing is doubled", "tests/test_a.py::test_it")
    text = faults.document([fault], {fault.test: "7"})
    assert faults.tried(text) == {fault.test: "7"}
    assert faults.tried(faults.document([fault], {})) == {fault.test: faults.NEVER}
