"""The totals table: live parts with their checkpoints, gates, leaves, seals and the cursor."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import GetError, PutError, QueryError
from pynamodb.models import Model

from shared.adapters.dynamodb import (
    Transaction,
    TransactionRefusedError,
    bind,
    is_refusal,
    store_error,
)
from shared.application.ports import DayClosedError, StalePartError
from shared.domain.errors import TotalsMismatchError
from shared.domain.instants import format_instant, parse_instant
from shared.domain.measurement import Sum
from shared.domain.totals import CountedEntry, Leaf, SealedDay, TotalsKey, TotalsPart

# A transaction checks one of a day's gates, not one for all, so that shards do not collide on it.
GATES = 16
# Whoever asks how far the totals stand looks at no more of a day's parts than these.
PARTS_READ_MAX = 20
_HASH_BYTES = 32
_AMOUNT_BYTES = 8
_LEAF_BYTES = _HASH_BYTES + _AMOUNT_BYTES


class TotalsRow(Model):
    """A part of a day's totals, a gate, a seal or the cursor, told apart by `part`."""

    class Meta:
        table_name = "unbound"

    bucket = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)
    version = NumberAttribute(null=True)
    sums = UnicodeAttribute(null=True)
    flows = UnicodeAttribute(null=True)
    sequence = UnicodeAttribute(null=True)
    booked_through = UnicodeAttribute(null=True)
    seal = UnicodeAttribute(null=True)
    sealed_through = UnicodeAttribute(null=True)


class LeavesRow(Model):
    """The leaves of one batch: 40 bytes for each entry, by scenario and partner."""

    class Meta:
        table_name = "unbound"

    bucket = UnicodeAttribute(hash_key=True)
    part = UnicodeAttribute(range_key=True)
    leaves: MapAttribute[str, bytes] = MapAttribute()


class TotalsTable:
    """Live totals and seals over DynamoDB."""

    def __init__(self, totals: str) -> None:
        bind(TotalsRow, totals)
        bind(LeavesRow, totals)
        self._begun = False

    # Live totals

    def begin(self, day: date) -> None:
        # A day earlier: another shard may still bring that day's last entries.
        cursor = TotalsRow("cursor", "cursor", sealed_through=(day - timedelta(days=2)).isoformat())
        if not self._begun:
            _put_new(cursor)
            self._begun = True

    def part(self, day: date, shard: str) -> TotalsPart:
        row = _get(_bucket(day), _shard_part(shard))
        return _to_part(day, row) if row else TotalsPart(day, shard)

    def add(self, before: TotalsPart, after: TotalsPart, records: Sequence[CountedEntry]) -> None:
        """Put the leaves, then commit the part.

        The leaves need not be in the transaction, where they would cost twice as much: a row of
        leaves counts only once the part's checkpoint has reached its last record, and what two
        rows of differently cut batches both hold counts once by its hash.
        """
        bucket = _bucket(after.day)
        run = f"{records[-1].sequence}#{records[0].sequence}"
        leaves_part = f"{_leaves_prefix(after.shard)}{run}"
        try:
            LeavesRow(bucket, leaves_part, leaves=_pack(records)).save()
        except PutError as error:
            raise store_error(error) from error
        transaction = Transaction()
        gate = (bucket, _gate(_gate_of(after.shard)))
        transaction.check("gate", TotalsRow, gate, TotalsRow.bucket.does_not_exist())
        unchanged = (
            TotalsRow.version == before.version
            if before.version
            else TotalsRow.bucket.does_not_exist()
        )
        transaction.put("part", _to_row(after), unchanged)
        try:
            transaction.commit()
        except TransactionRefusedError as refused:
            raise (DayClosedError() if "gate" in refused.items else StalePartError()) from refused

    # Seals

    def sealed_through(self) -> date | None:
        row = _get("cursor", "cursor")
        return date.fromisoformat(row.sealed_through) if row else None

    def close_gates(self, day: date) -> None:
        for number in range(GATES):
            _put_new(TotalsRow(_bucket(day), _gate(number)))

    def parts(self, day: date) -> Sequence[TotalsPart]:
        condition = TotalsRow.part.startswith("shard#")
        try:
            rows = list(TotalsRow.query(_bucket(day), condition, consistent_read=True))
        except QueryError as error:
            raise store_error(error) from error
        return [_to_part(day, row) for row in rows]

    def leaves(self, parts: Sequence[TotalsPart]) -> Iterator[Leaf]:
        for part in parts:
            prefix = _leaves_prefix(part.shard)
            # Keys go on with `#` and the first record's number; `$` comes right after `#`.
            condition = LeavesRow.part.between(prefix, f"{prefix}{part.sequence}$")
            try:
                for row in LeavesRow.query(_bucket(part.day), condition, consistent_read=True):
                    yield from _unpack(row.leaves.attribute_values)
            except QueryError as error:
                raise store_error(error) from error

    def sealed(self, day: date) -> SealedDay | None:
        row = _get(_bucket(day), "sealed")
        return _to_sealed(row.seal) if row else None

    def newest_booking(self, day: date) -> datetime | None:
        """Read the parts of the newest shards: their names begin with the time of their making."""
        try:
            rows = TotalsRow.query(
                _bucket(day),
                TotalsRow.part.startswith("shard#"),
                scan_index_forward=False,
                limit=PARTS_READ_MAX,
                attributes_to_get=["booked_through"],
            )
            instants = [row.booked_through for row in rows if row.booked_through]
        except QueryError as error:
            raise store_error(error) from error
        return parse_instant(max(instants)) if instants else None

    def seal(self, sealed: SealedDay) -> None:
        if not _put_new(TotalsRow(_bucket(sealed.day), "sealed", seal=_from_sealed(sealed))):
            standing = self.sealed(sealed.day)
            if standing is None or standing.seal != sealed.seal:
                raise TotalsMismatchError(f"{sealed.day}: sealed before with other totals.")
        before = (sealed.day - timedelta(days=1)).isoformat()
        cursor = TotalsRow("cursor", "cursor", sealed_through=sealed.day.isoformat())
        try:
            cursor.save(condition=TotalsRow.sealed_through == before)
        except PutError as error:
            # Another run has moved it already.
            if not is_refusal(error):
                raise store_error(error) from error


