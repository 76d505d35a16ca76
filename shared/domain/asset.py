"""Pictures of articles: how one is named, and which bytes are let in.

A name carries a digest of the content, so whoever has the name has the one picture that it means.
A picture is checked by lists of what it may hold, since a browser runs what an SVG holds.
"""

import hashlib
import re
import struct
import zlib
from dataclasses import dataclass
from xml.parsers.expat import ExpatError, ParserCreate

from shared.domain.errors import InvalidRequestError

# One answer of a function has 6 MB, and a page shows several pictures.
ASSET_BYTES_MAX = 300_000
SIDE_PIXELS_MAX = 4096
SVG_ELEMENTS_MAX = 2000
DIGEST_CHARACTERS = 32
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png", "webp": "image/webp"}

_FILE = re.compile(r"[a-z0-9-]{1,60}\.(svg|png|webp)")
_ASSET = re.compile(r"([a-z0-9-]{1,60})\.([0-9a-f]{32})\.(svg|png|webp)")
_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNK_FRAME_BYTES = 12
_ELEMENT_NAMES = (
    "svg g title desc defs path rect circle ellipse line polyline polygon text tspan "
    "linearGradient radialGradient stop marker clipPath"
)
_SVG_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
# None of them runs anything; what they say is read for references to elsewhere.
_ATTRIBUTE_NAMES = (
    "id class x y x1 y1 x2 y2 cx cy r rx ry dx dy d points width height viewBox version role "
    "lang transform opacity fill fill-opacity fill-rule stroke stroke-width stroke-linecap "
    "stroke-linejoin stroke-dasharray stroke-opacity font-family font-size font-weight "
    "font-style text-anchor dominant-baseline letter-spacing offset stop-color stop-opacity "
    "gradientUnits gradientTransform markerWidth markerHeight markerUnits orient refX refY "
    "marker-start marker-mid marker-end clip-path clipPathUnits clip-rule preserveAspectRatio "
    "aria-labelledby aria-describedby xmlns xml:lang"
)
_SVG_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_LOCAL_REFERENCE = re.compile(r"url\(#[A-Za-z][A-Za-z0-9_-]*\)")
_SVG_NAMESPACE = "http://www.w3.org/2000/svg"
_PIXELS = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a text may show: its name among the assets, and its size in pixels."""

    asset: str
    width: int
    height: int


def is_file_name(file: str) -> bool:
    """Tell whether a picture may have this name beside the texts."""
    return _FILE.fullmatch(file) is not None


def asset_name(file: str, data: bytes) -> str:
    """Return the name under which a file's bytes are served: `<name>.<digest>.<ext>`.

    Raises ValueError for a file whose name no picture may have.
    """
    if not is_file_name(file):
        raise ValueError("A picture is named by a-z, 0-9 and hyphens, and ends in svg, png, webp.")
    stem, _, ending = file.partition(".")
    return f"{stem}.{_digest(data)}.{ending}"


def file_of(asset: str) -> str | None:
    """Return the file that an asset was made from, or None where the name is not an asset's."""
    found = _ASSET.fullmatch(asset)
    return f"{found[1]}.{found[3]}" if found else None


def media_type_of(asset: str) -> str | None:
    """Return the media type of an asset, or None where the name is not an asset's."""
    found = _ASSET.fullmatch(asset)
    return MEDIA_TYPES[found[3]] if found else None


def picture_of(asset: str, data: bytes) -> Picture:
    """Return the picture that these bytes are; raise InvalidRequestError where they are not."""
    found = _ASSET.fullmatch(asset)
    if found is None:
        raise InvalidRequestError("is not the name of an asset")
    if len(data) > ASSET_BYTES_MAX:
        raise InvalidRequestError(f"has more than {ASSET_BYTES_MAX} bytes")
    if found[2] != _digest(data):
        raise InvalidRequestError("has other bytes than its digest says")
    measure = {"svg": _svg_size, "png": _png_size, "webp": _webp_size}[found[3]]
    width, height = measure(data)
    if not (1 <= width <= SIDE_PIXELS_MAX and 1 <= height <= SIDE_PIXELS_MAX):
        raise InvalidRequestError(f"has a side of no or of more than {SIDE_PIXELS_MAX} pixels")
    return Picture(asset, width, height)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_CHARACTERS]


