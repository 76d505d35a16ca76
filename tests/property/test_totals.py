"""Totals count every entry once, however a shard's stream is cut, repeated and disturbed."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.application.close_day import close_day
from shared.application.ports import StalePartError
from shared.application.roll_up_totals import roll_up_totals
from shared.domain.errors import BusyError
from shared.domain.measurement import NOTHING
from shared.domain.totals import CountedEntry, TotalsPart, merge_sums, seal_day
from tests.support.builders import a_counted_entry, a_sum, at
from tests.support.fakes import FakeTotals, busy, no_pause

DAY = date(2026, 11, 10)
KINDS = [("metro", "metro-demo"), ("bus", "metro-demo"), ("e-statement", "bank-core")]
MIDNIGHT = at("2026-11-11T00:15:00+08:00")


def stale() -> None:
    raise StalePartError


def fine() -> None:
    """No trouble this time."""


def entry(number: int, kind: int, amount: int, day: date = DAY) -> CountedEntry:
    scenario, partner = KINDS[kind]
    return a_counted_entry(number, day, reduction_mg=amount, scenario=scenario, partner=partner)


amounts = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 10**9)), min_size=1, max_size=15)


@given(amounts, st.data())
def test_any_cut_overlap_and_repetition_of_a_shard_counts_once(facts, data):
    records = [entry(number, *fact) for number, fact in enumerate(facts, 1)]
    part, reached = TotalsPart(DAY, "shard-1"), 0
    while reached < len(records):
        start = data.draw(st.integers(0, reached))
        end = data.draw(st.integers(reached + 1, len(records)))
        batch = data.draw(st.permutations(records[start:end]))
        part = part.counting(part.uncounted(batch))
        reached = end
        assert sum(part.sums.values(), NOTHING).count == reached
        assert part.uncounted(records[:reached]) == ()
    assert sum(part.sums.values(), NOTHING) == a_sum(len(facts), sum(mg for _, mg in facts))


@given(amounts, st.integers(1, 4), st.randoms(use_true_random=False))
def test_a_seal_depends_neither_on_the_shards_nor_on_the_order(facts, shards, random):
    records = [entry(number, *fact) for number, fact in enumerate(facts, 1)]
    parts = [
        TotalsPart(DAY, f"shard-{n}").counting(records[n::shards])
        for n in range(shards)
        if records[n::shards]
    ]
    leaves = [record.leaf for record in records]
    reference = seal_day(DAY, [TotalsPart(DAY, "s").counting(records)], leaves, None, MIDNIGHT)
    random.shuffle(parts)
    random.shuffle(leaves)
    assert seal_day(DAY, parts, leaves, None, MIDNIGHT) == reference
    assert reference.total == a_sum(len(facts), sum(mg for _, mg in facts))


@given(
    amounts,
    st.lists(st.sampled_from([fine, busy, stale]), max_size=20),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.integers(0, 2),
    st.data(),
)
def test_with_trouble_and_closing_days_every_entry_is_sealed_once(
    facts, trouble, closes, lost_replies, data
):
    """Batches of two days come in order, again and again until they are taken; days close."""
    days = [data.draw(st.sampled_from([DAY, DAY + timedelta(days=1)])) for _ in facts]
    records = [
        entry(n, kind, amount, day)
        for n, ((kind, amount), day) in enumerate(zip(facts, days, strict=True), 1)
    ]
    totals = FakeTotals()
    totals.trouble.extend(trouble)
    totals.lost_replies = lost_replies
    reached, closing = 0, iter(closes)
    now = MIDNIGHT - timedelta(days=1)
    while reached < len(records):
        size = data.draw(st.integers(1, 4))
        if next(closing):
            now += timedelta(days=1)
            close_day(totals, now=now)
        try:
            batch = records[reached : reached + size]
            roll_up_totals(totals, shard="shard-1", records=batch, pause=no_pause)
        except BusyError:
            continue
        reached += size
    sealed_before = dict(totals.seals)
    close_day(totals, now=MIDNIGHT + timedelta(days=60))
    close_day(totals, now=MIDNIGHT + timedelta(days=60))
    assert {day: totals.seals[day] for day in sealed_before} == sealed_before
    total = sum((sealed.total for sealed in totals.seals.values()), NOTHING)
    assert total == a_sum(len(facts), sum(mg for _, mg in facts))
    parts = (part.sums for part in totals.rows.values())
    assert sum(merge_sums(parts).values(), NOTHING) == total
