"""The card as a picture and as a page: honest in scale, harmless, and the same for long texts."""

import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from shared.domain.measurement import Spread, Sum
from shared.domain.share import ShareStyle
from shared.domain.share_page import POLICY, ended_page, share_page
from shared.domain.share_picture import (
    COLOURS,
    percent_text,
    two_digits,
)
from tests.support.shares import LINK, a_share, draw

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"'&]]>"
HUGE = Sum(9, 987_654_321_012, Spread(246_913_580_253, 493_827_160_506, 9_000_000), weakness=2)


def elements(picture, tag):
    return list(ET.fromstring(picture).iter(SVG + tag))  # noqa: S314 - our own


def texts(picture):
    return [each.text or "" for each in elements(picture, "text")]


def page(**changes):
    return share_page(a_share(**changes), link=LINK, picture=f"{LINK}/card.png")


def test_it_says_how_much_how_sure_and_how_little_of_a_year_that_is():
    assert texts(draw()) == [
        "Personal carbon account",
        "Alice",
        "Estimated reduction, November 2026",
        "200 g CO₂e",
        "range 40 to 500 g · derived from published values",
        # 204.608 g of 5000 kg.
        (
            "0.0041 % of a yearly footprint of 5000 kg "
            "(A person in China, 2019; from published values)"
        ),
        "About as much CO₂e as:",
        # 204.608 / 195.2, from 42.665 to 498.791 g.
        "Kilometres in a petrol car: 1.0 (range 0.22 to 2.6; derived from published values)",
        # The same by 530.6 g.
        "Kilowatt-hours of China's grid: 0.39 (range 0.080 to 0.94; from published values)",
        "Scan to check",
        (
            "Worked out on 10 November 2026 (UTC+8) · What everyday behaviour is estimated to have "
            "avoided, compared with"
        ),
        (
            "a baseline. It is no tradable unit: no carbon credit, offset or allowance of any "
            "market. No third party verified it."
        ),
    ]


def test_it_says_the_same_in_chinese():
    said = texts(draw(language="zh-Hans", nickname=None, period="2026"))
    assert said[:4] == [
        "个人碳账户", "2026年估算减排量", "200 g CO₂e", "区间 40 至 500 g · 由公布值推导",
    ]  # fmt: skip
    assert "占每年 5000 千克碳足迹的 0.0041%" in said[4]


@pytest.mark.parametrize(
    ("reduction_mg", "width"), [(2_500_000_000, 395), (5_000_000_000, 790), (9_000_000_000, 790)]
)
def test_the_bar_is_as_long_as_its_share_of_a_year(reduction_mg, width):
    bars = elements(draw(reduction=Sum(1, reduction_mg)), "rect")
    [whole, part] = [each for each in bars if each.get("y") == "340"]
    assert [float(each.attrib["width"]) for each in (whole, part)] == [790, width]


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("nickname", ["W" * 24, "王" * 24])
def test_a_long_name_and_a_huge_amount_cut_nothing_off(language, nickname):
    said = texts(draw(language=language, nickname=nickname, reduction=HUGE, period="all"))
    assert nickname in said
    assert not [each for each in said if "…" in each]


@pytest.mark.parametrize("style", ShareStyle)
def test_text_can_be_read_on_every_paper(style):
    colours = COLOURS[style]
    for paper in (colours.paper, colours.panel):
        for text in (colours.strong, colours.text):
            assert contrast(paper, text) >= 4.5
    assert contrast(colours.paper, colours.quiet) >= 4.5


def contrast(one, two):
    """Return the contrast of two colours by WCAG 2."""
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_tiny_share_is_not_said_to_be_nothing():
    assert percent_text(1, 5_000_000_000, "en") == "less than 0.0001"
    assert percent_text(5_000, 5_000_000_000, "zh-Hans") == "0.00010"


@pytest.mark.parametrize(
    ("number", "text"),
    [("0", "0"), ("0.0804", "0.080"), ("1.048", "1.0"), ("99.6", "100"), ("5059704.5", "5100000")],
)
def test_a_number_has_two_digits_that_count(number, text):
    assert two_digits(Decimal(number)) == text


def test_what_somebody_wrote_is_text_and_nothing_else():
    assert HOSTILE in texts(draw(nickname=HOSTILE))
    for text in (draw(nickname=HOSTILE), page(nickname=HOSTILE)):
        assert "<script" not in text


def test_the_page_says_what_the_picture_does_and_loads_nothing_else():
    said = page()
    for words in (
        "200 g CO₂e",
        "range 40 to 500 g · derived from published values",
        "Worked out on 10 November 2026 (UTC+8)",
        "Shown until 8 February 2027 (UTC+8)",
        "It is no tradable unit",
        f'<meta property="og:url" content="{LINK}">',
        f'<meta property="og:image" content="{LINK}/card.png">',
    ):
        assert words in said
    assert re.findall(r'(?:src|href)="([^"]*)"', said) == ["t" * 26 + "/card.svg"]
    assert "<script" not in said
    assert "unsafe" not in POLICY


def test_an_ended_card_says_nothing_of_what_it_was():
    assert "revoked" in ended_page(is_known=True)
    assert "og:" not in ended_page(is_known=True)
    assert "没有这张卡片" in ended_page(is_known=False)
