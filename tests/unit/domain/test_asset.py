"""Which pictures are let in, and under which name."""

import hashlib
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.asset import (
    ASSET_BYTES_MAX,
    Picture,
    asset_name,
    file_of,
    media_type_of,
    picture_of,
)
from shared.domain.errors import InvalidRequestError

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">'


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0" * 20))
    + chunk(b"IEND", b"")
)


def webp(kind: bytes, data: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def taken(file: str, data: bytes) -> Picture:
    return picture_of(asset_name(file, data), data)


def refusal(file: str, data: bytes) -> str:
    with pytest.raises(InvalidRequestError) as refused:
        taken(file, data)
    return refused.value.detail


def test_a_name_carries_the_digest_of_the_content():
    digest = hashlib.sha256(b"bytes").hexdigest()[:32]
    assert asset_name("chain-en.svg", b"bytes") == f"chain-en.{digest}.svg"
    assert file_of(f"chain-en.{digest}.svg") == "chain-en.svg"
    assert media_type_of(f"chain-en.{digest}.svg") == "image/svg+xml"
    assert media_type_of(f"a.{digest}.webp") == "image/webp"


@pytest.mark.parametrize("file", ["a.html", "A.svg", "../a.svg", "a.b.svg", "a.svg\n", ".svg"])
def test_other_files_have_no_name(file):
    with pytest.raises(ValueError, match="A picture is named"):
        asset_name(file, b"")


@pytest.mark.parametrize(
    "asset", ["a.svg", "a.0.svg", f"a.{'0' * 32}.html", f"../a.{'0' * 32}.svg", f"a.{'G' * 32}.svg"]
)
def test_what_is_not_named_so_is_no_asset(asset):
    assert media_type_of(asset) is None
    assert file_of(asset) is None


def test_sizes_are_read_from_the_bytes():
    svg = f'{OPEN}<rect fill="url(#a)" width="1"/></svg>'.encode()
    sides = [
        (each.width, each.height)
        for each in (
            taken("a.svg", svg),
            taken("a.png", PNG),
            taken("a.webp", webp(b"VP8X", b"\0\0\0\0" + b"\x02\0\0" + b"\x01\0\0")),
            taken(
                "a.webp", webp(b"VP8L", b"\x2f" + (2 | 1 << 14).to_bytes(4, "little") + b"\0" * 8)
            ),
            taken("a.webp", webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x03\0\x02\0")),
        )
    ]
    assert sides == [(640, 480), (3, 2), (3, 2), (3, 2), (3, 2)]


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<script>alert(1)</script>", "has an element that no drawing needs"),
        ("<foreignObject/>", "has an element that no drawing needs"),
        ("<style>@import 'a'</style>", "has an element that no drawing needs"),
        ("<image href='a.png'/>", "has an element that no drawing needs"),
        ("<a><text>a</text></a>", "has an element that no drawing needs"),
        ("<animate/>", "has an element that no drawing needs"),
        ("<rect onload='a()'/>", "has an attribute that no drawing needs"),
        ("<path style='fill:red'/>", "has an attribute that no drawing needs"),
        ("<path href='#a'/>", "has an attribute that no drawing needs"),
        ("<path xmlns:a='b'/>", "has an attribute that no drawing needs"),
        ("<g xmlns='http://www.w3.org/1999/xhtml'/>", "has elements that are not SVG's"),
        ("<path fill='url(https://example.org/a)'/>", "refers to something outside of itself"),
        ("<path fill='URL( a.svg#b )'/>", "refers to something outside of itself"),
        ("<path fill='&#117;rl(//a)'/>", "refers to something outside of itself"),
        ("<path fill='u\\72l(a)'/>", "refers to something outside of itself"),
        ("<?xml-stylesheet href='a'?>", "has a processing instruction"),
        ("<g>", "is not well-formed XML in UTF-8"),
        ("<g/>" * 2000, "has more than 2000 elements"),
    ],
)
def test_an_svg_only_draws(inside, reason):
    assert refusal("a.svg", f"{OPEN}{inside}</svg>".encode()) == reason


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        ("<svg width='1' height='1'/>", "is not an SVG"),
        ("<g xmlns='http://www.w3.org/2000/svg'/>", "is not an SVG"),
        (
            f"<!DOCTYPE svg [<!ENTITY a 'b'>]>{OPEN}</svg>",
            "has a declaration, which an SVG needs not",
        ),
        (OPEN.replace("640", "100%") + "</svg>", "states no width and height in whole pixels"),
        (OPEN.replace("640", "4097") + "</svg>", "has a side of no or of more than 4096 pixels"),
        ("", "is not well-formed XML in UTF-8"),
    ],
)
def test_an_svg_says_what_it_is_and_how_large(svg, reason):
    assert refusal("a.svg", svg.encode()) == reason


def test_an_svg_in_another_encoding_is_refused():
    assert refusal("a.svg", f"{OPEN}</svg>".encode("utf-16")) == "is not well-formed XML in UTF-8"


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", PNG[:-1], PNG + b"<script>", PNG.replace(b"IDAT", b"IDAU"), PNG[:33]]
)
def test_a_png_is_whole_and_nothing_else(data):
    assert refusal("a.png", data) == "is not a whole PNG"


@pytest.mark.parametrize(
    "data", [b"", PNG, webp(b"VP8X", b"\0" * 10) + b"<script>", webp(b"ABCD", b"\0" * 20)]
)
def test_a_webp_is_whole_and_nothing_else(data):
    assert refusal("a.webp", data) == "is not a whole WebP"


def test_a_picture_has_its_limit():
    assert (
        refusal("a.png", b"\0" * (ASSET_BYTES_MAX + 1)) == f"has more than {ASSET_BYTES_MAX} bytes"
    )


def test_other_bytes_than_the_name_means_are_refused():
    with pytest.raises(InvalidRequestError, match="other bytes"):
        picture_of(f"a.{'0' * 32}.png", PNG)


@given(st.binary(max_size=200), st.sampled_from(["svg", "png", "webp"]))
def test_any_bytes_are_a_picture_or_are_refused(data, ending):
    head = {"svg": OPEN.encode(), "png": PNG[:40], "webp": webp(b"VP8L", b"")[:20]}[ending]
    for each in (data, head + data):
        try:
            picture = taken(f"a.{ending}", each)
        except InvalidRequestError:
            continue
        assert picture.width >= 1