def _png_size(data: bytes) -> tuple[int, int]:
    """Walk all chunks: each is whole and unbroken, the first says the size, the last ends it."""
    place = len(_PNG)
    kinds: list[bytes] = []
    while data.startswith(_PNG) and place + _CHUNK_FRAME_BYTES <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + _CHUNK_FRAME_BYTES + length
        if (
            end > len(data)
            or struct.pack(">I", zlib.crc32(data[place + 4 : end - 4])) != (data[end - 4 : end])
        ):
            break
        kinds.append(kind)
        place = end
    if place != len(data) or kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"]:
        raise InvalidRequestError("is not a whole PNG")
    width, height = struct.unpack_from(">II", data, len(_PNG) + 8)
    return width, height


def _webp_size(data: bytes) -> tuple[int, int]:
    """Read the size out of the first chunk, which is one of three kinds."""
    length_said = len(data) >= 30 and struct.unpack_from("<I", data, 4)[0]  # noqa: PLR2004 - RIFF's own head
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or length_said != len(data) - 8:
        raise InvalidRequestError("is not a whole WebP")
    match data[12:16]:
        case b"VP8X":
            sides = int.from_bytes(data[24:27], "little"), int.from_bytes(data[27:30], "little")
            return sides[0] + 1, sides[1] + 1
        case b"VP8L" if data[20] == 0x2F:  # noqa: PLR2004 - the signature of the lossless kind
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case _:
            raise InvalidRequestError("is not a whole WebP")


def _svg_size(data: bytes) -> tuple[int, int]:
    """Read an SVG through, and refuse all that is not drawing, such as a script or a link."""
    drawing = _Drawing()
    parser = ParserCreate("utf-8", namespace_separator=None)
    parser.XmlDeclHandler = drawing.refuse_declaration
    parser.StartDoctypeDeclHandler = drawing.refuse_declaration
    parser.ProcessingInstructionHandler = drawing.refuse_instruction
    parser.StartElementHandler = drawing.element
    try:
        # Decoded first: expat alone would follow a mark of another encoding.
        parser.Parse(data.decode("utf-8"), True)  # noqa: FBT003 - expat's own form
    except (ExpatError, UnicodeDecodeError) as error:
        raise InvalidRequestError("is not well-formed XML in UTF-8") from error
    return drawing.size


class _Drawing:
    """What a parser comes upon in an SVG."""

    def __init__(self) -> None:
        self.size = (0, 0)
        self._elements = 0

    def refuse_declaration(self, *_: object) -> None:
        raise InvalidRequestError("has a declaration, which an SVG needs not")

    def refuse_instruction(self, *_: object) -> None:
        raise InvalidRequestError("has a processing instruction")

    def element(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > SVG_ELEMENTS_MAX:
            raise InvalidRequestError(f"has more than {SVG_ELEMENTS_MAX} elements")
        if name not in _SVG_ELEMENTS:
            raise InvalidRequestError("has an element that no drawing needs")
        for attribute, value in attributes.items():
            _check_attribute(attribute, value)
        if self._elements == 1:
            self.size = _stated_size(name, attributes)


def _check_attribute(name: str, value: str) -> None:
    if name not in _SVG_ATTRIBUTES:
        raise InvalidRequestError("has an attribute that no drawing needs")
    if name == "xmlns":
        if value != _SVG_NAMESPACE:
            raise InvalidRequestError("has elements that are not SVG's")
        return
    # A backslash writes a letter in CSS, and would hide what is looked for.
    rest = _LOCAL_REFERENCE.sub("", value).lower()
    if "url" in rest or ":" in rest or "\\" in rest or "//" in rest:
        raise InvalidRequestError("refers to something outside of itself")


def _stated_size(name: str, attributes: dict[str, str]) -> tuple[int, int]:
    width, height = attributes.get("width", ""), attributes.get("height", "")
    if name != "svg" or attributes.get("xmlns") != _SVG_NAMESPACE:
        raise InvalidRequestError("is not an SVG")
    if not (_PIXELS.fullmatch(width) and _PIXELS.fullmatch(height)):
        raise InvalidRequestError("states no width and height in whole pixels")
    return int(width), int(height)
