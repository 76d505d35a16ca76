"""Every table and key of a TOML text is found on its line, however the text is laid out."""

import pytest

from infra.methodologies.lines import line_at, lines_of

TEXT = '''\
# A comment, and an empty line

id = "a [b] = c"
note = """
[[not-a-table]]
x = 1
"""
days = [
  1,  # [one]
  2,
]

[title]
en = "x"
"zh-Hans" = "y"

[[inputs]]
name = "one"
[inputs.title]
en = "x"
[[inputs.choices]]
key = "first"
title = {en = "x", zh-Hans = "y"}

[[inputs.choices]]
key = "second"
title.en = "x"
[[inputs]]
name = "two"
[[inputs.choices]]
key = "third"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("id",), 3),
        (("note",), 4),
        (("days",), 8),
        (("title",), 13),
        (("title", "zh-Hans"), 15),
        (("inputs",), 17),
        (("inputs", 0), 17),
        (("inputs", 0, "name"), 18),
        (("inputs", 0, "title", "en"), 20),
        (("inputs", 0, "choices", 0, "title", "zh-Hans"), 23),
        (("inputs", 0, "choices", 1), 25),
        (("inputs", 0, "choices", 1, "title", "en"), 27),
        (("inputs", 1, "name"), 29),
        (("inputs", 1, "choices", 0, "key"), 31),
    ],
)
def test_what_is_there_is_found_on_its_line(path, line):
    assert line_at(lines_of(TEXT), path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("licence",), 1),
        (("title", "fr"), 13),
        (("inputs", 0, "choices", 1, "title", "zh-Hans"), 27),
        (("inputs", 1, "unit"), 28),
    ],
)
def test_what_is_missing_is_found_where_it_should_be(path, line):
    assert line_at(lines_of(TEXT), path) == line


def test_what_only_looks_like_a_table_is_none():
    assert ("not-a-table",) not in lines_of(TEXT)
    assert ("x",) not in lines_of(TEXT)
