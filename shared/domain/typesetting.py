"""Text that must fit a place: measured without its font, so with room to spare, and wrapped."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

ELLIPSIS = "…"
# In widths of the letter m; a font may be a little wider or narrower.
_EMOJI_EM = 1.3
_WIDE_EM = 1.0
_NARROW = {" ": 0.3} | dict.fromkeys("iljftrI.,:;'!|()[]·’‘-", 0.42)
_BROAD = dict.fromkeys("mwMW@%—…", 0.98)
_CAPITAL_EM, _OTHER_EM = 0.76, 0.6
# They belong to the character before: a line does not begin with them.
_NOT_FIRST = "，。、；：！？）》」』】〉”’…·,.;:!?)%"
_JOINERS = "\u200d\ufe0f\u20e3"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONS = range(0x1F1E6, 0x1F200)


class Fitted(NamedTuple):
    """Lines of one size that fit."""

    size: int
    lines: tuple[str, ...]


def fit(text: str, *, width: int, size_max: int, size_min: int, lines_max: int = 1) -> Fitted:
    """Return the text as large as it fits; what does not fit at `size_min` ends in an ellipsis."""
    for size in range(size_max, size_min, -1):
        lines = wrap(text, width / size)
        if len(lines) <= lines_max:
            return Fitted(size, tuple(lines))
    lines = wrap(text, width / size_min)
    if len(lines) > lines_max:
        last = "".join(lines[lines_max - 1 :])
        lines = [*lines[: lines_max - 1], cut(last, width / size_min)]
    return Fitted(size_min, tuple(lines))


def cut(text: str, width_em: float) -> str:
    """Return as much of the text as is that wide, with an ellipsis if it is not all."""
    if measure(text) <= width_em:
        return text
    kept = ""
    for cluster in clusters(text):
        if measure(kept + cluster + ELLIPSIS) > width_em:
            break
        kept += cluster
    return kept.rstrip() + ELLIPSIS


def wrap(text: str, width_em: float) -> Sequence[str]:
    """Return the text in lines: broken at spaces, between Chinese characters, or as it must be."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if measure((line + piece).rstrip()) <= width_em:
            line += piece
            continue
        if measure(piece.rstrip()) <= width_em:
            lines.append(line.rstrip())
            line = piece
            continue
        # A word that no line can hold begins where it stands.
        for cluster in clusters(piece):
            if line.strip() and measure((line + cluster).rstrip()) > width_em:
                lines.append(line.rstrip())
                line = ""
            line += cluster
    if line.strip():
        lines.append(line.rstrip())
    return lines


def measure(text: str) -> float:
    """Return about how many widths of the letter m a text takes, rather more than less."""
    return sum(_measure_cluster(cluster) for cluster in clusters(text))


def clusters(text: str) -> Iterator[str]:
    """Yield what a reader takes for one character: a letter with its marks, a joined emoji."""
    cluster = ""
    for character in text:
        if cluster and _continues(cluster, character):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def _pieces(text: str) -> Iterator[str]:
    """Yield what stays together: a word with the space after it, a wide character."""
    piece = ""
    for cluster in clusters(text):
        breaks = piece and (
            piece.endswith(" ") or ((_is_wide(cluster) or _is_wide(piece)) and cluster != " ")
        )
        if breaks and cluster[0] not in _NOT_FIRST:
            yield piece
            piece = ""
        piece += cluster
    if piece:
        yield piece


def _continues(cluster: str, character: str) -> bool:
    if character in _JOINERS or cluster[-1] == "\u200d" or ord(character) in _SKIN_TONES:
        return True
    if unicodedata.category(character)[0] == "M":
        return True
    is_flag = ord(cluster) in _REGIONS if len(cluster) == 1 else False
    return is_flag and ord(character) in _REGIONS


def _measure_cluster(cluster: str) -> float:
    first = cluster[0]
    if unicodedata.category(first) == "So" or "\ufe0f" in cluster:
        return _EMOJI_EM
    if _is_wide(cluster):
        return _WIDE_EM
    if first in _NARROW:
        return _NARROW[first]
    if first in _BROAD:
        return _BROAD[first]
    return _CAPITAL_EM if first.isupper() else _OTHER_EM


def _is_wide(text: str) -> bool:
    return unicodedata.east_asian_width(text[-1]) in "WF" or "\ufe0f" in text
