import random
import re
import time

from shared.adapters import chance


def test_an_account_id_is_27_plain_characters_and_never_the_same():
    ids = {chance.new_account_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch("a[a-z2-7]{26}", each) for each in ids)


def test_a_salt_is_16_bytes_in_hex():
    assert len(bytes.fromhex(chance.new_salt())) == 16


def test_a_pause_is_drawn_from_a_time_that_doubles_up_to_half_a_second(monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    for attempt in range(7):
        chance.pause(attempt)
    assert slept == [0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5]
