"""What was saved together goes to the members by share, to the milligram, and comes back so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.account import close, withdraw
from shared.domain.consent import ConsentKey
from shared.domain.crediting import decide_credits
from shared.domain.household import CONSENT, Household, Member
from shared.domain.lots import Fate, trace
from shared.domain.measurement import Spread
from shared.domain.movement import MovementKind
from shared.domain.moving import Moving
from shared.domain.splitting import decide_split, decide_split_return, split_key
from tests.support.builders import BOOKED_AT, OPENED_AT, a_posting, an_account

GRID = ConsentKey("saved-electricity", "grid-demo")
LATER = BOOKED_AT + timedelta(days=1)


def at_home(account_id: str, *consents: ConsentKey):
    return replace(an_account(account_id, (GRID, CONSENT, *consents)), household="h1")


def a_household(*shares: int) -> Household:
    members = tuple(Member(n, f"a{n}", share) for n, share in enumerate(shares, 1))
    return Household("h1", OPENED_AT, members)


def saving(event_id="saving-1", reduction_mg=1_000, **changes):
    facts = {
        "partner": "grid-demo",
        "scenario": "saved-electricity",
        "reduction_mg": reduction_mg,
        "spread": Spread(100, 200, 10_000),
    }
    return a_posting(event_id, **{**facts, **changes})


def split(owner, postings, household, *members):
    decision = decide_credits(owner, postings, BOOKED_AT)
    parting = decide_split(
        owner.available_mg,
        decision.account,
        decision.entries,
        household,
        {each.account_id: each for each in members},
        BOOKED_AT,
    )
    return decision.entries, parting


def amounts(parting):
    lines = [*parting.movements, *(line for other in parting.others for line in other.movements)]
    return [(line.account_id, line.kind, line.reduction_mg) for line in lines]


def test_each_member_gets_its_share_and_the_owner_keeps_the_rest():
    [entry], parting = split(
        at_home("a1"), [saving()], a_household(5_000, 3_000, 2_000), at_home("a2"), at_home("a3")
    )
    assert amounts(parting) == [
        ("a1", MovementKind.SPLIT_SENT, -500),
        ("a2", MovementKind.SPLIT_RECEIVED, 300),
        ("a3", MovementKind.SPLIT_RECEIVED, 200),
    ]
    assert parting.account.available_mg == 500
    [received] = parting.others[0].movements
    # A share of what the factors allow, and of the distance from them, never too narrow.
    assert received.backing == entry.contribution.portion(300)
    assert received.backing.spread == Spread(30, 60, 900)
    assert parting.others[0].after.version == parting.others[0].before.version + 1


def test_the_owner_is_not_always_the_first_member():
    _, parting = split(
        at_home("a2"), [saving(reduction_mg=7)], a_household(3_334, 3_333, 3_333),
        at_home("a1"), at_home("a3"),
    )  # fmt: skip
    # 2.3338, 2.3331 and 2.3331 of 7: the first rounds up.
    assert amounts(parting) == [
        ("a2", MovementKind.SPLIT_SENT, -5),
        ("a1", MovementKind.SPLIT_RECEIVED, 3),
        ("a3", MovementKind.SPLIT_RECEIVED, 2),
    ]


def closed(account):
    return close(account, BOOKED_AT)[0]


def without_consent(account):
    return withdraw(account, CONSENT, BOOKED_AT)[0]


def moved_away(account):
    return replace(account, household="h2")


@pytest.mark.parametrize("inactive", [closed, without_consent, moved_away])
def test_the_share_of_a_member_that_does_not_share_now_stays_with_the_owner(inactive):
    household = a_household(5_000, 3_000, 2_000)
    _, parting = split(at_home("a1"), [saving()], household, inactive(at_home("a2")), at_home("a3"))
    assert amounts(parting) == [
        ("a1", MovementKind.SPLIT_SENT, -200),
        ("a3", MovementKind.SPLIT_RECEIVED, 200),
    ]


def test_an_owner_that_does_not_share_now_gives_nothing():
    household = a_household(5_000, 5_000)
    _, parting = split(without_consent(at_home("a1")), [saving()], household, at_home("a2"))
    assert amounts(parting) == []


def test_what_one_person_did_is_not_split():
    metro = ConsentKey("metro", "metro-demo")
    _, parting = split(
        at_home("a1", metro), [a_posting()], a_household(5_000, 5_000), at_home("a2")
    )
    assert amounts(parting) == []


def test_a_share_that_rounds_to_nothing_is_not_booked():
    household = a_household(9_998, 1, 1)
    _, parting = split(at_home("a1"), [saving()], household, at_home("a2"), at_home("a3"))
    assert amounts(parting) == []


def test_what_pays_a_debt_is_not_split():
    owing = replace(at_home("a1"), moved_mg=-1_400)
    _, parting = split(
        owing, [saving("saving-1"), saving("saving-2")], a_household(5_000, 5_000), at_home("a2")
    )
    # The first saving and 400 of the second pay; half of the other 600 goes.
    assert amounts(parting) == [
        ("a1", MovementKind.SPLIT_SENT, -300),
        ("a2", MovementKind.SPLIT_RECEIVED, 300),
    ]
    assert parting.account.available_mg == 300


def test_a_members_share_pays_what_the_member_owes():
    owing = replace(at_home("a2"), moved_mg=-400)
    _, parting = split(at_home("a1"), [saving()], a_household(5_000, 5_000), owing)
    assert parting.others[0].after.available_mg == 100


def test_a_member_is_not_told_which_event_it_was():
    _, parting = split(at_home("a1"), [saving()], a_household(5_000, 5_000), at_home("a2"))
    [received] = parting.others[0].movements
    assert "saving-1" not in f"{received.key} {received.about}"
    assert "grid-demo" not in f"{received.key} {received.about}"


def test_keys_stay_within_what_a_cursor_takes():
    [entry], _ = split(at_home("a1"), [saving("e" * 64)], a_household(5_000, 5_000), at_home("a2"))
    longest = replace(entry.cause, partner="p" * 40, amendment=9)
    assert len(split_key(longest, "7#received")) <= 60


def test_a_share_is_taken_from_its_own_lot_though_another_is_older():
    owner = at_home("a1")
    earlier = decide_credits(owner, [saving("saving-0", 5_000)], BOOKED_AT)
    [entry], parting = split(earlier.account, [saving()], a_household(5_000, 5_000), at_home("a2"))
    lots = trace([*earlier.entries, entry, *parting.movements])
    assert [lot.fates() for lot in lots.lots] == [
        {Fate.AVAILABLE: 5_000},
        {Fate.AVAILABLE: 500, Fate.GIVEN: 500},
    ]


# What comes back


def taken_back(amount_mg, *, standing_mg=1_000, members=None, spent_mg=0):
    """Split a saving of 1000 by 5:3:2, let a2 spend, and take some of it back."""
    household = a_household(5_000, 3_000, 2_000)
    [entry], parting = split(at_home("a1"), [saving()], household, at_home("a2"), at_home("a3"))
    after = {other.after.account_id: other.after for other in parting.others}
    splits = [line for other in parting.others for line in other.movements]
    if spent_mg:
        moving = Moving.begin(after["a2"], LATER)
        moving.move(
            MovementKind.RETIREMENT, key="retirement#r1", about="r1", payload_digest="d",
            reduction_mg=-spent_mg,
        )  # fmt: skip
        after["a2"] = moving.after
    after |= {name: change(after[name]) for name, change in (members or {}).items()}
    returned = decide_split_return(
        parting.account,
        standing_mg=standing_mg,
        amount_mg=amount_mg,
        cause=entry.cause.next_amendment,
        splits=splits,
        members=after,
        now=LATER,
    )
    return (entry, parting, returned)


def test_a_reversal_takes_back_every_share():
    _, _, returned = taken_back(1_000)
    assert amounts(returned) == [
        ("a1", MovementKind.SPLIT_RECOVERED, 500),
        ("a2", MovementKind.SPLIT_RETURNED, -300),
        ("a3", MovementKind.SPLIT_RETURNED, -200),
    ]
    assert returned.account.available_mg == 1_000
    assert [other.after.available_mg for other in returned.others] == [0, 0]


def test_a_lower_credit_takes_back_in_proportion():
    _, _, returned = taken_back(100)
    assert amounts(returned) == [
        ("a1", MovementKind.SPLIT_RECOVERED, 50),
        ("a2", MovementKind.SPLIT_RETURNED, -30),
        ("a3", MovementKind.SPLIT_RETURNED, -20),
    ]


def test_what_a_member_has_spent_is_owed_by_it():
    _, _, returned = taken_back(1_000, spent_mg=250)
    assert [other.after.debt_mg for other in returned.others] == [250, 0]
    assert returned.account.available_mg == 1_000


def test_a_closed_account_keeps_its_share_and_the_owner_bears_it():
    _, _, returned = taken_back(1_000, members={"a2": closed})
    assert amounts(returned) == [
        ("a1", MovementKind.SPLIT_RECOVERED, 200),
        ("a3", MovementKind.SPLIT_RETURNED, -200),
    ]


def test_who_left_or_withdrew_gives_back_as_well():
    _, _, returned = taken_back(1_000, members={"a2": moved_away, "a3": without_consent})
    assert [other.after.available_mg for other in returned.others] == [0, 0]


def test_nothing_comes_back_for_nothing():
    assert amounts(taken_back(0)[2]) == []
    assert amounts(taken_back(1, standing_mg=0)[2]) == []


def test_what_came_back_is_what_the_reversal_takes():
    owner = at_home("a1")
    earlier = decide_credits(owner, [saving("saving-0", 5_000)], BOOKED_AT)
    entries, parting = split(earlier.account, [saving()], a_household(5_000, 5_000), at_home("a2"))
    [other] = parting.others
    returned = decide_split_return(
        parting.account,
        standing_mg=1_000,
        amount_mg=1_000,
        cause=entries[0].cause.next_amendment,
        splits=other.movements,
        members={"a2": other.after},
        now=LATER,
    )
    reversed_by = replace(
        entries[0],
        cause=entries[0].cause.next_amendment,
        seq=returned.account.seq + 1,
        reduction_mg=-1_000,
    )
    lines = [*earlier.entries, *entries, *parting.movements, *returned.movements, reversed_by]
    lots = trace(lines)
    assert [lot.fates() for lot in lots.lots] == [
        {Fate.AVAILABLE: 5_000},
        {Fate.GIVEN: 500, Fate.REVERSED: 500},
        {Fate.REVERSED: 500},
    ]
    [theirs] = trace([*other.movements, *returned.others[0].movements]).lots
    assert theirs.fates() == {Fate.GIVEN: 500}
