"""One version for a reader: where its values come from, its formula, and an example worked out."""

import re
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from itertools import starmap

from rich import box
from rich.console import Console
from rich.table import Table

from infra.methodologies.source import nearest
from shared.domain.errors import InvalidRequestError
from shared.domain.factors import Input, Source
from shared.domain.methodology import Case, Methodology, Use
from shared.domain.receipt import plain

MG_PER_G = Decimal(1000)
# Enough to work a step out again; what is booked comes from all digits.
_digits = Context(prec=10)


def show(methodology: Methodology, data: Mapping[str, object], console: Console) -> None:
    """Print the version, and what it makes of `data`, the inputs of the example by name.

    Raises InvalidRequestError, before anything is printed, for inputs that it does not take.
    """
    _require_known(methodology, data)
    inputs = methodology.read_inputs(data)
    cases = methodology.cases(inputs)
    _print(console, _about(methodology))
    if methodology.parameters:
        console.print(_parameters(methodology))
    _print(console, starmap(_cited, enumerate(methodology.sources, 1)))
    console.print("\nExample", style="bold")
    _print(console, [_taken(each, data) for each in methodology.inputs])
    _print(console, _worked_out(methodology, cases[0]))
    if methodology.use is not Use.FOOTPRINT:
        console.print(_cases(cases))
        _print(console, [_measured(methodology, inputs)])


def _print(console: Console, lines: Iterable[str]) -> None:
    """Print lines as they are, however long."""
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _require_known(methodology: Methodology, data: Mapping[str, object]) -> None:
    names = [each.name for each in methodology.inputs]
    unknown = [name for name in data if name not in names]
    if unknown:
        raise InvalidRequestError(
            pointers=tuple(
                (f"/data/{name}", f"is not an input.{nearest(name, names)}") for name in unknown
            )
        )


def _about(methodology: Methodology) -> list[str]:
    document = methodology.document
    title = document["title"]
    until = f" until {methodology.effective_until}" if methodology.effective_until else ""
    facts = (
        methodology.use,
        methodology.scenario,
        methodology.jurisdiction,
        f"from {methodology.effective_from}{until}",
        f"best before {document['best_before']}",
        f"as a whole {methodology.label}",
    )
    caps = (
        f"at most {each.cap.count} a {each.cap.period} ({each.label}): {each.note}"
        for each in methodology.caps
    )
    return [
        f"{methodology.reference}: {title['en']} · {title['zh-Hans']}",
        document["summary"]["en"],
        " · ".join(facts),
        *caps,
    ]


def _parameters(methodology: Methodology) -> Table:
    numbers = {each.key: str(number) for number, each in enumerate(methodology.sources, 1)}
    table = Table(box=box.SIMPLE)
    for heading in ("parameter", "value", "low to high", "unit", "label", "sources"):
        table.add_column(heading, no_wrap=True)
    for each in methodology.parameters:
        table.add_row(
            each.name,
            plain(each.value),
            f"{plain(each.low)} to {plain(each.high)}",
            each.unit,
            each.label,
            " ".join(numbers[key] for key in each.sources),
        )
    return table


def _cited(number: int, source: Source) -> str:
    year = f", {source.year}" if source.year else ""
    return f"{number} {source.key} ({source.grade}): {source.title}. {source.publisher}{year}"


def _taken(each: Input, data: Mapping[str, object]) -> str:
    """Say what is taken for an input, and how sure that is where it was not given."""
    unit = "" if each.unit == "1" or each.choices else f" {each.unit}"
    if each.name in data:
        return f"{each.name} = {data[each.name]}{unit}"
    assert each.if_missing
    assumed = each.if_missing.choice or plain(each.if_missing.value)
    return f"{each.name} = {assumed}{unit} (not given; {each.if_missing.label})"


def _worked_out(methodology: Methodology, case: Case) -> list[str]:
    """Return each step as it is written, and below it with its numbers."""
    known = {
        name: plain(_digits.plus(value)) for name, value in {**case.values, **case.steps}.items()
    }
    lines: list[str] = []
    for step in methodology.steps:
        formula = step.expression.text
        numbers = re.sub(r"[a-z]\w*", lambda name: known.get(name[0], name[0]), formula)
        lines.append(f"{step.name} = {formula}")
        lines.append(f"{' ' * len(step.name)} = {numbers} = {known[step.name]} {step.unit}")
    return lines


def _cases(cases: tuple[Case, ...]) -> Table:
    table = Table("case", "reduction, g", box=box.SIMPLE)
    for case in cases:
        table.add_row(case.name, plain(case.reduction_mg / MG_PER_G))
    return table


def _measured(methodology: Methodology, inputs: Mapping[str, Decimal]) -> str:
    result = methodology.measure(inputs)
    central, low, high = (
        plain(each / MG_PER_G) for each in (result.reduction_mg, result.low_mg, result.high_mg)
    )
    missing = f", provisional without {', '.join(result.missing)}" if result.missing else ""
    return f"{central} g CO2e, from {low} to {high} g; evidence grade {result.grade:d}{missing}"
