"""A share card as a picture: SVG of 1200 x 630, as wide as feeds show it.

The bar is drawn to scale against a typical yearly footprint, however little of it is seen. What is
said beside it is how much that is; a reduction is never taken from a footprint.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from shared.domain.drawing import (
    QUIET_MODULES,
    SANS,
    Modules,
    grouped,
    runs,
    safe,
    text_line,
    written_day,
)
from shared.domain.footprint import FootprintModel, Yardstick, yardstick_mg
from shared.domain.instants import ledger_day
from shared.domain.share import Share, ShareStyle
from shared.domain.share_words import WORDS, amount, headline, range_text, statement, subject
from shared.domain.typesetting import fit

WIDTH, HEIGHT = 1200, 630
BENCHMARK = "china-2019"
EQUIVALENTS = ("car-km", "grid-kwh")
_LEFT, _BAR_WIDTH, _NAME_WIDTH = 64, 790, 560
_LINE_WIDTH = WIDTH - 2 * _LEFT
_QR_SIZE = 216
_QR_X, _QR_Y = WIDTH - _QR_SIZE - _LEFT, 108
_LEAF = "M64 62C62 38 74 24 104 24C106 50 92 64 71 58Q78 44 92 36Q74 42 64 62z"
_MG_PER_KG = 1_000_000
_DIGITS = 2
_PERCENT_MIN = Decimal("0.0001")


class Colours(NamedTuple):
    """Of one style; every text on the paper has a contrast of 4.5 and more."""

    paper: str
    panel: str
    strong: str
    text: str
    quiet: str


COLOURS: Mapping[ShareStyle, Colours] = {
    ShareStyle.LEAF: Colours("#f4f8f1", "#dcebd8", "#1d5b45", "#20302a", "#4d5c54"),
    ShareStyle.SKY: Colours("#f1f7fc", "#d6e7f5", "#14507f", "#1b2a38", "#4a5a68"),
    ShareStyle.INK: Colours("#171b1f", "#2b3238", "#9fe0bd", "#f2f5f3", "#b4bdb8"),
}


def share_picture(share: Share, model: FootprintModel, modules: Modules) -> str:
    """Return the SVG; `model` says what a year comes to, `modules` is the QR code of the page."""
    colours = COLOURS[share.style]
    measures = {each.key: each for each in (*model.benchmarks, *model.equivalents)}
    body = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{colours.paper}"/>',
        f'<rect width="{WIDTH}" height="84" fill="{colours.panel}"/>',
        *_amount(share, colours),
        *_scale(share, measures[BENCHMARK], colours),
        *_equivalents(share, [measures[key] for key in EQUIVALENTS], colours),
        *_code(share, modules, colours),
        *_foot(share, colours),
    ]
    title = f"{headline(share)}: {amount(share.reduction)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xml:lang="{share.language}">'
        f"<title>{safe(title)}</title>{''.join(body)}</svg>\n"
    )


def _amount(share: Share, colours: Colours) -> Iterator[str]:
    words = WORDS[share.language]
    yield f'<path d="{_LEAF}" fill="{colours.strong}"/>'
    yield _text(54, words.brand, size=32, fill=colours.strong, weight="bold", x=_LEFT + 54)
    if share.nickname is not None:
        name = fit(share.nickname, width=_NAME_WIDTH, size_max=32, size_min=16)
        yield text_line(
            WIDTH - _LEFT,
            54,
            name.lines[0],
            size=name.size,
            fill=colours.text,
            anchor="end",
            family=SANS,
        )
    yield _fitted(138, subject(share), size_max=36, size_min=16, fill=colours.text)
    yield _fitted(
        254, amount(share.reduction), size_max=112, size_min=40, fill=colours.strong, weight="bold"
    )
    about = range_text(share.reduction, share.language)
    yield _fitted(312, about, size_max=30, size_min=14, fill=colours.text)


def _scale(share: Share, benchmark: Yardstick, colours: Colours) -> Iterator[str]:
    """Draw the reduction's share of the benchmark, to scale."""
    words, reduction_mg = WORDS[share.language], share.reduction.reduction_mg
    year_mg = yardstick_mg(benchmark)
    part = min(Decimal(1), Decimal(reduction_mg) / year_mg)
    width = f"{part * _BAR_WIDTH:.4f}"
    yield f'<rect x="{_LEFT}" y="340" width="{_BAR_WIDTH}" height="22" fill="{colours.panel}"/>'
    yield f'<rect x="{_LEFT}" y="340" width="{width}" height="22" fill="{colours.strong}"/>'
    # Where it ends, since little of it may be wide enough to be seen.
    end = f"{part * _BAR_WIDTH + _LEFT:.4f}"
    yield f'<path d="M{end} 334v34" stroke="{colours.strong}" stroke-width="3"/>'
    percent = percent_text(reduction_mg, year_mg, share.language)
    kilograms = grouped(f"{benchmark.value:f}")
    title, label = benchmark.title[share.language], words.labels[benchmark.label]
    facts = (percent, kilograms) if share.language == "en" else (kilograms, percent)
    text = words.scale.format(*facts, title, label)
    yield _long(408, text, size_max=25, size_min=16, fill=colours.text)


