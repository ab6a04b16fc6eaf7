"""The named cases are what the vendor writes."""

from __future__ import annotations

from datetime import date

import pytest

from tests.integration.simulated_ccu.conftest import TODAY
from tests.simulated_ccu.account_files import Case, account_files, linked, truncated


def test_a_linked_account_is_written_line_by_line_as_the_vendor_does() -> None:
    files = linked(ends=date(2026, 12, 4), userkey="geheim")
    assert files.mhcfg == (
        b"user_has_account=1\nuserkennung=maxmuster\nuserid=4711\nuserkey=geheim\n"
        b"premiumjahr=2026\npremiummonat=12\npremiumtag=04\nbase_url=meine-homematic.de\n"
    )
    assert files.ids == b"SerialNumber=3014F711A0001F5A4993A42B\nBidCoS-Address=0x4A5B6C\n"
    assert b"Typ=CloudMatic Complete\nKey=04.12.2026\n" in (files.smsguthaben or b"")
    assert files.register_pending is None


def test_an_unlinked_hub_has_the_vendors_dummies() -> None:
    mhcfg = account_files(Case.NOT_LINKED, TODAY).mhcfg or b""
    assert mhcfg.startswith(b"user_has_account=0\nuserkennung=none\nuserid=11\nuserkey=dummykey\n")


@pytest.mark.parametrize("case", list(Case))
def test_every_named_case_can_be_made_for_any_day(case: Case) -> None:
    assert account_files(case, date(2028, 2, 29)) == account_files(str(case), date(2028, 2, 29))


def test_dates_follow_the_given_day() -> None:
    expired = account_files(Case.EXPIRED, date(2031, 1, 2)).mhcfg or b""
    assert b"premiumjahr=2030\npremiummonat=12\npremiumtag=30\n" in expired


def test_umlauts_are_one_byte_each() -> None:
    mhcfg = account_files(Case.UMLAUTS, TODAY).mhcfg or b""
    assert b"userkennung=m\xfcller-gr\xf6\xdfe\n" in mhcfg


def test_a_cut_inside_a_value_leaves_a_wrong_but_plausible_id() -> None:
    mhcfg = account_files(Case.TRUNCATED_IN_VALUE, TODAY).mhcfg or b""
    assert mhcfg.endswith(b"userid=47")


def test_any_cut_can_be_made() -> None:
    files = account_files(Case.LINKED, TODAY)
    assert truncated(files, 7).mhcfg == b"user_ha"


def test_an_unknown_case_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        account_files("nonsense", TODAY)
