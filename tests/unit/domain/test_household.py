"""Who is in a household, by which share, and who has to agree to that."""

from datetime import timedelta

import pytest

from shared.domain.errors import (
    HouseholdFullError,
    HouseholdNotFoundError,
    InvalidSharesError,
    InvitationRefusedError,
    ProposalNotOpenError,
    ProposalOpenError,
    TooManyInvitationsError,
)
from shared.domain.household import (
    INVITATION_LIFETIME,
    INVITATIONS_MAX,
    MEMBERS_MAX,
    Answer,
    Household,
    Invitation,
    Member,
    ProposalState,
    allocate,
    found_household,
)
from tests.support.builders import OPENED_AT

LATER = OPENED_AT + timedelta(days=1)


def a_household(*shares: int) -> Household:
    """Return a household of a1, a2 ... with these shares."""
    members = tuple(Member(n, f"a{n}", share) for n, share in enumerate(shares, 1))
    return Household("h1", OPENED_AT, members, next_member=len(shares) + 1)


def an_invitation(share_bp: int = 2_000, invited_by: int = 1, code: str = "c1") -> Invitation:
    return Invitation(code, "h1", invited_by, share_bp, OPENED_AT + INVITATION_LIFETIME)


def state_of(household: Household) -> ProposalState:
    assert household.proposal is not None
    return household.proposal.state


def shares(household: Household) -> list[tuple[str, int]]:
    return [(each.account_id, each.share_bp) for each in household.members]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [5_000, 5_000], [50, 50]),
        (101, [5_000, 5_000], [51, 50]),
        (100, [3_334, 3_333, 3_333], [34, 33, 33]),
        (10, [1, 1, 8], [1, 1, 8]),
        (1, [4_000, 6_000], [0, 1]),
        (0, [4_000, 6_000], [0, 0]),
        (10, [0, 0, 0], [4, 3, 3]),
        (7, [0, 10_000], [0, 7]),
        (7, [], []),
    ],
)
def test_parts_are_whole_and_the_largest_remainders_round_up(amount, weights, parts):
    assert allocate(amount, weights) == parts


def test_who_founds_a_household_has_the_whole():
    assert shares(found_household("h1", "a1", OPENED_AT)) == [("a1", 10_000)]


def test_the_first_newcomer_is_in_at_once_because_its_inviter_has_agreed():
    household = found_household("h1", "a1", OPENED_AT).admit("a2", an_invitation(4_000), LATER)
    assert shares(household) == [("a1", 6_000), ("a2", 4_000)]
    assert state_of(household) is ProposalState.AGREED


def test_a_newcomer_waits_until_every_member_has_agreed():
    household = a_household(6_000, 3_000, 1_000).admit("a4", an_invitation(2_000), LATER)
    assert shares(household) == [("a1", 6_000), ("a2", 3_000), ("a3", 1_000)]
    assert household.member("a4") is None
    assert household.waiting("a4") == Member(4, "a4", 2_000)
    household = household.answer("a2", 1, Answer.AGREE)
    assert household.waiting("a4") is not None
    household = household.answer("a3", 1, Answer.AGREE)
    # The others keep their proportions of the 8000 that are left.
    assert shares(household) == [("a1", 4_800), ("a2", 2_400), ("a3", 800), ("a4", 2_000)]
    assert household.waiting("a4") is None


def test_new_shares_are_in_force_with_the_last_members_word():
    household = a_household(6_000, 4_000).propose("a1", {1: 5_000, 2: 5_000}, LATER)
    assert shares(household) == [("a1", 6_000), ("a2", 4_000)]
    household = household.answer("a2", 1, Answer.AGREE)
    assert shares(household) == [("a1", 5_000), ("a2", 5_000)]
    assert state_of(household) is ProposalState.AGREED


@pytest.mark.parametrize(
    ("who", "word", "state"),
    [
        ("a2", Answer.REJECT, ProposalState.REJECTED),
        ("a1", Answer.WITHDRAW, ProposalState.WITHDRAWN),
        ("a1", Answer.REJECT, ProposalState.REJECTED),
    ],
)
def test_one_word_against_a_proposal_ends_it(who, word, state):
    asked = a_household(6_000, 4_000).propose("a1", {1: 5_000, 2: 5_000}, LATER)
    ended = asked.answer(who, 1, word)
    assert state_of(ended) is state
    assert shares(ended) == [("a1", 6_000), ("a2", 4_000)]
    assert ended.answer(who, 1, word) == ended
    with pytest.raises(ProposalNotOpenError):
        ended.answer("a2", 1, Answer.AGREE)


def test_only_who_proposed_may_withdraw():
    asked = a_household(6_000, 4_000).propose("a1", {1: 5_000, 2: 5_000}, LATER)
    with pytest.raises(ProposalNotOpenError):
        asked.answer("a2", 1, Answer.WITHDRAW)


