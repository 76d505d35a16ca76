"""The catalogue: methodology files read, checked, and looked up by scenario and day."""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from shared.domain.caps import Cap, CapPeriod
from shared.domain.errors import CatalogueError, MethodologyNotFoundError, NoMethodologyError
from shared.domain.expression import Expression
from shared.domain.methodology import (
    RESULT_STEP,
    CapRule,
    Grade,
    Input,
    Label,
    Methodology,
    Parameter,
    Source,
    Step,
)

LANGUAGES = ("en", "zh-Hans")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every released methodology version, ordered by scenario and effective date."""

    methodologies: tuple[Methodology, ...]

    @classmethod
    def of(cls, methodologies: Iterable[Methodology]) -> "Catalogue":
        """Return the catalogue; raise CatalogueError where two versions of one scenario overlap."""
        ordered = sorted(methodologies, key=lambda each: (each.scenario, each.effective_from))
        for earlier, later in pairwise(ordered):
            if earlier.scenario != later.scenario:
                continue
            if earlier.effective_until != later.effective_from:
                raise CatalogueError(
                    f"{earlier.reference} must end on the day that {later.reference} begins."
                )
        return cls(tuple(ordered))

    @property
    def scenarios(self) -> tuple[str, ...]:
        return tuple(sorted({each.scenario for each in self.methodologies}))

    def in_force(self, scenario: str, at: datetime) -> Methodology:
        """Return the version for behaviour at this instant; raise NoMethodologyError if none."""
        for methodology in self.methodologies:
            if methodology.scenario == scenario and methodology.in_force(at):
                return methodology
        raise NoMethodologyError

    def get(self, methodology_id: str, version: str) -> Methodology:
        """Return one version; raise MethodologyNotFoundError if it was never released."""
        for methodology in self.methodologies:
            if (methodology.id, methodology.version) == (methodology_id, version):
                return methodology
        raise MethodologyNotFoundError


def parse_methodology(text: str, name: str) -> Methodology:
    """Return the methodology in a TOML text; CatalogueError names the file and the reason."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
        methodology = _methodology(data, hashlib.sha256(text.encode()).hexdigest())
        _check_names(methodology)
        _check_sources(methodology)
    except CatalogueError as error:
        raise CatalogueError(f"{name}: {error.detail}") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{name}: {error}") from error
    except KeyError as error:
        raise CatalogueError(f"{name}: {error.args[0]} is missing.") from error
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise CatalogueError(f"{name}: a value has the wrong form: {error}") from error
    return methodology


def _methodology(data: Mapping[str, Any], digest: str) -> Methodology:
    return Methodology(
        id=_text(data["id"]),
        version=_text(data["version"]),
        scenario=_text(data["scenario"]),
        jurisdiction=_text(data["jurisdiction"]),
        title=_translated(data["title"]),
        summary=_translated(data["summary"]),
        effective_from=_day(data["effective_from"]),
        effective_until=_day(data["effective_until"]) if "effective_until" in data else None,
        inputs=tuple(_input(each) for each in data.get("inputs", [])),
        parameters=tuple(_parameter(each) for each in data["parameters"]),
        steps=tuple(
            Step(_text(each["name"]), _text(each["unit"]), Expression.parse(each["expression"]))
            for each in data["steps"]
        ),
        caps=tuple(
            CapRule(
                Cap(CapPeriod(each["period"]), int(each["count"])),
                Label(each["label"]),
                _text(each["note"]),
            )
            for each in data.get("caps", [])
        ),
        sources=tuple(_source(each) for each in data["sources"]),
        digest=digest,
    )


def _input(data: Mapping[str, Any]) -> Input:
    return Input(
        name=_text(data["name"]),
        unit=_text(data["unit"]),
        minimum=Decimal(data["minimum"]),
        maximum=Decimal(data["maximum"]),
        decimals=int(data["decimals"]),
    )


def _parameter(data: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=_text(data["name"]),
        unit=_text(data["unit"]),
        value=Decimal(data["value"]),
        label=Label(data["label"]),
        sources=tuple(_text(each) for each in data["sources"]),
        arithmetic=_text(data.get("arithmetic", "-")),
        note=_text(data.get("note", "-")),
    )


def _source(data: Mapping[str, Any]) -> Source:
    return Source(
        key=_text(data["key"]),
        title=_text(data["title"]),
        publisher=_text(data["publisher"]),
        year=int(data["year"]),
        address=_text(data["address"]),
        grade=Grade(data["grade"]),
    )


def _check_names(methodology: Methodology) -> None:
    """Every name is defined once and before it is read; the last step is the result, in grams."""
    known: set[str] = set()
    values = [each.name for each in methodology.inputs]
    values += [each.name for each in methodology.parameters]
    for name in values:
        if name in known:
            raise CatalogueError(f"`{name}` is defined twice.")
        known.add(name)
    for step in methodology.steps:
        unknown = sorted(step.expression.names - known)
        if unknown:
            raise CatalogueError(f"Step `{step.name}` reads `{unknown[0]}`, which is not defined.")
        if step.name in known:
            raise CatalogueError(f"`{step.name}` is defined twice.")
        known.add(step.name)
    last = methodology.steps[-1] if methodology.steps else None
    if last is None or last.name != RESULT_STEP or last.unit != "g":
        raise CatalogueError(f"The last step must be `{RESULT_STEP}`, in g.")


def _check_sources(methodology: Methodology) -> None:
    """A published value names a source; a derived one shows its arithmetic as well."""
    keys = {source.key for source in methodology.sources}
    for parameter in methodology.parameters:
        missing = sorted(set(parameter.sources) - keys)
        if missing:
            raise CatalogueError(f"Parameter `{parameter.name}` names no source `{missing[0]}`.")
        if parameter.label is not Label.ILLUSTRATIVE and not parameter.sources:
            raise CatalogueError(f"Parameter `{parameter.name}` is {parameter.label}: by whom?")
        if parameter.label is Label.DERIVED and parameter.arithmetic == "-":
            raise CatalogueError(f"Parameter `{parameter.name}` is derived: show its arithmetic.")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{value!r} should be a text.")
    return value


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise CatalogueError(f"{value!r} should be a day, as in 2022-01-01.")
    return value


def _translated(value: Mapping[str, object]) -> Mapping[str, str]:
    return {language: _text(value[language]) for language in LANGUAGES}
