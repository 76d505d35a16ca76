"""What credits earn: two points each and ten for a kilogram, within caps of the behaviour's day."""

from dataclasses import replace
from datetime import date, timedelta

from shared.domain.crediting import decide_credits
from shared.domain.points import PointsBalance, PointsTerms
from shared.domain.reversing import ReversalReason, decide_reversal
from tests.support.builders import (
    BOOKED_AT,
    OCCURRED_AT,
    OPENED_AT,
    a_correction,
    a_posting,
    a_provisional_posting,
    an_account,
    at,
)

YEAR, NEXT = date(2026, 12, 31), date(2027, 12, 31)
TERMS = PointsTerms("test@1", 2, 10, 60, 600, NEXT)
DAY = timedelta(days=1)
LATER = BOOKED_AT + DAY


def earned(*postings, account=None, now=BOOKED_AT):
    """Return the account after the credits, and what each of them earned."""
    decision = decide_credits(account or an_account(), postings, now)
    assert decision.refusals == ()
    return decision.account, [entry.points for entry in decision.entries]


def amend(account, entry, posting, now=LATER):
    """Return the account after an amendment, and its entry."""
    decision = decide_credits(account, [posting], now, {entry.cause.event: entry})
    [amendment] = decision.entries
    return decision.account, amendment


def test_a_credit_earns_for_itself_and_for_its_kilograms_rounded_down():
    account, points = earned(
        a_posting("ride-1", reduction_mg=204_608, points=TERMS),
        a_posting("ride-2", reduction_mg=99_999, points=TERMS),
        a_posting("ride-3", reduction_mg=1_000_000, points=TERMS),
    )
    assert points == [4, 2, 12]
    assert account.points == PointsBalance({NEXT: 18})


def test_without_a_policy_nothing_is_earned():
    account, points = earned(a_posting())
    assert (points, account.points) == ([0], PointsBalance())


def test_the_last_day_of_the_points_is_kept_with_the_entry():
    decision = decide_credits(an_account(), [a_posting(points=TERMS)], BOOKED_AT)
    [entry] = decision.entries
    assert entry.spend_by == NEXT
    assert entry.hash != replace(entry, points=5).hash
    assert entry.hash != replace(entry, spend_by=YEAR).hash


def test_points_of_each_year_are_kept_by_their_own_last_day():
    old = a_posting("ride-1", points=replace(TERMS, spend_by=YEAR))
    account, _ = earned(old, a_posting("ride-2", points=TERMS))
    assert account.points == PointsBalance({YEAR: 4, NEXT: 4})


def test_what_is_earned_pays_what_is_owed_first():
    owing = replace(an_account(), points=PointsBalance(debt=3))
    account, points = earned(a_posting(points=TERMS), account=owing)
    assert (points, account.points) == ([4], PointsBalance({NEXT: 1}))


# Caps


def test_a_day_earns_up_to_its_cap_and_the_last_credit_the_rest():
    terms = replace(TERMS, day_cap=10)
    postings = [a_posting(f"ride-{number}", points=terms) for number in range(4)]
    account, points = earned(*postings)
    assert points == [4, 4, 2, 0]
    assert account.points == PointsBalance({NEXT: 10})
    # Reductions are measured all the same.
    assert account.reduction_mg == 4 * 204_608


def test_a_month_earns_up_to_its_cap_over_its_days():
    terms = replace(TERMS, day_cap=6, month_cap=9)
    postings = [
        a_posting(f"ride-{day}-{number}", points=terms, occurred_at=OCCURRED_AT - day * DAY)
        for day in (0, 1)
        for number in (1, 2)
    ]
    assert earned(*postings)[1] == [4, 2, 3, 0]


def test_a_new_month_earns_again():
    terms = replace(TERMS, day_cap=4, month_cap=4)
    november = at("2026-11-01T00:00:00+08:00")
    account = an_account(since=november - DAY)
    postings = [
        a_posting("october", points=terms, occurred_at=november - timedelta(milliseconds=1)),
        a_posting("november", points=terms, occurred_at=november),
        a_posting("november-2", points=terms, occurred_at=november + DAY),
    ]
    assert earned(*postings, account=account)[1] == [4, 4, 0]


def test_a_late_event_counts_for_the_day_of_the_behaviour():
    terms = replace(TERMS, day_cap=6)
    today = a_posting("today", points=terms, occurred_at=BOOKED_AT)
    account, points = earned(today)
    assert points == [4]
    late = [a_posting(f"late-{n}", points=terms, occurred_at=OPENED_AT) for n in (1, 2)]
    account, points = earned(*late, account=account, now=LATER)
    assert points == [4, 2]
    # Today has the room that it had.
    rest = a_posting("rest", points=terms, occurred_at=BOOKED_AT)
    assert earned(rest, account=account, now=LATER)[1] == [2]


def test_a_day_ends_at_midnight_in_utc_plus_8():
    terms = replace(TERMS, day_cap=4)
    postings = [
        a_posting("before", points=terms, occurred_at=at("2026-11-08T15:59:59.999Z")),
        a_posting("after", points=terms, occurred_at=at("2026-11-08T16:00:00Z")),
        a_posting("same", points=terms, occurred_at=at("2026-11-09T15:59:59Z")),
    ]
    assert earned(*postings)[1] == [4, 4, 0]


