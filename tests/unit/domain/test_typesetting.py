"""Text that fits: broken where a reader expects it, and never through one character."""

import pytest

from shared.domain.typesetting import clusters, cut, fit, measure, wrap

FAMILY = "👨‍👩‍👧‍👦"


def test_short_text_is_as_large_as_it_may_be():
    assert fit("王小明", width=840, size_max=40, size_min=27) == (40, ("王小明",))


def test_longer_text_is_smaller_and_the_longest_has_an_ellipsis():
    # 30 characters of 28 take 840, of 29 they take 870.
    assert fit("王" * 30, width=840, size_max=40, size_min=20).size == 28
    assert fit("王" * 100, width=840, size_max=40, size_min=20) == (20, ("王" * 41 + "…",))


def test_two_lines_are_cut_at_the_end_of_the_second():
    fitted = fit("王" * 100, width=800, size_max=40, size_min=20, lines_max=2)
    assert fitted == (20, ("王" * 40, "王" * 39 + "…"))


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 5, ["one two", "three"]),
        ("一二三四五", 2, ["一二", "三四", "五"]),
        ("一二，三", 2, ["一", "二，", "三"]),
        ("incomprehensible", 5, ["incompre", "hensible"]),
        ("see incomprehensible", 6, ["see incomp", "rehensible"]),
        ("中文 and English", 5, ["中文 and", "English"]),
        ("", 5, []),
    ],
)
def test_text_is_broken_where_a_reader_expects_it(text, width, lines):
    assert wrap(text, width) == lines


def test_an_emoji_of_several_parts_is_one_character():
    assert list(clusters(f"{FAMILY}🇨🇳🇫🇷👍🏽1️⃣e\u0301")) == [
        FAMILY, "🇨🇳", "🇫🇷", "👍🏽", "1️⃣", "e\u0301",
    ]  # fmt: skip
    assert wrap(FAMILY * 3, 2) == [FAMILY] * 3
    assert cut(FAMILY * 3, 2.5) == FAMILY + "…"


def test_wide_letters_are_measured_wider():
    assert measure("王") == 1 > measure("m") > measure("a") > measure("i") > 0
