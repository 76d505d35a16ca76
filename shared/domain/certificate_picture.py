"""A certificate as a picture: one page of SVG, A4 across, that asks nobody for anything.

It has presentation attributes only, so that it can be served under a policy that forbids all else,
and every text in it is escaped. Texts are made to fit; numbers are as honest as `figures`.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import cos, pi, sin
from typing import NamedTuple

from shared.domain.certificate import STATEMENT, Certificate, OwnFootprint, RetiredShare
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
from shared.domain.figures import honest_figure
from shared.domain.measurement import Label, Sum
from shared.domain.typesetting import cut, fit

LANGUAGES = ("zh-Hans", "en")

WIDTH, HEIGHT = 1123, 794
_MIDDLE = WIDTH // 2
_LEFT, _RIGHT = 84, WIDTH - 84
_QR_SIZE = 138
_TEXT_WIDTH = 840
_ROSETTE_Y, _ROSETTE_RADIUS, _ROSETTE_STEPS, _ROSETTE_TURNS = 386, 318, 360, 14
_METHODOLOGIES_SHOWN_MAX = 3
_GRADES_SHOWN_MAX = 3

_INK, _GREEN, _PALE, _GOLD, _GREY, _PAPER = (
    "#20302a", "#1d5b45", "#e3ece4", "#a98547", "#66736c", "#fcfbf6",
)  # fmt: skip


class Words(NamedTuple):
    """What stands on the page in one language; `{}` is what is filled in."""

    title: str
    under_title: str
    to: str
    nobody: str
    retired: str
    range_and_exact: str
    for_occasion: str
    for_year: str
    for_share: str
    less_than: str
    methodologies: str
    more: str
    lots: str
    lot_count: str
    evidence: str
    grade: str
    label: str
    labels: Mapping[Label, str]
    issued: str
    number: str
    verify: str
    scan: str
    sentence_gap: str


WORDS: Mapping[str, Words] = {
    "en": Words(
        title="Certificate of Retirement",
        under_title="减排量注销证书",
        to="This certifies for",
        nobody="the holder of the account",
        retired="that personal reductions were retired, once and for ever, of",
        range_and_exact="estimated range {} to {} {} · taken from the ledger: {} mg",
        for_occasion="On the occasion of: {}",
        for_year="For their own footprint of the year {}",
        for_share="For their own footprint of the year {}, of which it is {} %",
        less_than="less than {}",
        methodologies="Measured by",
        more="and others: {}",
        lots="Lots taken",
        lot_count="{} of the ledger",
        evidence="Evidence",
        grade="grade {}: {} %",
        label="Weakest value",
        labels={
            Label.PUBLISHED: "published",
            Label.DERIVED: "derived from published values",
            Label.ILLUSTRATIVE: "an estimate",
        },
        issued="Issued",
        number="No.",
        verify="Verify at",
        scan="Scan to verify",
        sentence_gap=" ",
    ),
    "zh-Hans": Words(
        title="减排量注销证书",
        under_title="Certificate of Retirement",
        to="兹为",
        nobody="账户持有人",
        retired="证明：下列个人减排量已注销，一经注销，永不再用",
        range_and_exact="估算范围 {} 至 {} {} · 账本实际扣除 {} mg",
        for_occasion="用途：{}",
        for_year="用途：本人 {} 年度碳足迹",
        for_share="用途：本人 {} 年度碳足迹，约占其 {}%",
        less_than="不足 {}",
        methodologies="核算方法学",
        more="以及另外 {} 个方法学",
        lots="来源批次",
        lot_count="账本中的 {} 个批次",
        evidence="证据等级",
        grade="{} 级 {}%",
        label="最弱数值",
        labels={
            Label.PUBLISHED: "公布值",
            Label.DERIVED: "由公布值推导",
            Label.ILLUSTRATIVE: "估计值",
        },
        issued="签发日期",
        number="编号",
        verify="核验链接",
        scan="扫码核验",
        sentence_gap="",
    ),
}


def certificate_picture(
    certificate: Certificate, *, language: str, link: str, modules: Modules
) -> str:
    """Return the SVG; `modules` is the QR code of `link`, where the certificate is verified."""
    words = WORDS[language]
    body = [
        *_frame(certificate.certificate_id),
        *_head(certificate, words),
        *_middle(certificate, words),
        *_facts(certificate, words, language, link),
        *_code(modules, words),
        *_foot(language, words),
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="297mm" height="210mm" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" xml:lang="{language}">'
        f"<title>{safe(f'{words.title} {certificate.number}')}</title>"
        f"{''.join(body)}</svg>\n"
    )


# The parts of the page, from the top down


def _frame(certificate_id: str) -> Iterator[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_PAPER}"/>'
    yield from _rosette(certificate_id)
    for inset, width, colour in ((22, 3, _GREEN), (30, 1, _GOLD), (36, 0.6, _GREEN)):
        yield (
            f'<rect x="{inset}" y="{inset}" width="{WIDTH - 2 * inset}" '
            f'height="{HEIGHT - 2 * inset}" rx="4" fill="none" stroke="{colour}" '
            f'stroke-width="{width}"/>'
        )


def _rosette(certificate_id: str) -> Iterator[str]:
    """Draw the lines that run through banknotes; their petals follow from the certificate."""
    petals = 9 + sum(certificate_id.encode()) % 8
    points: list[str] = []
    for step in range(_ROSETTE_STEPS):
        angle = 2 * pi * step / _ROSETTE_STEPS
        reach = _ROSETTE_RADIUS * (0.78 + 0.22 * sin(angle * petals))
        points.append(f"{reach * cos(angle):.0f} {reach * sin(angle):.0f}")
    # Named for the certificate, so that two pictures on one page do not share it.
    name = f"rosette-{safe(certificate_id)}"
    yield f'<defs><path id="{name}" d="M{"L".join(points)}z"/></defs>'
    yield f'<g transform="translate({_MIDDLE} {_ROSETTE_Y})" fill="none" stroke="{_PALE}">'
    for turn in range(_ROSETTE_TURNS):
        degrees = 360 * turn / (petals * _ROSETTE_TURNS)
        yield f'<use href="#{name}" transform="rotate({degrees:.2f})"/>'
    yield "</g>"


def _head(certificate: Certificate, words: Words) -> Iterator[str]:
    issuer = cut(certificate.issuer, 26)
    yield text_line(_LEFT, 84, issuer, size=17, fill=_GREEN, weight="bold")
    number = f"{words.number} {certificate.number}"
    yield text_line(_RIGHT, 84, number, size=15, fill=_GREEN, anchor="end", family=SANS)
    yield text_line(_MIDDLE, 148, words.title, size=44, fill=_GREEN, anchor="middle", spacing=5)
    yield text_line(
        _MIDDLE, 178, words.under_title, size=15, fill=_GOLD, anchor="middle", spacing=4
    )
    yield (
        f'<path d="M{_MIDDLE - 210} 200h420M{_MIDDLE - 60} 204h120" stroke="{_GOLD}" '
        'stroke-width="1"/>'
    )


def _middle(certificate: Certificate, words: Words) -> Iterator[str]:
    yield text_line(_MIDDLE, 234, words.to, size=15, fill=_GREY, anchor="middle")
    yield from _block(284, certificate.beneficiary or words.nobody, size_max=40, size_min=27)
    yield text_line(_MIDDLE, 340, words.retired, size=15, fill=_GREY, anchor="middle")
    backing = certificate.backing
    figure = honest_figure(backing.reduction_mg, backing.low_mg, backing.high_mg)
    amount = f"{grouped(figure.value)} {figure.unit} CO₂e"
    fitted = fit(amount, width=_TEXT_WIDTH, size_max=62, size_min=30)
    yield text_line(
        _MIDDLE, 406, fitted.lines[0], size=fitted.size, fill=_GREEN, anchor="middle", weight="bold"
    )
    low, high, exact = (
        grouped(each) for each in (figure.low, figure.high, str(backing.reduction_mg))
    )
    about = words.range_and_exact.format(low, high, figure.unit, exact)
    fitted = fit(about, width=_TEXT_WIDTH, size_max=15, size_min=10)
    yield text_line(
        _MIDDLE, 438, fitted.lines[0], size=fitted.size, fill=_GREY, anchor="middle", family=SANS
    )
    yield from _block(486, _purpose(certificate, words), size_max=22, size_min=19)


def _block(y: int, text: str, *, size_max: int, size_min: int) -> Iterator[str]:
    """Set a text around `y`: in one line, or smaller in two."""
    fitted = fit(text, width=_TEXT_WIDTH, size_max=size_max, size_min=size_min)
    if fitted.lines != (text,):
        fitted = fit(text, width=_TEXT_WIDTH, size_max=size_min, size_min=11, lines_max=2)
    step = fitted.size + 5
    first_y = y - (len(fitted.lines) - 1) * step // 2
    for place, line in enumerate(fitted.lines):
        at_y = first_y + place * step
        yield text_line(_MIDDLE, at_y, line, size=fitted.size, fill=_INK, anchor="middle")


def _purpose(certificate: Certificate, words: Words) -> str:
    footprint = certificate.footprint
    if footprint is None:
        return words.for_occasion.format(certificate.occasion)
    share = _percent(footprint, certificate.reduction_mg, words)
    if share is None:
        return words.for_year.format(footprint.year)
    return words.for_share.format(footprint.year, share)


def _percent(footprint: OwnFootprint, reduction_mg: int, words: Words) -> str | None:
    """Return a share in percent with up to four decimals: what a millionth can say."""
    ppm = footprint.share_ppm(reduction_mg)
    if ppm is None:
        return None
    if not ppm:
        return words.less_than.format("0.0001")
    whole, rest = divmod(ppm, 10_000)
    decimals = f"{rest:04d}".rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)


def _facts(certificate: Certificate, words: Words, language: str, link: str) -> Iterator[str]:
    rows = [(words.methodologies, text) for text in _methodologies(certificate.shares, language)]
    hidden = len(certificate.shares) - _METHODOLOGIES_SHOWN_MAX
    if hidden > 0:
        rows.append(("", words.more.format(hidden)))
    rows = [(title if place == 0 else "", text) for place, (title, text) in enumerate(rows)]
    backing = certificate.backing
    rows += [
        (words.lots, words.lot_count.format(len(certificate.lots))),
        (words.evidence, _grades(backing, words)),
        (words.label, words.labels[backing.label]),
        (words.issued, written_day(certificate.ledger_day, language)),
        (words.verify, link),
    ]
    y = 550
    for title, text in rows:
        yield text_line(_LEFT + 20, y, title, size=13, fill=_GOLD, family=SANS)
        fitted = fit(text, width=600, size_max=13, size_min=8)
        yield text_line(_LEFT + 130, y, fitted.lines[0], size=fitted.size, fill=_INK, family=SANS)
        y += 17


def _methodologies(shares: Sequence[RetiredShare], language: str) -> Iterator[str]:
    for share in shares[:_METHODOLOGIES_SHOWN_MAX]:
        figure = honest_figure(
            share.backing.reduction_mg, share.backing.low_mg, share.backing.high_mg
        )
        name = f" ({share.methodology})" if share.digest else ""
        yield f"{share.title[language]}{name} · {grouped(figure.value)} {figure.unit}"


def _grades(backing: Sum, words: Words) -> str:
    grades = [(mg, grade) for grade, mg in enumerate(backing.grades_mg, start=1) if mg > 0]
    shown = sorted(grades, reverse=True)[:_GRADES_SHOWN_MAX]
    parts = [words.grade.format(grade, mg * 100 // backing.reduction_mg) for mg, grade in shown]
    return " · ".join(parts)


def _code(modules: Modules, words: Words) -> Iterator[str]:
    x, y = _RIGHT - _QR_SIZE - 20, 532
    scale = _QR_SIZE / (len(modules) + 2 * QUIET_MODULES)
    yield f'<rect x="{x}" y="{y}" width="{_QR_SIZE}" height="{_QR_SIZE}" fill="#ffffff"/>'
    yield (
        f'<path transform="translate({x} {y}) scale({scale:.5f})" shape-rendering="crispEdges" '
        f'fill="#000000" d="{runs(modules)}"/>'
    )
    middle = x + _QR_SIZE // 2
    yield text_line(
        middle, y + _QR_SIZE + 16, words.scan, size=12, fill=_GREEN, anchor="middle", family=SANS
    )


def _foot(language: str, words: Words) -> Iterator[str]:
    text = words.sentence_gap.join(STATEMENT[language])
    fitted = fit(text, width=_RIGHT - _LEFT - 40, size_max=11, size_min=8, lines_max=3)
    yield f'<path d="M{_LEFT + 20} 704H{_RIGHT - 20}" stroke="{_GOLD}" stroke-width="0.6"/>'
    y = 720
    for line in fitted.lines:
        yield text_line(
            _MIDDLE, y, line, size=fitted.size, fill=_GREY, anchor="middle", family=SANS
        )
        y += fitted.size + 4
