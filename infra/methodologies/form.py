"""The form of a methodology file: each table's keys and what they take. METHODOLOGIES.md explains.

What a key means for the others is in `rules`. A table is the same in the published document, except
that there numbers are text.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from shared.domain.caps import COUNT_MAX, CapPeriod
from shared.domain.factors import Effect, SourceGrade
from shared.domain.measurement import GRADES, Label
from shared.domain.methodology import Use
from shared.domain.receipt import plain

DECIMALS_MAX = 6
UNIT_PATTERN = r"^(1|[A-Za-z]\w*)([*/][A-Za-z]\w*)*$"


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("number", "should be a number, without quotation marks")
    number = Decimal(value)
    if not number.is_finite():
        raise PydanticCustomError("number", "should be a number that has an end")
    return number


Number = Annotated[Decimal, BeforeValidator(_number), PlainSerializer(plain)]
Share = Annotated[Number, Field(ge=0, le=1)]
Sentence = Annotated[str, StringConstraints(pattern=r"\S")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
# The units themselves are in units.txt.
UnitText = Annotated[str, StringConstraints(pattern=UNIT_PATTERN)]
# A word that must be one of a few is written as text in TOML.
Labelled = Annotated[Label, Field(strict=False)]


class Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Texts(Table):
    """What users see, in every language that the app speaks."""

    en: Sentence
    zh_hans: Sentence = Field(alias="zh-Hans")


class Traits(Table):
    basis: Sentence
    year: int
    baseline: Texts
    displacement: Texts


class Header(Table):
    """What stands above the tables, and the texts about the whole."""

    id: Key
    version: Key
    use: Annotated[Use, Field(strict=False)]
    scenario: Key
    jurisdiction: Sentence
    effective_from: date
    effective_until: date | None = None
    best_before: date
    licence: Sentence
    exclusive_with: list[Key] = []
    results: list[Name] | None = None
    title: Texts
    summary: Texts
    traits: Traits | None = None

    @property
    def reference(self) -> str:
        return f"{self.id}@{self.version}"


class AssumedValue(Table):
    value: Number
    label: Labelled
    note: Sentence


class AssumedChoice(Table):
    choice: Key
    label: Labelled
    note: Sentence


class Choice(Table):
    key: Key
    value: Number
    low: Number
    high: Number
    label: Labelled
    sources: list[Key] = []
    arithmetic: Sentence | None = None
    note: Sentence | None = None
    title: Texts


class MeasuredInput(Table):
    """A quantity. `uncertainty` is the half-width of its error as a share of the value."""

    name: Name
    unit: UnitText
    title: Texts
    minimum: Number
    maximum: Number
    decimals: Annotated[int, Field(ge=0, le=DECIMALS_MAX)]
    uncertainty: Share
    uncertainty_label: Labelled | None = None
    uncertainty_note: Sentence | None = None
    if_missing: AssumedValue | None = None


class ChosenInput(Table):
    """One answer of a few, each with the value that it stands for; footprints only."""

    name: Name
    unit: UnitText
    title: Texts
    choices: Annotated[list[Choice], Field(min_length=1)]
    if_missing: AssumedChoice | None = None


class Parameter(Table):
    name: Name
    unit: UnitText
    value: Number
    low: Number
    high: Number
    effect: Annotated[Effect, Field(strict=False)]
    label: Labelled
    sources: list[Key] = []
    arithmetic: Sentence | None = None
    range_label: Labelled
    range_note: Sentence
    note: Sentence | None = None


class Step(Table):
    name: Name
    unit: UnitText
    expression: Sentence


class Cap(Table):
    period: Annotated[CapPeriod, Field(strict=False)]
    count: Annotated[int, Field(ge=1, le=COUNT_MAX)]
    label: Labelled
    note: Sentence


class Evidence(Table):
    grade: Annotated[int, Field(ge=1, le=GRADES)]
    inputs: list[Name]
    note: Texts


class Source(Table):
    key: Key
    title: Sentence
    publisher: Sentence
    year: int
    address: Address
    grade: Annotated[SourceGrade, Field(strict=False)]


class Figure(Table):
    """A number that is shown beside a footprint: a benchmark or an equivalent."""

    key: Key
    value: Number
    unit: UnitText
    year: int | None = None
    label: Labelled
    sources: list[Key] = []
    arithmetic: Sentence | None = None
    note: Sentence | None = None
    title: Texts


class Change(Table):
    """What a person may change: new values of inputs, as formulas over the present ones."""

    key: Key
    title: Texts
    label: Labelled
    note: Sentence
    set: dict[Name, Sentence]


# The tables that a file may have several of, by the key that stands in the double brackets.
TABLES: dict[str, type[Table]] = {
    "inputs": MeasuredInput,
    "parameters": Parameter,
    "steps": Step,
    "caps": Cap,
    "evidence": Evidence,
    "sources": Source,
    "benchmarks": Figure,
    "equivalents": Figure,
    "changes": Change,
}
FOOTPRINT_TABLES = ("benchmarks", "equivalents", "changes")


def table_for(key: str, data: Mapping[str, object]) -> type[Table]:
    """Return the form of a table that stands in `[[key]]`."""
    return ChosenInput if key == "inputs" and "choices" in data else TABLES[key]


def keys_of(table: type[Table]) -> list[str]:
    """Return the keys that a table may have, as the file writes them."""
    keys = [field.alias or name for name, field in table.model_fields.items()]
    return [*keys, *TABLES] if table is Header else keys
