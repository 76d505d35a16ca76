"""One behaviour under several published rules, side by side, and why they differ.

Only the governing rule credits. Each difference is said in one sentence, made of the rules' traits:
the baseline that they compare with, which behaviour they take to be displaced, what they count by,
and the year of their figures; and of the factors that both have.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.errors import InvalidRequestError
from shared.domain.factors import Document
from shared.domain.measurement import Measurement
from shared.domain.methodology import Methodology
from shared.domain.receipt import plain

ENGLISH, CHINESE = "en", "zh-Hans"
CREDITING: Mapping[str, str] = {
    ENGLISH: "Only the governing rule credits an account. The other rules are published elsewhere "
    "and stand here for comparison.",
    CHINESE: "只有适用规则会计入账户。其他规则出自别处，仅供比较。",
}
# What rules count by, in Chinese; in English the word is the trait itself.
_BASES: Mapping[str, str] = {
    "hour": "小时",
    "item": "件",
    "kWh": "千瓦时",
    "kg": "公斤",
    "km": "公里",
    "order": "单",
    "page": "页",
    "step": "步",
    "trip": "次",
}
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "baseline": {
        ENGLISH: "Baseline: “{theirs}”; by the governing rule: “{ours}”.",
        CHINESE: "基准：“{theirs}”；适用规则为“{ours}”。",
    },
    "displacement": {
        ENGLISH: "What it displaces: “{theirs}”; by the governing rule: “{ours}”.",
        CHINESE: "替代关系：“{theirs}”；适用规则为“{ours}”。",
    },
    "basis": {
        ENGLISH: "It counts per {theirs}; the governing rule counts per {ours}.",
        CHINESE: "它按{theirs}计算；适用规则按{ours}计算。",
    },
    "year": {
        ENGLISH: "Its figures are from {theirs}; the governing rule's are from {ours}.",
        CHINESE: "它的数据来自{theirs}；适用规则的数据来自{ours}。",
    },
}
FACTOR = "factor"
_FACTOR_SENTENCES: Mapping[str, str] = {
    ENGLISH: "It takes {name} as {theirs}; the governing rule takes {ours}.",
    CHINESE: "它取{name}为{theirs}；适用规则取{ours}。",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One trait in which a rule differs from the governing one, in a sentence per language.

    `trait` is one of the rules' traits, or `factor` for each one that both have and do not share.
    """

    trait: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What a behaviour comes to under one rule; without a measurement, `reason` says why."""

    methodology: Methodology
    is_governing: bool
    inputs: Mapping[str, Decimal]
    measurement: Measurement | None
    reason: str
    differences: tuple[Difference, ...]


def compare(
    governing: Methodology, others: Iterable[Methodology], data: Mapping[str, object]
) -> tuple[RuleResult, ...]:
    """Return the results, the governing rule's first, then by reference.

    `data` has numbers (int or Decimal) by the inputs' names; a rule leaves what it does not know.
    Raises InvalidRequestError with a pointer to each input that the governing rule finds
    implausible. To another rule's eyes the same is a reason for no amount.
    """
    _, _, problems = _read(governing, data)
    if problems:
        raise InvalidRequestError(
            "An input is implausible.",
            pointers=tuple((f"/inputs/{name}", problem) for name, problem in problems),
        )
    ordered = sorted(others, key=lambda each: each.reference)
    return (
        _result(governing, governing, data),
        *(_result(each, governing, data) for each in ordered if each is not governing),
    )


def source_grades(methodology: Methodology) -> tuple[str, ...]:
    """Return the grades of a rule's sources, best first, each once."""
    return tuple(sorted({each.grade.value for each in methodology.sources}))


def traits(methodology: Methodology) -> Document:
    """Return what a rule says of itself; a scenario with one rule only need not say anything."""
    found: Document = methodology.document.get("traits", {})
    return found


def _result(
    methodology: Methodology, governing: Methodology, data: Mapping[str, object]
) -> RuleResult:
    inputs, needed, problems = _read(methodology, data)
    reasons = [f"needs {', '.join(needed)}"] if needed else []
    reasons += [f"{name} {problem}" for name, problem in problems]
    return RuleResult(
        methodology=methodology,
        is_governing=methodology is governing,
        inputs=inputs,
        measurement=None if reasons else methodology.measure(inputs),
        reason="; ".join(reasons),
        differences=(
            *_trait_differences(traits(methodology), traits(governing)),
            *_factor_differences(methodology, governing),
        ),
    )


def _read(
    methodology: Methodology, data: Mapping[str, object]
) -> tuple[dict[str, Decimal], list[str], list[tuple[str, str]]]:
    """Return the inputs of a rule, the names of those it needs, and what it finds implausible."""
    inputs: dict[str, Decimal] = {}
    needed: list[str] = []
    problems: list[tuple[str, str]] = []
    for wanted in methodology.inputs:
        value = data.get(wanted.name)
        if value is None:
            if wanted.if_missing is None:
                needed.append(wanted.name)
            continue
        problem = wanted.problem_of(value)
        if problem is None:
            inputs[wanted.name] = wanted.read_value(value)
        else:
            problems.append((wanted.name, problem))
    return inputs, needed, problems


def _trait_differences(theirs: Document, ours: Document) -> Iterator[Difference]:
    for trait, sentences in _SENTENCES.items():
        if trait in theirs and trait in ours and theirs[trait] != ours[trait]:
            text = {
                language: sentence.format(
                    theirs=_word(trait, theirs[trait], language),
                    ours=_word(trait, ours[trait], language),
                )
                for language, sentence in sentences.items()
            }
            yield Difference(trait, text)


def _factor_differences(theirs: Methodology, ours: Methodology) -> Iterator[Difference]:
    known = {(each.name, each.unit): each.value for each in ours.parameters}
    for each in theirs.parameters:
        value = known.get((each.name, each.unit), each.value)
        if value != each.value:
            unit = "" if each.unit == "1" else f" {each.unit}"
            words = {"theirs": f"{plain(each.value)}{unit}", "ours": f"{plain(value)}{unit}"}
            text = {
                language: sentence.format(name=each.name, **words)
                for language, sentence in _FACTOR_SENTENCES.items()
            }
            yield Difference(FACTOR, text)


def _word(trait: str, value: str | int | Mapping[str, str], language: str) -> str:
    """Return a trait's value as it stands in a sentence."""
    if isinstance(value, Mapping):
        return value[language]
    if trait == "year":
        unknown = {ENGLISH: "an unknown year", CHINESE: "未知年份"}
        year = {ENGLISH: f"{value}", CHINESE: f"{value}年"}
        return (year if value else unknown)[language]
    return _BASES.get(str(value), str(value)) if language == CHINESE else str(value)