def _equivalents(share: Share, equivalents: Sequence[Yardstick], colours: Colours) -> Iterator[str]:
    words, reduction = WORDS[share.language], share.reduction
    yield _text(454, words.equals_title, size=24, fill=colours.quiet)
    y = 489
    for each in equivalents:
        counts = (
            grouped(two_digits(Decimal(mg) / (each.value * _MG_PER_KG)))
            for mg in (reduction.reduction_mg, reduction.low_mg, reduction.high_mg)
        )
        title = each.title[share.language]
        text = words.equals.format(title, *counts, words.labels[each.label])
        yield _long(y, text, size_max=26, size_min=16, fill=colours.text)
        y += 35


def _code(share: Share, modules: Modules, colours: Colours) -> Iterator[str]:
    scale = _QR_SIZE / (len(modules) + 2 * QUIET_MODULES)
    yield (
        f'<rect x="{_QR_X}" y="{_QR_Y}" width="{_QR_SIZE}" height="{_QR_SIZE}" fill="#ffffff"/>'
        f'<path transform="translate({_QR_X} {_QR_Y}) scale({scale:.5f})" '
        f'shape-rendering="crispEdges" fill="#000000" d="{runs(modules)}"/>'
    )
    yield text_line(
        _QR_X + _QR_SIZE // 2,
        _QR_Y + _QR_SIZE + 28,
        WORDS[share.language].scan,
        size=22,
        fill=colours.quiet,
        anchor="middle",
        family=SANS,
    )


def _foot(share: Share, colours: Colours) -> Iterator[str]:
    words = WORDS[share.language]
    made = words.worked_out.format(written_day(ledger_day(share.created_at), share.language))
    text = f"{made} · {statement(share.language)}"
    about = fit(text, width=_LINE_WIDTH, size_max=21, size_min=14, lines_max=2)
    yield f'<rect x="{_LEFT}" y="544" width="{_LINE_WIDTH}" height="2" fill="{colours.panel}"/>'
    y = 576
    for line in about.lines:
        yield _text(y, line, size=about.size, fill=colours.quiet)
        y += about.size + 8


def percent_text(part_mg: int, whole_mg: int, language: str) -> str:
    """Return a share in percent with two digits that count, and never as nothing."""
    percent = Decimal(part_mg) * 100 / whole_mg
    if percent < _PERCENT_MIN:
        return WORDS[language].less_than.format(_PERCENT_MIN)
    return grouped(two_digits(percent))


def two_digits(number: Decimal) -> str:
    """Return a number rounded to two digits that count, as plain text."""
    if not number:
        return "0"
    place = number.adjusted() - _DIGITS + 1
    step = Decimal(1).scaleb(place)
    whole = (number / step).to_integral_value(ROUND_HALF_EVEN) * step
    return f"{whole:.{max(0, -place)}f}"


def _fitted(
    y: int, text: str, *, size_max: int, size_min: int, fill: str, weight: str = "normal"
) -> str:
    """Set one line beside the code."""
    fitted = fit(text, width=_BAR_WIDTH, size_max=size_max, size_min=size_min)
    return _text(y, fitted.lines[0], size=fitted.size, fill=fill, weight=weight)


def _long(y: int, text: str, *, size_max: int, size_min: int, fill: str) -> str:
    """Set one line below the code."""
    fitted = fit(text, width=_LINE_WIDTH, size_max=size_max, size_min=size_min)
    return _text(y, fitted.lines[0], size=fitted.size, fill=fill)


def _text(
    y: int, text: str, *, size: int, fill: str, weight: str = "normal", x: int = _LEFT
) -> str:
    return text_line(x, y, text, size=size, fill=fill, family=SANS, weight=weight)