def test_the_same_answer_again_changes_nothing():
    asked = a_household(5_000, 3_000, 2_000).propose("a1", {1: 1, 2: 2, 3: 9_997}, LATER)
    once = asked.answer("a2", 1, Answer.AGREE)
    assert once.answer("a2", 1, Answer.AGREE) == once
    agreed = once.answer("a3", 1, Answer.AGREE)
    assert agreed.answer("a2", 1, Answer.AGREE) == agreed


def test_there_is_one_proposal_at_a_time_and_the_same_again_is_the_same():
    asked = a_household(6_000, 4_000).propose("a1", {1: 5_000, 2: 5_000}, LATER)
    assert asked.propose("a1", {1: 5_000, 2: 5_000}, LATER) == asked
    with pytest.raises(ProposalOpenError):
        asked.propose("a2", {1: 5_000, 2: 5_000}, LATER)
    with pytest.raises(ProposalOpenError):
        asked.admit("a3", an_invitation(), LATER)


@pytest.mark.parametrize(
    "wanted",
    [{1: 5_000}, {1: 5_000, 2: 4_999}, {1: 5_000, 3: 5_000}, {1: 10_001, 2: -1}, {}],
)
def test_shares_are_of_all_members_and_add_up_to_the_whole(wanted):
    with pytest.raises(InvalidSharesError):
        a_household(6_000, 4_000).propose("a1", wanted, LATER)


def test_who_is_no_member_cannot_propose_invite_or_answer():
    household = a_household(6_000, 4_000).admit("a3", an_invitation(), LATER)
    for act in (
        lambda: household.propose("a3", {1: 10_000, 2: 0}, LATER),
        lambda: household.invite("a3", "c2", LATER),
        lambda: household.answer("a3", 1, Answer.AGREE),
    ):
        with pytest.raises(HouseholdNotFoundError):
            act()


def test_who_leaves_leaves_the_whole_to_the_others_in_proportion():
    household = a_household(5_000, 2_000, 1_000, 2_000).leave("a1")
    assert shares(household) == [("a2", 4_000), ("a3", 2_000), ("a4", 4_000)]
    # 2000 of 6000 is a third: 3333, and the largest remainder goes to the first.
    assert shares(household.leave("a2")) == [("a3", 3_333), ("a4", 6_667)]


def test_those_who_stay_without_a_share_get_equal_ones():
    assert shares(a_household(10_000, 0, 0).leave("a1")) == [("a2", 5_000), ("a3", 5_000)]


def test_the_last_one_leaving_dissolves_it():
    household = a_household(10_000).invite("a1", "c1", LATER).leave("a1")
    assert (household.members, household.invitations) == ((), ())
    with pytest.raises(InvitationRefusedError):
        household.admit("a2", an_invitation(), LATER)


def test_leaving_withdraws_what_was_proposed_and_who_waits_can_leave():
    waiting = a_household(6_000, 4_000).admit("a3", an_invitation(), LATER)
    for who in ("a2", "a3"):
        after = waiting.leave(who)
        assert state_of(after) is ProposalState.WITHDRAWN
        assert after.waiting("a3") is None
    assert shares(waiting.leave("a3")) == [("a1", 6_000), ("a2", 4_000)]


def test_a_number_is_never_given_twice():
    household = a_household(6_000, 4_000).leave("a2").admit("a2", an_invitation(), LATER)
    assert [each.number for each in household.members] == [1, 3]


def test_an_invitation_is_used_once_and_until_it_expires():
    invitation = an_invitation()
    used = invitation.used("a2", invitation.expires_at - timedelta(milliseconds=1))
    assert used.used_by == "a2"
    with pytest.raises(InvitationRefusedError):
        used.used("a3", OPENED_AT)
    with pytest.raises(InvitationRefusedError):
        invitation.used("a2", invitation.expires_at)


def test_an_invitation_does_not_outlive_its_inviters_membership():
    with pytest.raises(InvitationRefusedError):
        a_household(6_000, 4_000).leave("a2").admit("a3", an_invitation(invited_by=2), LATER)


def test_there_are_no_more_members_and_invitations_than_stated():
    full = a_household(*[1_250] * MEMBERS_MAX)
    with pytest.raises(HouseholdFullError):
        full.invite("a1", "c1", LATER)
    with pytest.raises(InvitationRefusedError):
        full.admit("a9", an_invitation(), LATER)
    household = a_household(10_000)
    for number in range(INVITATIONS_MAX):
        household = household.invite("a1", f"c{number}", OPENED_AT)
    with pytest.raises(TooManyInvitationsError):
        household.invite("a1", "c9", OPENED_AT)
    # Expired ones do not count.
    later = household.invite("a1", "c9", OPENED_AT + INVITATION_LIFETIME)
    assert [each.code_hash for each in later.invitations] == ["c9"]
