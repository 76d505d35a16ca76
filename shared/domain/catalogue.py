"""The catalogue: every released methodology version, looked up by scenario and day.

It is one text of lines: an index, then one document per version. A function measures a few
scenarios, so a document is read only when it is first asked for.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.domain.canonical import canonical_json, digest
from shared.domain.errors import CatalogueError, MethodologyNotFoundError, NoMethodologyError
from shared.domain.instants import YEARS, ledger_day
from shared.domain.measurement import Label
from shared.domain.methodology import Methodology, Use

LANGUAGES = ("en", "zh-Hans")


@dataclass(frozen=True, slots=True)
class Version:
    """What the index says of one version; `effective_until` is exclusive."""

    reference: str
    use: Use
    scenario: str
    effective_from: date
    effective_until: date | None
    digest: str
    label: Label
    title: Mapping[str, str]

    @classmethod
    def of(cls, methodology: Methodology) -> "Version":
        return cls(
            reference=methodology.reference,
            use=methodology.use,
            scenario=methodology.scenario,
            effective_from=methodology.effective_from,
            effective_until=methodology.effective_until,
            digest=methodology.digest,
            label=methodology.label,
            title=methodology.title,
        )

    def in_force(self, at: datetime) -> bool:
        day = ledger_day(at)
        return self.effective_from <= day and (
            self.effective_until is None or day < self.effective_until
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every version by reference, ordered by use, scenario, effective date and reference."""

    versions: Mapping[str, Version]
    _lines: Mapping[str, str] = field(repr=False)
    _read: dict[str, Methodology] = field(repr=False, default_factory=dict)

    @classmethod
    def from_lines(cls, text: str) -> "Catalogue":
        """Return the catalogue that `to_lines` wrote; raise CatalogueError for anything else."""
        try:
            # Not `splitlines`: a text in a document may have a line separator of its own.
            index, *lines = text.removesuffix("\n").split("\n")
            versions = [_read_version(each) for each in json.loads(index)["versions"]]
            by_reference = {each.reference: each for each in versions}
            documents = dict(zip(by_reference, lines, strict=True))
        except (ValueError, KeyError, TypeError) as error:
            raise CatalogueError(f"The compiled catalogue is broken: {error}") from error
        return cls(by_reference, documents)

    @classmethod
    def of(cls, methodologies: Iterable[Methodology]) -> "Catalogue":
        """Return a catalogue of methodologies at hand."""
        ordered = sorted(
            methodologies,
            key=lambda each: (each.use, each.scenario, each.effective_from, each.reference),
        )
        return cls(
            {each.reference: Version.of(each) for each in ordered},
            {each.reference: canonical_json(each.document).decode() for each in ordered},
        )

    def to_lines(self) -> str:
        """Return the compiled catalogue: the index, then the documents in its order."""
        index = {"versions": [_version_document(each) for each in self.versions.values()]}
        lines = [canonical_json(index).decode(), *self._lines.values()]
        return "".join(f"{line}\n" for line in lines)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios that are credited."""
        credited = {each.scenario for each in self.versions.values() if each.use is Use.CREDIT}
        return tuple(sorted(credited))

    @property
    def digest(self) -> str:
        """The digest over all versions; two catalogues that would ever differ have different ones.

        A version's own digest leaves out the day on which it ends.
        """
        return digest(
            {
                each.reference: {
                    "digest": each.digest,
                    "effective_until": (
                        each.effective_until.isoformat() if each.effective_until else None
                    ),
                }
                for each in self.versions.values()
            }
        )

    def in_force(self, scenario: str, at: datetime, use: Use = Use.CREDIT) -> Methodology:
        """Return the version for behaviour at this instant; raise NoMethodologyError if none."""
        if at.year not in YEARS:
            raise NoMethodologyError
        for version in self.versions.values():
            if (version.use, version.scenario) == (use, scenario) and version.in_force(at):
                return self._methodology(version.reference)
        raise NoMethodologyError

    def comparisons(self, scenario: str) -> tuple[Methodology, ...]:
        """Return the other published rules for a scenario, by reference. They never credit."""
        return tuple(
            self._methodology(each.reference)
            for each in sorted(self.versions.values(), key=lambda each: each.reference)
            if (each.use, each.scenario) == (Use.COMPARISON, scenario)
        )

    def get(self, methodology_id: str, version: str) -> Methodology:
        """Return one version; raise MethodologyNotFoundError if it was never released."""
        return self.named(f"{methodology_id}@{version}")

    def named(self, reference: str) -> Methodology:
        """Return the version of `<id>@<version>`; raise MethodologyNotFoundError."""
        if reference not in self.versions:
            raise MethodologyNotFoundError
        return self._methodology(reference)

    def _methodology(self, reference: str) -> Methodology:
        known = self._read.get(reference)
        if known is None:
            document = json.loads(self._lines[reference])
            known = self._read[reference] = Methodology.from_document(document)
        return known


def _read_version(data: Mapping[str, object]) -> Version:
    until = data["effective_until"]
    title = data["title"]
    if not isinstance(title, dict):
        raise TypeError("A title is a text in each language.")
    return Version(
        reference=str(data["reference"]),
        use=Use(str(data["use"])),
        scenario=str(data["scenario"]),
        effective_from=date.fromisoformat(str(data["effective_from"])),
        effective_until=date.fromisoformat(str(until)) if until else None,
        digest=str(data["digest"]),
        label=Label(str(data["label"])),
        title=title,
    )


def _version_document(version: Version) -> dict[str, str | Mapping[str, str] | None]:
    until = version.effective_until
    return {
        "reference": version.reference,
        "use": version.use.value,
        "scenario": version.scenario,
        "effective_from": version.effective_from.isoformat(),
        "effective_until": until.isoformat() if until else None,
        "digest": version.digest,
        "label": version.label.value,
        "title": version.title,
    }
