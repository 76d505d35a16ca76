"""What a share card says, in each language; `{}` is what is filled in."""

from collections.abc import Mapping
from typing import NamedTuple

from shared.domain.drawing import written_month
from shared.domain.figures import honest_figure
from shared.domain.measurement import Label, Sum
from shared.domain.share import EVERYTHING, Share

_YEAR_LENGTH = 4


class ShareWords(NamedTuple):
    """The texts of one language."""

    brand: str
    everything: str
    of_year: str
    headline: str
    headline_of: str
    range: str
    labels: Mapping[Label, str]
    scale: str
    less_than: str
    equals_title: str
    equals: str
    sentence_gap: str
    worked_out: str
    scan: str
    statement: tuple[str, ...]
    shown_until: str
    ended_title: str
    ended: str
    unknown: str


WORDS: Mapping[str, ShareWords] = {
    "en": ShareWords(
        brand="Personal carbon account",
        everything="since the account was opened",
        of_year="{}",
        headline="Estimated reduction, {}",
        headline_of="{} · {}",
        range="range {} to {} {} · {}",
        labels={
            Label.PUBLISHED: "from published values",
            Label.DERIVED: "derived from published values",
            Label.ILLUSTRATIVE: "in part an estimate without a published value",
        },
        scale="{} % of a yearly footprint of {} kg ({}; {})",
        less_than="less than {}",
        equals_title="About as much CO₂e as:",
        equals="{}: {} (range {} to {}; {})",
        sentence_gap=" ",
        worked_out="Worked out on {}",
        scan="Scan to check",
        statement=(
            "What everyday behaviour is estimated to have avoided, compared with a baseline.",
            "It is no tradable unit: no carbon credit, offset or allowance of any market.",
            "No third party verified it.",
        ),
        shown_until="Shown until {}",
        ended_title="This card is no longer shown",
        ended="It was revoked, or its time is over.",
        unknown="There is no such card.",
    ),
    "zh-Hans": ShareWords(
        brand="个人碳账户",
        everything="开户以来",
        of_year="{}年",
        headline="{}估算减排量",
        headline_of="{} · {}",
        range="区间 {} 至 {} {} · {}",
        labels={
            Label.PUBLISHED: "依据公布值",
            Label.DERIVED: "由公布值推导",
            Label.ILLUSTRATIVE: "部分为无公布值的估计",
        },
        scale="占每年 {} 千克碳足迹的 {}%（{}；{}）",
        less_than="不足 {}",
        equals_title="约相当于下列排放：",
        equals="{}：{}（区间 {} 至 {}；{}）",
        sentence_gap="",
        worked_out="计算日期：{}",
        scan="扫码核对",
        statement=(
            "日常行为相对基准情景避免排放的估算值。",
            "不是可交易单位，不是任何市场的碳信用、抵销额度或配额。",
            "未经第三方核证。",
        ),
        shown_until="展示至 {}",
        ended_title="该卡片已停止展示",
        ended="卡片已被撤销或已到期。",
        unknown="没有这张卡片。",
    ),
}
LANGUAGES = tuple(WORDS)


def headline(share: Share) -> str:
    """Return what the amount is: whose, if a nickname was given, and of which period."""
    words = WORDS[share.language]
    if share.nickname is None:
        return subject(share)
    return words.headline_of.format(share.nickname, subject(share))


def subject(share: Share) -> str:
    """Return what the amount is, without anybody's name."""
    period = written_period(share.period, share.language)
    return WORDS[share.language].headline.format(period)


def statement(language: str) -> str:
    """Return what a card is and is not, as one text."""
    return WORDS[language].sentence_gap.join(WORDS[language].statement)


def written_period(period: str, language: str) -> str:
    if period == EVERYTHING:
        return WORDS[language].everything
    if len(period) == _YEAR_LENGTH:
        return WORDS[language].of_year.format(period)
    return written_month(int(period[:4]), int(period[5:]), language)


def amount(reduction: Sum) -> str:
    figure = honest_figure(reduction.reduction_mg, reduction.low_mg, reduction.high_mg)
    return f"{figure.value} {figure.unit} CO₂e"


def range_text(reduction: Sum, language: str) -> str:
    """Return the range with the weakest label of what is in it."""
    words = WORDS[language]
    figure = honest_figure(reduction.reduction_mg, reduction.low_mg, reduction.high_mg)
    return words.range.format(figure.low, figure.high, figure.unit, words.labels[reduction.label])