def _bucket(day: date) -> str:
    return f"day#{day.isoformat()}"


def _shard_part(shard: str) -> str:
    return f"shard#{shard}"


def _leaves_prefix(shard: str) -> str:
    return f"leaves#{shard}#"


def _gate(number: int) -> str:
    return f"gate#{number:02d}"


def _gate_of(shard: str) -> int:
    return hashlib.sha256(shard.encode()).digest()[0] % GATES


def _get(bucket: str, part: str) -> TotalsRow | None:
    try:
        return TotalsRow.get(bucket, part, consistent_read=True)
    except TotalsRow.DoesNotExist:
        return None
    except GetError as error:
        raise store_error(error) from error


def _put_new(row: TotalsRow) -> bool:
    """Put the row where none has its key; tell whether it was put."""
    try:
        row.save(condition=TotalsRow.bucket.does_not_exist())
    except PutError as error:
        if is_refusal(error):
            return False
        raise store_error(error) from error
    return True


def _to_row(part: TotalsPart) -> TotalsRow:
    sums = {f"{key.scenario}#{key.partner}": each.facts for key, each in part.sums.items()}
    return TotalsRow(
        _bucket(part.day),
        _shard_part(part.shard),
        version=part.version,
        sums=json.dumps(sums, sort_keys=True),
        flows=json.dumps(part.flows, sort_keys=True),
        sequence=part.sequence,
        booked_through=format_instant(part.booked_through) if part.booked_through else None,
    )


def _to_part(day: date, row: TotalsRow) -> TotalsPart:
    return TotalsPart(
        day=day,
        shard=row.part.removeprefix("shard#"),
        sums={
            TotalsKey(*key.split("#")): Sum.of_facts(facts)
            for key, facts in json.loads(row.sums).items()
        },
        flows=json.loads(row.flows),
        sequence=row.sequence,
        booked_through=parse_instant(row.booked_through) if row.booked_through else None,
        version=int(row.version),
    )


def _pack(records: Sequence[CountedEntry]) -> dict[str, bytes]:
    packed: dict[str, bytes] = {}
    for record in records:
        leaf = record.leaf
        key = f"{leaf.scenario}#{leaf.partner}"
        one = bytes.fromhex(leaf.entry_hash) + leaf.reduction_mg.to_bytes(
            _AMOUNT_BYTES, "big", signed=True
        )
        packed[key] = packed.get(key, b"") + one
    return packed


def _unpack(packed: Mapping[str, bytes]) -> Iterator[Leaf]:
    for key, run in packed.items():
        scenario, partner = key.split("#")
        for start in range(0, len(run), _LEAF_BYTES):
            entry_hash = run[start : start + _HASH_BYTES].hex()
            amount = int.from_bytes(
                run[start + _HASH_BYTES : start + _LEAF_BYTES], "big", signed=True
            )
            yield Leaf(entry_hash, amount, scenario, partner)


def _from_sealed(sealed: SealedDay) -> str:
    return json.dumps(
        {
            "by_movement": {key: each.facts for key, each in sealed.by_movement.items()},
            "by_partner": {key: each.facts for key, each in sealed.by_partner.items()},
            "by_scenario": {key: each.facts for key, each in sealed.by_scenario.items()},
            "day": sealed.day.isoformat(),
            "flows": sealed.flows,
            "previous_seal": sealed.previous_seal,
            "root": sealed.root,
            "sealed_at": format_instant(sealed.sealed_at),
            "standing": sealed.standing,
            "total": sealed.total.facts,
        },
        sort_keys=True,
    )


def _to_sealed(text: str) -> SealedDay:
    data = json.loads(text)
    return SealedDay(
        day=date.fromisoformat(data["day"]),
        total=Sum.of_facts(data["total"]),
        by_scenario={key: Sum.of_facts(facts) for key, facts in data["by_scenario"].items()},
        by_partner={key: Sum.of_facts(facts) for key, facts in data["by_partner"].items()},
        root=data["root"],
        previous_seal=data["previous_seal"],
        sealed_at=parse_instant(data["sealed_at"]),
        by_movement={key: Sum.of_facts(facts) for key, facts in data["by_movement"].items()},
        flows=data["flows"],
        standing=data["standing"],
    )
