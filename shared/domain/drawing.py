"""What pictures are drawn with: SVG text with presentation attributes only, and QR codes."""

from datetime import date
from html import escape

Modules = tuple[tuple[bool, ...], ...]
"""A QR code's rows; True is dark."""

MEDIA_TYPE = "image/svg+xml"
# Nothing in a picture runs, and nothing is fetched; where it is shown alone, it stays alone.
PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; sandbox"
}
QUIET_MODULES = 4
_GROUPED_FROM_DIGITS = 4

# No emoji font among them: it has digits too. What these lack, the reader's system finds.
SERIF = "'Noto Serif CJK SC','Noto Serif SC','Source Han Serif SC','Songti SC',STSong,SimSun,serif"
SANS = (
    "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',"
    "sans-serif"
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def text_line(
    x: int,
    y: int,
    text: str,
    *,
    size: int,
    fill: str,
    anchor: str = "start",
    family: str = SERIF,
    weight: str = "normal",
    spacing: int = 0,
) -> str:
    """Return one line of text, whose left end, middle or right end is at `x`."""
    return (
        f'<text x="{x}" y="{y}" font-family="{family}" font-size="{size}" fill="{fill}" '
        f'text-anchor="{anchor}" font-weight="{weight}"'
        + (f' letter-spacing="{spacing}"' if spacing else "")
        + f">{safe(text)}</text>"
    )


def safe(text: str) -> str:
    """Return text that stands for itself in XML, without the characters that XML cannot hold."""
    return escape("".join(each for each in text if each >= " " and each not in "\ufffe\uffff"))


def runs(modules: Modules) -> str:
    """Return the dark modules of each row as rectangles, as wide as they run together."""
    path: list[str] = []
    for row, dark in enumerate(modules):
        start = None
        for column, is_dark in enumerate((*dark, False)):
            if is_dark and start is None:
                start = column
            elif not is_dark and start is not None:
                at_x, at_y = start + QUIET_MODULES, row + QUIET_MODULES
                path.append(f"M{at_x} {at_y}h{column - start}v1h{start - column}z")
                start = None
    return "".join(path)


def grouped(number: str) -> str:
    """Return a long number with narrow spaces between its thousands."""
    whole, point, decimals = number.partition(".")
    if len(whole) <= _GROUPED_FROM_DIGITS:
        return number
    return f"{int(whole):,}".replace(",", "\u2009") + point + decimals


def written_month(year: int, month: int, language: str) -> str:
    return f"{_MONTHS[month - 1]} {year}" if language == "en" else f"{year}年{month}月"


def written_day(day: date, language: str) -> str:
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year} (UTC+8)"
    return f"{day.year}年{day.month}月{day.day}日（UTC+8）"
