"""A footprint, as three functions answer it.

Apart from the other answers, whose functions need not load methodologies for it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, WithJsonSchema

from shared.domain.factors import Parameter, Source
from shared.domain.footprint import (
    Amount,
    Answer,
    Footprint,
    Saving,
    Section,
    Yardstick,
    count_of,
    percent_of,
    yardstick_mg,
)
from shared.domain.footprint_texts import NEVER_NETTED, RANGE
from shared.domain.instants import format_instant
from shared.domain.receipt import plain
from shared.runtime.http import WireModel
from shared.runtime.wire import DisplayBody

# More than any methodology asks.
ANSWERS_MAX = 100

Texts = dict[str, str]
Sources = dict[str, Source]


class AnswersBody(WireModel):
    """Answers by the inputs' names in the methodology: a number, or the key of a choice.

    Any of them may be left out; its default is then used, and said to be one.
    """

    # The methodology says of each answer what it takes.
    answers: dict[str, Annotated[Any, WithJsonSchema({"type": ["number", "string"]})]] = Field(
        max_length=ANSWERS_MAX,
        examples=[{"household_size": 3, "electricity_kwh_per_month": 250, "diet": "low-meat"}],
    )


class AmountBody(WireModel):
    """Milligrams of CO2e per year. `share_percent` is the central amount's part of the total."""

    low_mg: int
    central_mg: int
    high_mg: int
    share_percent: str
    display: DisplayBody

    @classmethod
    def of(cls, amount: Amount, footprint: Footprint) -> Self:
        return cls(
            low_mg=amount.low_mg,
            central_mg=amount.central_mg,
            high_mg=amount.high_mg,
            share_percent=footprint.share_percent(amount.central_mg),
            display=DisplayBody.of(amount.central_mg, amount.low_mg, amount.high_mg),
        )


class FootprintItemBody(WireModel):
    """One line; `label` is the weakest of the factors and defaults that it rests on."""

    name: str
    title: Texts
    amount: AmountBody
    label: str


class FootprintSectionBody(WireModel):
    """Some lines; their amounts add up to its own exactly."""

    name: str
    title: Texts
    amount: AmountBody
    items: list[FootprintItemBody]

    @classmethod
    def of(cls, section: Section, footprint: Footprint) -> Self:
        return cls(
            name=section.name,
            title=dict(section.title),
            amount=AmountBody.of(section.amount, footprint),
            items=[
                FootprintItemBody(
                    name=each.name,
                    title=dict(each.title),
                    amount=AmountBody.of(each.amount, footprint),
                    label=each.label.value,
                )
                for each in section.items
            ],
        )


class AnswerBody(WireModel):
    """What an input was taken as: a decimal text, or the key of a choice.

    Of a default, `label` says how honest it is and `note` where it comes from.
    """

    name: str
    title: Texts
    unit: str
    value: str
    choice: Texts | None = None
    given: bool
    label: str | None = None
    note: str | None = None

    @classmethod
    def of(cls, answer: Answer) -> Self:
        default = answer.default
        return cls(
            name=answer.input.name,
            title=dict(answer.input.title),
            unit=answer.input.unit,
            value=answer.text,
            choice=dict(answer.choice.title) if answer.choice else None,
            given=answer.given,
            label=default.label.value if default else None,
            note=default.note if default else None,
        )


class FootprintSourceBody(WireModel):
    """Where a value was read; `year` is 0 where the source does not say, A is the best `grade`."""

    title: str
    publisher: str
    year: int
    address: str
    grade: str

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(
            title=source.title,
            publisher=source.publisher,
            year=source.year,
            address=source.address,
            grade=source.grade.value,
        )

    @classmethod
    def several(cls, keys: Iterable[str], known: Sources) -> list[Self]:
        return [cls.of(known[key]) for key in keys]


class FactorBody(WireModel):
    """A factor that counts in this footprint, as decimal texts.

    `choice` is the key of the answer that it stands for, where it is one.
    """

    name: str
    choice: str | None = None
    unit: str
    value: str
    low: str
    high: str
    label: str
    arithmetic: str | None = None
    range_label: str | None = None
    range_note: str | None = None
    note: str | None = None
    sources: list[FootprintSourceBody]

    @classmethod
    def of_parameter(cls, each: Parameter, known: Sources) -> Self:
        return cls(
            name=each.name,
            unit=each.unit,
            value=plain(each.value),
            low=plain(each.low),
            high=plain(each.high),
            label=each.label.value,
            arithmetic=each.arithmetic or None,
            range_label=each.range_label.value,
            range_note=each.range_note,
            note=each.note or None,
            sources=FootprintSourceBody.several(each.sources, known),
        )

    @classmethod
    def of_choice(cls, answer: Answer, known: Sources) -> Self:
        choice = answer.choice
        assert choice is not None
        return cls(
            name=answer.input.name,
            choice=choice.key,
            unit=answer.input.unit,
            value=plain(choice.value),
            low=plain(choice.low),
            high=plain(choice.high),
            label=choice.label.value,
            note=choice.note or None,
            sources=FootprintSourceBody.several(choice.sources, known),
        )


