"""What files say together: a day has one rule, exclusion is mutual, and users have a notice."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from infra.methodologies.form import Header
from infra.methodologies.problem import Problem
from infra.methodologies.source import SourceFile
from shared.domain.consent import Notice
from shared.domain.methodology import Use


def one_rule_a_day(files: Iterable[SourceFile]) -> Iterator[Problem]:
    """Yield where two versions overlap, or leave days between them without a rule."""
    dated = sorted(_headed(files), key=lambda each: (_series(each[1]), each[1].effective_from))
    for _, group in groupby(dated, key=lambda each: _series(each[1])):
        versions = list(group)
        for (file, header), (_, following) in pairwise(versions):
            until, begins = header.effective_until, following.effective_from
            after = f"{following.reference} begins on {begins}"
            if until is None:
                yield file.problem(
                    f"It has no end, but {after}: add effective_until = {begins}.",
                    "effective_from",
                )
            elif until > begins:
                yield file.problem(
                    f"It overlaps: it ends on {until}, but {after}.", "effective_until"
                )
            elif until < begins:
                yield file.problem(
                    f"It leaves a gap: it ends on {until}, but {after}.", "effective_until"
                )
        file, header = versions[-1]
        if header.effective_until:
            yield file.problem("It ends, but no version follows it.", "effective_until")


def mutual_exclusion(files: Sequence[SourceFile]) -> Iterator[Problem]:
    """Yield scenarios that exclude another which does not exclude them while both are in force."""
    credited = [each for each in _headed(files) if each[1].use is Use.CREDIT]
    for file, header in credited:
        for scenario in header.exclusive_with:
            others = [other for _, other in credited if other.scenario == scenario]
            if not others or scenario == header.scenario:
                yield file.problem(
                    f"`{scenario}` is not another scenario that is credited.", "exclusive_with"
                )
            for other in others:
                if _meet(header, other) and header.scenario not in other.exclusive_with:
                    yield file.problem(
                        f"{other.reference} does not exclude `{header.scenario}` in turn.",
                        "exclusive_with",
                    )


def noticed(files: Iterable[SourceFile], notices: Iterable[Notice]) -> Iterator[Problem]:
    """Yield what is credited without a notice, and inputs that the current notice does not name."""
    current = {each.scenario: each for each in sorted(notices, key=lambda each: each.version)}
    for file, header in _headed(files):
        if header.use is not Use.CREDIT:
            continue
        notice = current.get(header.scenario)
        if notice is None:
            yield file.problem(
                f"There is no notice for `{header.scenario}`: nobody can consent to it.", "scenario"
            )
            continue
        for position, each in file.inputs.items():
            if each.name not in notice.data_categories:
                yield file.problem(
                    f"The notice {notice.scenario}@{notice.version} does not tell users that "
                    f"`{each.name}` is collected.",
                    "inputs", position, "name",
                )  # fmt: skip


def _headed(files: Iterable[SourceFile]) -> Iterator[tuple[SourceFile, Header]]:
    return ((file, file.header) for file in files if file.header)


def _series(header: Header) -> tuple[str, str]:
    """Return what has one rule a day: a scenario, but for comparisons each id by itself."""
    return header.use, header.id if header.use is Use.COMPARISON else header.scenario


def _meet(one: Header, other: Header) -> bool:
    """Tell whether there is a day on which both are in force."""
    return (other.effective_until is None or one.effective_from < other.effective_until) and (
        one.effective_until is None or other.effective_from < one.effective_until
    )