def test_what_comes_from_so_long_ago_that_nobody_knows_its_day_earns_nothing():
    account = an_account(since=BOOKED_AT - 60 * DAY)
    account, _ = earned(a_posting("today", points=TERMS, occurred_at=BOOKED_AT), account=account)
    postings = [
        a_posting("reached", points=TERMS, occurred_at=BOOKED_AT - 39 * DAY),
        a_posting("out-of-reach", points=TERMS, occurred_at=BOOKED_AT - 40 * DAY),
    ]
    assert earned(*postings, account=account)[1] == [4, 0]


# Amendments


def provisional(**changes):
    """Return an account with a ride of unknown length, 25,576 mg, and its entry."""
    posting = a_provisional_posting(points=TERMS, **changes)
    decision = decide_credits(an_account(), [posting], BOOKED_AT)
    return decision.account, decision.entries[0]


def test_a_completion_earns_the_difference_only():
    account, ride = provisional()
    assert ride.points == 2
    completing = a_posting("rest-1", completes="ride-1", points=TERMS)
    after, entry = amend(account, ride, completing)
    assert (entry.points, entry.standing_points, entry.spend_by) == (2, 4, NEXT)
    assert after.points == PointsBalance({NEXT: 4})


def test_a_completed_ride_earns_as_much_as_one_that_was_known_at_first():
    """Whatever is rounded off in each part: 190 g earn one point, 20 g none, and 210 g two."""
    for first_mg, whole_mg in ((190_000, 210_000), (99_999, 100_000), (50_001, 149_999)):
        account, ride = provisional(reduction_mg=first_mg)
        completing = a_posting("rest-1", completes="ride-1", points=TERMS, reduction_mg=whole_mg)
        _, entry = amend(account, ride, completing)
        _, [known] = earned(a_posting(points=TERMS, reduction_mg=whole_mg))
        assert entry.standing_points == known


def test_a_completion_that_adds_nothing_earns_nothing():
    account, ride = provisional()
    completing = a_posting("rest-1", completes="ride-1", points=TERMS, reduction_mg=100)
    after, entry = amend(account, ride, completing)
    assert (entry.points, after.points) == (0, PointsBalance({NEXT: 2}))


def test_a_completion_counts_for_the_day_of_the_behaviour():
    terms = replace(TERMS, day_cap=3)
    decision = decide_credits(an_account(), [a_provisional_posting(points=terms)], BOOKED_AT)
    completing = a_posting("rest-1", completes="ride-1", points=terms)
    _, entry = amend(decision.account, decision.entries[0], completing)
    assert entry.points == 1


def test_points_of_a_completion_last_as_long_as_the_credits_own():
    account, ride = provisional()
    longer = replace(TERMS, spend_by=date(2028, 12, 31))
    _, entry = amend(account, ride, a_posting("rest-1", completes="ride-1", points=longer))
    assert entry.spend_by == NEXT


def test_a_completion_of_what_had_no_policy_earns_by_the_one_there_is():
    decision = decide_credits(an_account(), [a_provisional_posting()], BOOKED_AT)
    completing = a_posting("rest-1", completes="ride-1", points=TERMS)
    after, entry = amend(decision.account, decision.entries[0], completing)
    assert (entry.points, entry.spend_by) == (4, NEXT)
    assert after.points == PointsBalance({NEXT: 4})


def test_a_correction_up_or_down_changes_no_points():
    account, [four] = earned(a_posting(points=TERMS))
    assert four == 4
    decision = decide_credits(an_account(), [a_posting(points=TERMS)], BOOKED_AT)
    account, stands = decision.account, decision.entries[0]
    for number, corrected_mg in enumerate((9_000_000, 1_000)):
        correcting = a_correction(stands, corrected_mg, f"metro-distance@2027.{number}")
        account, stands = amend(account, stands, correcting)
        assert (stands.points, stands.standing_points, stands.spend_by) == (0, 4, NEXT)
        assert account.points == PointsBalance({NEXT: 4})


def test_what_a_correction_took_off_is_not_earned_again_by_a_completion():
    """One kilogram, corrected to a tenth and completed to one again, earns as one kilogram."""
    account, ride = provisional(reduction_mg=1_000_000)
    assert ride.points == 12
    correcting = a_correction(ride, 100_000, missing=("distance_km",))
    account, corrected = amend(account, ride, correcting)
    completing = a_posting("rest-1", completes="ride-1", points=TERMS, reduction_mg=1_000_000)
    account, entry = amend(account, corrected, completing)
    assert (entry.points, entry.standing_points) == (0, 12)
    assert account.points == PointsBalance({NEXT: 12})


def test_a_reversal_takes_back_what_the_behaviour_earned_in_all():
    account, ride = provisional()
    completing = a_posting("rest-1", completes="ride-1", points=TERMS)
    account, stands = amend(account, ride, completing)
    reversal = decide_reversal(
        account,
        stands,
        reason=ReversalReason.DUPLICATE,
        requested_by="metro-demo",
        salt="5a" * 16,
        now=LATER,
    )
    assert reversal.account is not None
    assert (reversal.entry.points, reversal.account.points) == (-4, PointsBalance())
