"""Identifiers that follow from what they stand for."""

import re

from shared.domain.identifiers import derived_id


def test_the_same_parts_give_the_same_id_for_ever():
    """A changed one would make a repeated request a new one."""
    assert derived_id("g", "a1", "key-1") == "g6l2swhbyrvigzu6eiatvmmc3cu"


def test_an_id_is_its_prefix_and_26_lower_case_letters_or_digits():
    for prefix in ("g", "rd"):
        assert re.fullmatch(rf"{prefix}[a-z2-7]{{26}}", derived_id(prefix, "a1", "钥匙"))


def test_another_prefix_account_or_key_gives_another_id():
    ids = {
        derived_id("g", "a1", "key-1"),
        derived_id("r", "a1", "key-1")[1:],
        derived_id("g", "a2", "key-1"),
        derived_id("g", "a1", "key-2"),
        derived_id("g", "a1", "key-1", ""),
        derived_id("g", "key-1", "a1"),
    }
    assert len(ids) == 6
    assert derived_id("g", "a1")[1:] != derived_id("r", "a1")[1:]


def test_parts_never_run_into_one_another():
    """Else one account's key could be chosen to be another account's."""
    assert derived_id("g", "a1", "2x") != derived_id("g", "a12", "x")
    assert derived_id("g", "a", "b") != derived_id("g", "ab")
    assert derived_id("g", 'a","b') != derived_id("g", "a", "b")
