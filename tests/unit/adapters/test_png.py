"""Pixels are drawn with our own fonts alone: each character that may be drawn has its own shape."""

import hashlib
import struct
import tomllib
import zlib

import pytest
from fontTools.ttLib import TTFont

from shared.adapters.png import FONTS, png
from shared.domain.lettering import LATIN, drawable_characters, is_drawable
from shared.domain.share import ShareStyle
from shared.domain.share_picture import WIDTH
from shared.domain.share_words import WORDS
from tests.support.shares import draw

BYTES_MAX = 3_000_000
REGULAR = FONTS / "regular.ttf"


def test_the_fonts_are_what_their_record_says():
    record = tomllib.loads((FONTS / "fonts.toml").read_text("utf-8"))
    for each in record["file"]:
        assert hashlib.sha256((FONTS / each["path"]).read_bytes()).hexdigest() == each["sha256"]
    assert {path.name for path in FONTS.glob("*.ttf")} == {each["path"] for each in record["file"]}
    for each in record["package"]:
        assert "SIL OPEN FONT LICENSE Version 1.1" in (FONTS / each["licence"]).read_text("utf-8")


def test_the_fonts_are_light():
    assert sum(path.stat().st_size for path in FONTS.iterdir()) <= BYTES_MAX


def test_the_regular_font_has_every_character_that_may_be_drawn():
    characters = {chr(each) for each in TTFont(REGULAR).getBestCmap()}
    assert characters >= set(drawable_characters())


def test_the_bold_font_has_figures_and_what_is_set_in_bold():
    characters = set(TTFont(FONTS / "bold.ttf").getBestCmap())
    assert characters >= set(LATIN)
    for words in WORDS.values():
        assert characters >= set(map(ord, words.brand))


@pytest.mark.parametrize(
    "text", ["骑行的小明", "李玥", "Žofie Nguyễn", "さくら", "CO₂e", "5\u2009000"]
)
def test_names_and_amounts_may_be_drawn(text):
    assert all(map(is_drawable, text))


@pytest.mark.parametrize("character", ["\U0001f6b2", "\u200d", "\n", "\x7f", "ع", "\U00020bb7"])
def test_what_the_fonts_lack_may_not(character):
    assert not is_drawable(character)


@pytest.mark.parametrize("style", ShareStyle)
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_all_that_a_card_says_may_be_drawn(style, language):
    said = draw(style=style, language=language, period="all")
    assert [each for each in said if not is_drawable(each) and each != "\n"] == []


def test_two_chinese_names_are_two_pictures_on_a_machine_without_fonts():
    # Whatever a font lacks is one and the same box.
    assert png(text("李"), width=100) != png(text("王"), width=100)
    assert png(text("\U0001f6b2"), width=100) == png(text("\U0001f333"), width=100)


def test_a_card_is_as_large_as_feeds_want_it():
    pixels = png(draw(language="zh-Hans"), width=WIDTH)
    assert size(pixels) == (1200, 630)
    assert len(pixels) < 200_000


def test_the_same_card_is_the_same_pixels():
    assert png(draw(), width=WIDTH) == png(draw(), width=WIDTH)


def test_the_first_pixel_is_the_band_of_its_style():
    assert first_pixel(png(draw(style=ShareStyle.LEAF), width=WIDTH)) == (0xDC, 0xEB, 0xD8)
    assert first_pixel(png(draw(style=ShareStyle.INK), width=WIDTH)) == (0x2B, 0x32, 0x38)


def text(written):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">'
        f'<text y="80" font-size="80" font-family="sans-serif">{written}</text></svg>'
    )


def size(pixels):
    return struct.unpack(">II", pixels[16:24])


def first_pixel(pixels):
    """Return red, green and blue: no filter changes the first pixel of a picture."""
    packed, place = b"", 8
    while place < len(pixels):
        length, kind = struct.unpack(">I4s", pixels[place : place + 8])
        if kind == b"IDAT":
            packed += pixels[place + 8 : place + 8 + length]
        place += length + 12
    return tuple(zlib.decompress(packed)[1:4])
