"""Totals of a ledger day: counted from the stream with a checkpoint, then sealed for ever.

Live totals are kept in parts, one per stream shard, so that no key is hot. A part carries the last
sequence number that it counted; records at or before it were counted and are left out, so a
repeated or differently cut batch counts once. Each counted entry also leaves a leaf, and the seal
is built from the leaves and compared with the counters: two ways to the same sums.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.canonical import digest
from shared.domain.errors import TotalsMismatchError
from shared.domain.flows import Flows, add_flows, flows_of, is_balanced
from shared.domain.instants import format_instant
from shared.domain.measurement import NOTHING, Sum
from shared.domain.merkle import merkle_root
from shared.domain.movement import Line, Movement

# Sequence numbers have 21 to 40 digits; padded, they sort as texts.
SEQUENCE_DIGITS = 40
SEAL_CHAIN_START = "0" * 64


class TotalsKey(NamedTuple):
    """What a counter is kept for. Of movements the scenario is empty, and `partner` is the kind."""

    scenario: str
    partner: str

    @property
    def is_movement(self) -> bool:
        return not self.scenario


class Leaf(NamedTuple):
    """One counted line, as the seal needs it; `reduction_mg` is negative where one took away."""

    entry_hash: str
    reduction_mg: int
    scenario: str
    partner: str

    @property
    def key(self) -> TotalsKey:
        return TotalsKey(self.scenario, self.partner)


@dataclass(frozen=True, slots=True)
class CountedEntry:
    """A stream record of a new line. `sequence` is the stream's sequence number, padded."""

    sequence: str
    ledger_day: date
    booked_at: datetime
    leaf: Leaf
    contribution: Sum
    flows: Flows = field(default_factory=dict)


def counted_line(line: Line, sequence: str, line_hash: str) -> CountedEntry:
    """Return what the totals count of a line with this hash."""
    if isinstance(line, Movement):
        key = TotalsKey("", line.kind.value)
        contribution = Sum(count=1, reduction_mg=line.reduction_mg)
    else:
        key = TotalsKey(line.behaviour.scenario, line.cause.partner)
        contribution = line.contribution
    return CountedEntry(
        sequence=sequence,
        ledger_day=line.ledger_day,
        booked_at=line.booked_at,
        leaf=Leaf(line_hash, line.reduction_mg, *key),
        contribution=contribution,
        flows=flows_of(line),
    )


@dataclass(frozen=True, slots=True)
class TotalsPart:
    """The live totals of one day that came through one stream shard."""

    day: date
    shard: str
    sums: Mapping[TotalsKey, Sum] = field(default_factory=dict)
    flows: Flows = field(default_factory=dict)
    sequence: str = ""
    booked_through: datetime | None = None
    version: int = 0

    def uncounted(self, records: Iterable[CountedEntry]) -> tuple[CountedEntry, ...]:
        """Return the records after the checkpoint, in order."""
        after = (record for record in records if record.sequence > self.sequence)
        return tuple(sorted(after, key=lambda record: record.sequence))

    def counting(self, records: Sequence[CountedEntry]) -> "TotalsPart":
        """Return the part after uncounted records in order (at least one)."""
        sums = dict(self.sums)
        for record in records:
            key = record.leaf.key
            sums[key] = sums.get(key, NOTHING) + record.contribution
        newest = max(record.booked_at for record in records)
        return replace(
            self,
            sums=sums,
            flows=add_flows([self.flows, *(record.flows for record in records)]),
            sequence=records[-1].sequence,
            booked_through=max(newest, self.booked_through or newest),
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class SealedDay:
    """A closed ledger day: its sums, the Merkle root over its lines, and the chain of seals.

    `by_movement` counts what is no entry by its kind, and is not part of `total`. `flows` are those
    of the day, and `standing` those of all days through this one.
    """

    day: date
    total: Sum
    by_scenario: Mapping[str, Sum]
    by_partner: Mapping[str, Sum]
    root: str
    previous_seal: str
    sealed_at: datetime
    by_movement: Mapping[str, Sum] = field(default_factory=dict)
    flows: Flows = field(default_factory=dict)
    standing: Flows = field(default_factory=dict)

    @property
    def seal(self) -> str:
        """The digest that the next day's seal chains to; it does not depend on when it was made."""
        return digest(
            {
                "by_movement": {key: each.facts for key, each in self.by_movement.items()},
                "by_partner": {key: each.facts for key, each in self.by_partner.items()},
                "by_scenario": {key: each.facts for key, each in self.by_scenario.items()},
                "day": self.day.isoformat(),
                "flows": self.flows,
                "previous_seal": self.previous_seal,
                "root": self.root,
                "standing": self.standing,
                "total": self.total.facts,
            }
        )


def seal_day(
    day: date,
    parts: Sequence[TotalsPart],
    leaves: Iterable[Leaf],
    previous: SealedDay | None,
    sealed_at: datetime,
) -> SealedDay:
    """Return the seal of a day whose parts can no longer change; `previous` is the day before.

    A crash can leave the same leaf twice, so leaves count once by their hash. Raises
    TotalsMismatchError when the counters and the leaves disagree in any scenario or partner, or
    when what was issued is not what is held and what has found its fate.
    """
    distinct = {leaf.entry_hash: leaf for leaf in leaves}
    from_leaves: dict[TotalsKey, tuple[int, int]] = {}
    for leaf in distinct.values():
        key = leaf.key
        count, reduction_mg = from_leaves.get(key, (0, 0))
        from_leaves[key] = count + 1, reduction_mg + leaf.reduction_mg
    sums = merge_sums(part.sums for part in parts)
    if from_leaves != {key: (each.count, each.reduction_mg) for key, each in sums.items()}:
        raise TotalsMismatchError(f"{day}: counters and entries disagree.")
    flows = add_flows(part.flows for part in parts)
    if not is_balanced(flows):
        raise TotalsMismatchError(f"{day}: what was issued is not what is held and was spent.")
    by_scenario: dict[str, Sum] = {}
    by_partner: dict[str, Sum] = {}
    by_movement: dict[str, Sum] = {}
    for key, each in sorted(sums.items()):
        if key.is_movement:
            by_movement[key.partner] = each
            continue
        by_scenario[key.scenario] = by_scenario.get(key.scenario, NOTHING) + each
        by_partner[key.partner] = by_partner.get(key.partner, NOTHING) + each
    return SealedDay(
        day=day,
        total=sum(by_scenario.values(), NOTHING),
        by_scenario=by_scenario,
        by_partner=by_partner,
        root=merkle_root(sorted(distinct)),
        previous_seal=previous.seal if previous else SEAL_CHAIN_START,
        sealed_at=sealed_at,
        by_movement=by_movement,
        flows=flows,
        standing=add_flows([previous.standing if previous else {}, flows]),
    )


def merge_sums(sums: Iterable[Mapping[TotalsKey, Sum]]) -> dict[TotalsKey, Sum]:
    """Return the sums of several parts together."""
    merged: dict[TotalsKey, Sum] = {}
    for each in sums:
        for key, value in each.items():
            merged[key] = merged.get(key, NOTHING) + value
    return merged


def watermark(parts: Iterable[TotalsPart]) -> str | None:
    """Return the newest booking instant that the parts have counted, as text."""
    newest = max((part.booked_through for part in parts if part.booked_through), default=None)
    return format_instant(newest) if newest else None
