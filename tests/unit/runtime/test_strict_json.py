import time
from decimal import Decimal

import pytest

from shared.domain.errors import BodyTooLargeError, MalformedBodyError
from shared.runtime.strict_json import read_json

SIZE_MAX = 200_000


def read(body: bytes):
    return read_json(body, size_max=SIZE_MAX)


def test_json_is_read_with_exact_numbers():
    value = read('{"a": [1, 8.20, -0.5, true, null, "地铁"]}'.encode())
    assert value == {"a": [1, Decimal("8.20"), Decimal("-0.5"), True, None, "地铁"]}
    assert type(value["a"][1]) is Decimal


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"not json",
        b"{}{}",
        b"\xff\xfe",
        b'"\xed\xa0\x80"',  # a surrogate, written as UTF-8
        b"\xef\xbb\xbf{}",  # a byte-order mark
        b'{"amount": 1, "amount": 9}',
        b'{"a": {"b": 1, "b": 1}}',
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"-0",
        b"1e308",
        b"1e-400",
        b"1E5",
        b"9" * 31,
        b"9" * 5000,
        b"0." + b"3" * 40,
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\\u0000"',
        b'{"a\\u0000": 1}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    ],
    ids=lambda body: (
        body[:20].decode("latin-1").encode("unicode_escape").decode() + f" {len(body)}"
    ),
)
def test_what_has_no_single_meaning_is_malformed(body):
    with pytest.raises(MalformedBodyError):
        read(body)


def test_a_hundred_thousand_levels_are_refused_at_once():
    started = time.process_time()
    with pytest.raises(MalformedBodyError):
        read(b"[" * 100_000)
    assert time.process_time() - started < 0.5


def test_a_body_has_a_largest_size_in_bytes():
    assert read_json("地".encode().join([b'"', b'"']), size_max=5) == "地"
    with pytest.raises(BodyTooLargeError):
        read_json("地".encode().join([b'"', b'"']), size_max=4)


def test_look_alikes_of_other_formats_are_plain_data():
    body = b'{"__class__": "os", "$ref": "#/x", "S": "x", "__proto__": {}}'
    assert read(body) == {"__class__": "os", "$ref": "#/x", "S": "x", "__proto__": {}}
