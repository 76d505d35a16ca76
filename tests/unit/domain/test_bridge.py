"""The bridge from an older balance to a newer one, by hand."""

from dataclasses import replace
from datetime import date
from typing import Any

from shared.domain.bridge import Replacement, RuleEffect, build_bridge
from shared.domain.crediting import decide_credits
from shared.domain.entry import AmendmentKind, Cause, Entry
from shared.domain.measurement import NOTHING, Spread, Sum
from shared.domain.reversing import ReversalReason, decide_reversal
from tests.support.builders import (
    SPREAD,
    a_correction,
    a_posting,
    a_provisional_posting,
    an_account,
    at,
)

MONDAY, TUESDAY, FRIDAY = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 13)
NEW, NEWER = "metro-distance@2026.1", "metro-distance@2026.2"
OLD = "metro-distance@2025.1"
RIDE_OF_SUNDAY: dict[str, Any] = {"occurred_at": at("2026-11-08T08:00:00+08:00")}


def a_week() -> list[Entry]:
    """Booked on Monday: three rides; on Tuesday: two of them corrected, one up and one down.

    On Wednesday the third is completed, on Friday a fourth ride is booked, and on Saturday the
    first is corrected once more.
    """
    account = an_account()
    standing: dict[Cause, Entry] = {}
    entries: list[Entry] = []
    corrections = {"ride-1": (250_000, NEW), "ride-2": (190_000, NEW)}

    def book(day: int, *postings):
        nonlocal account
        now = at(f"2026-11-{day:02d}T20:00:00+08:00")
        decision = decide_credits(account, postings, now, standing)
        account = decision.account
        standing.update({entry.cause.event: entry for entry in decision.entries})
        entries.extend(decision.entries)
        return decision.entries

    first, second, _ = book(
        9,
        a_posting("ride-1", **RIDE_OF_SUNDAY),
        a_posting("ride-2", **RIDE_OF_SUNDAY),
        a_provisional_posting("ride-3", **RIDE_OF_SUNDAY),
    )
    corrected = book(
        10,
        *(
            a_correction(entry, *corrections[entry.cause.event_id], spread=Spread(1, 2, 3))
            for entry in (first, second)
        ),
    )
    book(11, a_posting("rest-3", completes="ride-3", **RIDE_OF_SUNDAY))
    book(13, a_posting("ride-4", reduction_mg=1_000, **RIDE_OF_SUNDAY))
    book(14, a_correction(corrected[0], 240_000, NEWER))
    return entries


def test_rules_and_behaviour_are_told_apart():
    bridge = build_bridge(a_week(), TUESDAY, FRIDAY)
    assert bridge.opening.reduction_mg == 204_608 + 204_608 + 25_576
    # 250,000 - 204,608 = 45,392 up and 204,608 - 190,000 = 14,608 down.
    assert bridge.rules.reduction_mg == 30_784
    # 179,032 that were not known before, and a ride.
    assert bridge.behaviour.reduction_mg == 180_032
    assert bridge.closing.reduction_mg == 250_000 + 190_000 + 204_608 + 1_000
    # 240,000 - 250,000, after the last day.
    assert bridge.later.reduction_mg == -10_000


def test_every_part_of_the_sums_is_bridged():
    bridge = build_bridge(a_week(), TUESDAY, FRIDAY)
    assert bridge.opening.provisional_mg == 25_576
    assert bridge.behaviour.provisional_mg == -25_576
    assert bridge.closing == Sum(
        count=7,
        reduction_mg=645_608,
        # Two corrected rides, the completed one, and the fourth.
        spread=Spread(1 + 1 + 4_000 + 4_000, 2 + 2 + 6_000 + 6_000, 3 + 3 + 2 * 9_000_000),
        grades_mg=(645_608, 0, 0, 0, 0),
        provisional_mg=0,
        weakness=1,
    )


def test_what_each_rule_changed_is_split_into_up_and_down():
    bridge = build_bridge(a_week(), TUESDAY, FRIDAY)
    assert bridge.by_rule == {Replacement(OLD, NEW): RuleEffect(2, 45_392, 14_608)}


def test_what_was_taken_back_is_behaviour_and_no_rule_changed():
    """On Monday a ride is booked, on Tuesday the rules make 25.392 g less of it, then it is undone.

    The reversal takes back what stood by the new rule, and not what the old one had credited.
    """
    account = an_account()
    booked = decide_credits(account, [a_posting()], at("2026-11-09T20:00:00+08:00"))
    [ride] = booked.entries
    correction = a_correction(ride, 179_216, NEW)
    noon = at("2026-11-10T12:00:00+08:00")
    corrected = decide_credits(booked.account, [correction], noon, {ride.cause: ride})
    [standing] = corrected.entries
    reversal = decide_reversal(
        corrected.account,
        standing,
        reason=ReversalReason.FRAUD,
        requested_by="operator#li",
        salt="5a" * 16,
        now=at("2026-11-10T20:00:00+08:00"),
    )
    assert reversal.account is not None
    bridge = build_bridge([ride, standing, reversal.entry], TUESDAY, FRIDAY)
    assert (bridge.opening.reduction_mg, bridge.rules.reduction_mg) == (204_608, -25_392)
    assert bridge.behaviour.reduction_mg == -179_216
    assert bridge.by_rule == {Replacement(OLD, NEW): RuleEffect(1, 0, 25_392)}
    assert bridge.closing == reversal.account.total


def test_other_inputs_under_the_same_rule_are_behaviour():
    [ride] = decide_credits(an_account(), [a_posting()], at("2026-11-09T20:00:00+08:00")).entries
    corrected = replace(
        ride,
        cause=ride.cause.next_amendment,
        booked_at=at("2026-11-10T20:00:00+08:00"),
        reduction_mg=-51_152,
        original=ride.amended(AmendmentKind.CORRECTION),
    )
    bridge = build_bridge([ride, corrected], TUESDAY, FRIDAY)
    assert (bridge.rules, bridge.by_rule) == (NOTHING, {})
    assert bridge.behaviour.reduction_mg == -51_152


def test_rules_that_followed_one_another_are_told_apart():
    bridge = build_bridge(a_week(), MONDAY, date(2026, 11, 14))
    assert bridge.by_rule == {
        Replacement(OLD, NEW): RuleEffect(2, 45_392, 14_608),
        Replacement(NEW, NEWER): RuleEffect(1, 0, 10_000),
    }
    assert list(bridge.by_rule) == sorted(bridge.by_rule)
    assert (bridge.opening, bridge.later) == (NOTHING, NOTHING)


def test_both_days_are_inside():
    bridge = build_bridge(a_week(), TUESDAY, TUESDAY)
    assert (bridge.opening.count, bridge.rules.count, bridge.behaviour.count) == (3, 2, 0)
    assert bridge.later.count == 3


def test_a_behaviour_counts_when_it_is_booked_and_not_when_it_occurred():
    bridge = build_bridge(a_week(), date(2026, 11, 8), date(2026, 11, 8))
    assert bridge.closing == NOTHING
    assert bridge.later.count == 8


def test_without_entries_nothing_is_bridged():
    bridge = build_bridge([], MONDAY, FRIDAY)
    assert (bridge.opening, bridge.closing, bridge.later) == (NOTHING, NOTHING, NOTHING)
    assert bridge.by_rule == {}


def test_the_spread_of_a_bridge_follows_what_is_known():
    [completion] = [each for each in a_week() if each.cause.event_id == "ride-3"][1:]
    bridge = build_bridge([completion], MONDAY, FRIDAY)
    assert bridge.behaviour.spread == SPREAD.minus(Spread(18_964, 35_494, 0))
