from datetime import timedelta

import pytest

from shared.domain.errors import GiftCodeRefusedError, TooManyGiftCodesError
from shared.domain.gift_code import (
    CODES_PER_DAY_MAX,
    LIVE_CODES_MAX,
    GiftCodes,
    new_code,
    read_code,
    shown,
)
from tests.support.builders import BOOKED_AT, at

# The digits of 0x01020304050607 in base 32, the smallest first: 7 16 1 10 0 2 12 0 2 8 0. Luhn's
# check by hand: every other one doubled, from the last: 0 8 4 0 24 2 0 10 2 16 14, in all 80, and
# 16 more are 96, three times 32.
CODE = "7G1A02C0280G"
DAY = timedelta(days=1)


def codes(*made, at=BOOKED_AT):
    standing = GiftCodes("a1", at.date())
    for code in made:
        standing = standing.with_new(code, at)
    return standing


def test_a_code_is_the_random_bytes_and_a_check():
    assert new_code(bytes(range(1, 8))) == CODE
    assert new_code(bytes(7)) == "000000000000"
    with pytest.raises(ValueError, match="7 bytes"):
        new_code(bytes(6))


def test_a_code_is_read_as_people_type_it():
    for typed in ("7G1A-02C0-280G", "7g1a02c0280g", " 7GIA o2cO-28oG", "7GLAO2CO28OG"):
        assert read_code(typed) == CODE
    assert shown(CODE) == "7G1A-02C0-280G"


@pytest.mark.parametrize(
    "typed",
    ["", "7G1A02C0280", "7G1A02C0280G0", "7G1A02C0280U", "七G1A02C0280G", "7G1A02C0280H",
     "7G1!02C0280G", "7G1A02C0280G" + "-" * 13],
)  # fmt: skip
def test_what_cannot_be_a_code_is_refused(typed):
    with pytest.raises(GiftCodeRefusedError):
        read_code(typed)


def test_every_single_wrong_character_is_found():
    for place in range(12):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".replace(CODE[place], ""):
            with pytest.raises(GiftCodeRefusedError):
                read_code(CODE[:place] + other + CODE[place + 1 :])


def test_exchanged_neighbours_are_found():
    with pytest.raises(GiftCodeRefusedError):
        read_code("G71A02C0280G")


def test_a_code_is_good_for_seven_days():
    [made] = codes(CODE).codes
    assert made.expires_at == BOOKED_AT + 7 * DAY
    last = BOOKED_AT + 7 * DAY - timedelta(milliseconds=1)
    assert codes(CODE).find(CODE, last) == made
    assert codes(CODE).find(CODE, BOOKED_AT + 7 * DAY) is None
    assert codes(CODE).find("0" * 12, BOOKED_AT) is None


def test_a_used_code_is_gone_and_the_others_stay():
    standing = codes("A", "B", "C")
    after = standing.without("B")
    assert [each.code for each in after.codes] == ["A", "C"]
    assert after.version == standing.version + 1


def test_an_account_has_five_live_codes_at_most():
    standing = codes(*"ABCDE")
    assert len(standing.codes) == LIVE_CODES_MAX
    with pytest.raises(TooManyGiftCodesError):
        standing.with_new("F", BOOKED_AT)
    assert standing.without("A").with_new("F", BOOKED_AT).codes[-1].code == "F"
    after_a_week = standing.with_new("F", BOOKED_AT + 7 * DAY)
    assert [each.code for each in after_a_week.codes] == ["F"]


def test_an_account_makes_twenty_codes_a_day_at_most():
    standing = codes()
    for number in range(CODES_PER_DAY_MAX):
        standing = standing.with_new(str(number), BOOKED_AT).without(str(number))
    with pytest.raises(TooManyGiftCodesError):
        standing.with_new("last", at("2026-11-10T23:59:59+08:00"))
    assert standing.with_new("next", at("2026-11-11T00:00:00+08:00")).made == 1
