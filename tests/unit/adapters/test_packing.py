import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.packing import pack, unpack


def test_small_numbers_take_one_byte_and_the_sign_stands_lowest():
    assert pack([0, 1, -1, 63, -64]) == bytes([0, 2, 1, 126, 127])


def test_a_larger_number_goes_on_while_the_highest_bit_is_set():
    # 300 doubled is 600 = 4 x 128 + 88.
    assert pack([300]) == bytes([0x80 | 88, 4])


def test_a_number_that_is_cut_short_is_refused():
    with pytest.raises(ValueError, match="cut short"):
        list(unpack(bytes([0x80])))


@given(st.lists(st.integers(-(10**15), 10**15)))
def test_numbers_come_back_as_they_were(numbers):
    assert list(unpack(pack(numbers))) == numbers