class BenchmarkBody(WireModel):
    """A yearly amount to compare with; `footprint_percent` is the footprint in percent of it."""

    key: str
    title: Texts
    amount_mg: int
    footprint_percent: str
    year: int | None = None
    label: str
    note: str | None = None
    sources: list[FootprintSourceBody]

    @classmethod
    def of(cls, each: Yardstick, footprint: Footprint, known: Sources) -> Self:
        return cls(
            key=each.key,
            title=dict(each.title),
            amount_mg=yardstick_mg(each),
            footprint_percent=percent_of(each, footprint.total.central_mg),
            year=each.year or None,
            label=each.label.value,
            note=each.note or None,
            sources=FootprintSourceBody.several(each.sources, known),
        )


class EquivalentBody(WireModel):
    """How many of something the footprint is, to three digits; one of it is `value` in `unit`."""

    key: str
    title: Texts
    count: str
    low_count: str
    high_count: str
    value: str
    unit: str
    label: str
    arithmetic: str | None = None
    note: str | None = None
    sources: list[FootprintSourceBody]

    @classmethod
    def of(cls, each: Yardstick, footprint: Footprint, known: Sources) -> Self:
        return cls(
            key=each.key,
            title=dict(each.title),
            count=count_of(each, footprint.total.central_mg),
            low_count=count_of(each, footprint.total.low_mg),
            high_count=count_of(each, footprint.total.high_mg),
            value=plain(each.value),
            unit=each.unit,
            label=each.label.value,
            arithmetic=each.arithmetic or None,
            note=each.note or None,
            sources=FootprintSourceBody.several(each.sources, known),
        )


class ChangedAnswerBody(WireModel):
    """One answer before and after a change; `given` tells whether the former was given."""

    name: str
    before: str
    after: str
    given: bool


class ChangeBody(WireModel):
    """What would change the footprint, and by how many milligrams of CO2e per year.

    The saving is the difference to the footprint with the changed answers.
    """

    key: str
    title: Texts
    saving_mg: int
    saving_percent: str
    label: str
    note: str
    answers: list[ChangedAnswerBody]

    @classmethod
    def of(cls, saving: Saving, footprint: Footprint) -> Self:
        return cls(
            key=saving.change.key,
            title=dict(saving.change.title),
            saving_mg=saving.saving_mg,
            saving_percent=footprint.share_percent(saving.saving_mg),
            label=saving.change.label.value,
            note=saving.change.note,
            answers=[
                ChangedAnswerBody(
                    name=before.input.name,
                    before=before.text,
                    after=after.text,
                    given=before.given,
                )
                for before, after in saving.answers
            ],
        )


class FootprintBody(WireModel):
    """The footprint of one year, and all that it rests on.

    `changes` are those that save most, most first. `never_netted` belongs beside the total wherever
    reductions are shown as well.
    """

    methodology: str
    methodology_digest: str
    title: Texts
    summary: Texts
    label: str
    total: AmountBody
    sections: list[FootprintSectionBody]
    answers: list[AnswerBody]
    factors: list[FactorBody]
    benchmarks: list[BenchmarkBody]
    equivalents: list[EquivalentBody]
    changes: list[ChangeBody]
    not_counted: list[Texts]
    never_netted: Texts
    range_note: Texts

    @classmethod
    def of(cls, footprint: Footprint) -> Self:
        return cls(**_facts(footprint))


class KeptFootprintBody(FootprintBody):
    """The footprint that the account keeps, since when."""

    calculated_at: str

    @classmethod
    def kept(cls, footprint: Footprint, calculated_at: datetime) -> Self:
        return cls(**_facts(footprint), calculated_at=format_instant(calculated_at))


class StandingFootprintBody(KeptFootprintBody):
    """The footprint as it was calculated, by the methodology that was then in force.

    Where a newer version is in force now, it is named; putting the answers again takes it.
    """

    newer_version_exists: bool
    newer_methodology: str | None = None

    @classmethod
    def standing(cls, footprint: Footprint, calculated_at: datetime, newer: str | None) -> Self:
        return cls(
            **_facts(footprint),
            calculated_at=format_instant(calculated_at),
            newer_version_exists=newer is not None,
            newer_methodology=newer,
        )


def _facts(footprint: Footprint) -> dict[str, Any]:
    methodology = footprint.methodology
    known = {each.key: each for each in methodology.sources}
    factors = [FactorBody.of_choice(each, known) for each in footprint.choices]
    factors += [FactorBody.of_parameter(each, known) for each in footprint.parameters]
    return {
        "methodology": methodology.reference,
        "methodology_digest": methodology.digest,
        "title": dict(methodology.title),
        "summary": dict(methodology.document["summary"]),
        "label": footprint.label.value,
        "total": AmountBody.of(footprint.total, footprint),
        "sections": [FootprintSectionBody.of(each, footprint) for each in footprint.sections],
        "answers": [AnswerBody.of(each) for each in footprint.answers],
        "factors": factors,
        "benchmarks": [BenchmarkBody.of(each, footprint, known) for each in footprint.benchmarks],
        "equivalents": [
            EquivalentBody.of(each, footprint, known) for each in footprint.equivalents
        ],
        "changes": [ChangeBody.of(each, footprint) for each in footprint.savings],
        "not_counted": [dict(each) for each in footprint.not_counted],
        "never_netted": dict(NEVER_NETTED),
        "range_note": dict(RANGE),
    }
