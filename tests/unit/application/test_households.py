"""Founding, inviting, joining, agreeing and leaving: each once, whatever comes between."""

from datetime import timedelta

import pytest

from shared.application.answer_proposal import answer_proposal
from shared.application.close_account import close_account
from shared.application.create_household import create_household
from shared.application.get_household import get_household
from shared.application.invite_member import invite_member
from shared.application.join_household import join_household
from shared.application.leave_household import leave_household
from shared.application.propose_shares import propose_shares
from shared.domain.account import withdraw
from shared.domain.errors import (
    AccountNotFoundError,
    AlreadyInHouseholdError,
    BusyError,
    HouseholdNotConsentedError,
    HouseholdNotFoundError,
    InvitationRefusedError,
    ProposalOpenError,
    StaleAccountError,
)
from shared.domain.household import (
    CONSENT,
    INVITATION_LIFETIME,
    Answer,
    Household,
    Member,
    ProposalState,
)
from tests.support.builders import OPENED_AT, an_account
from tests.support.fakes import (
    FakeAccounts,
    FakeConsents,
    FakeDocuments,
    Store,
    busy,
    no_pause,
)

LATER = OPENED_AT + timedelta(days=1)


class ForgetfulDocuments(FakeDocuments):
    """Documents whose first put succeeds without telling."""

    lost_replies = 1

    def put(self, *writes):
        super().put(*writes)
        if self.lost_replies:
            self.lost_replies -= 1
            raise BusyError


@pytest.fixture
def store():
    """Five people who have all consented to a household: p1 is a1, and so on."""
    store = Store()
    for number in range(1, 6):
        store.add(an_account(f"a{number}", (CONSENT,)), f"p{number}")
    return store


def ports(store):
    return FakeAccounts(store), FakeDocuments(store)


def create(store, who="p1"):
    return create_household(*ports(store), subject_hash=who, now=LATER, pause=no_pause)


def invite(store, who="p1", share_bp=2_000, code="c1", documents=None):
    return invite_member(
        FakeAccounts(store),
        documents or FakeDocuments(store),
        subject_hash=who,
        share_bp=share_bp,
        code_hash=code,
        now=LATER,
        pause=no_pause,
    )


def join(store, who, code="c1", now=LATER):
    return join_household(*ports(store), subject_hash=who, code_hash=code, now=now, pause=no_pause)


def answer(store, who, word=Answer.AGREE):
    proposal = get_household(*ports(store), subject_hash=who).household.proposal
    number = proposal.number if proposal else 0
    return answer_proposal(
        *ports(store), subject_hash=who, proposal=number, answer=word, pause=no_pause
    )


def propose(store, who, **shares):
    wanted = {int(name[1:]): share_bp for name, share_bp in shares.items()}
    return propose_shares(*ports(store), subject_hash=who, shares=wanted, now=LATER, pause=no_pause)


def leave(store, who):
    return leave_household(*ports(store), subject_hash=who, pause=no_pause)


def close(store, who):
    return close_account(
        FakeAccounts(store),
        FakeConsents(store),
        FakeDocuments(store),
        subject_hash=who,
        now=LATER,
        pause=no_pause,
    )


def household(store):
    [found] = [each for each in store.documents.values() if isinstance(each, Household)]
    return found


def state_of(store):
    proposal = household(store).proposal
    return proposal.state if proposal else None


def shares(store):
    return {each.account_id: each.share_bp for each in household(store).members}


def homes(store):
    return {each.account_id for each in store.accounts.values() if each.household}


def a_home_of_three(store):
    """p1, p2 and p3 share 4800, 3200 and 2000."""
    create(store)
    invite(store, share_bp=4_000)
    join(store, "p2")
    invite(store, code="c2")
    join(store, "p3", "c2")
    answer(store, "p2")


def test_a_household_grows_by_invitation_and_agreement(store):
    a_home_of_three(store)
    assert shares(store) == {"a1": 4_800, "a2": 3_200, "a3": 2_000}
    assert homes(store) == {"a1", "a2", "a3"}


def test_founding_with_a_lost_reply_founds_once(store):
    store.lost_replies = 1
    home, is_new = create(store)
    assert (home.household.members[0].account_id, is_new) == ("a1", False)
    assert create(store)[0] == home
    assert len(store.documents) == 1


def test_a_second_household_of_the_same_account_has_another_id(store):
    first = create(store)[0].household.household_id
    leave(store, "p1")
    assert create(store)[0].household.household_id != first


def test_whoever_has_not_consented_neither_founds_joins_nor_invites(store):
    create(store)
    invite(store)
    for number in (1, 2):
        store.accounts[f"a{number}"] = withdraw(store.accounts[f"a{number}"], CONSENT, LATER)[0]
    acts = (
        lambda: create(store, "p2"),
        lambda: join(store, "p2"),
        lambda: invite(store, code="c2"),
    )
    for act in acts:
        with pytest.raises(HouseholdNotConsentedError):
            act()
    assert shares(store) == {"a1": 10_000}


def test_a_code_that_is_unknown_used_or_expired_is_one_refusal(store):
    create(store)
    invite(store)
    join(store, "p2")
    invite(store, code="c2")
    for act in (
        lambda: join(store, "p3", "c9"),
        lambda: join(store, "p3", "c1"),
        lambda: join(store, "p3", "c2", now=LATER + INVITATION_LIFETIME),
    ):
        with pytest.raises(InvitationRefusedError) as refusal:
            act()
        assert str(refusal.value) == str(InvitationRefusedError())
    assert homes(store) == {"a1", "a2"}


def test_joining_with_a_lost_reply_joins_once_and_the_code_again_is_the_same(store):
    create(store)
    invite(store)
    store.lost_replies = 1
    first = join(store, "p2")
    assert first == join(store, "p2")
    assert shares(store) == {"a1": 8_000, "a2": 2_000}


def test_of_two_with_the_same_code_one_gets_in(store):
    create(store)
    invite(store)
    store.trouble.append(lambda: join(store, "p3"))
    with pytest.raises(InvitationRefusedError):
        join(store, "p2")
    assert shares(store) == {"a1": 8_000, "a3": 2_000}
    assert store.accounts["a2"].household is None


def test_an_account_is_in_one_household(store):
    create(store)
    create(store, "p2")
    invite(store)
    with pytest.raises(AlreadyInHouseholdError):
        join(store, "p2")


def test_inviting_with_a_lost_reply_invites_once(store):
    create(store)
    documents = ForgetfulDocuments(store)
    invitation = invite(store, documents=documents)
    assert invitation.code_hash == "c1"
    assert len(household(store).invitations) == 1


def test_a_newcomer_who_is_rejected_is_free_again_in_the_same_commit(store):
    a_home_of_three(store)
    invite(store, code="c3")
    join(store, "p4", "c3")
    assert store.accounts["a4"].household is not None
    answer(store, "p3", Answer.REJECT)
    assert store.accounts["a4"].household is None
    assert shares(store) == {"a1": 4_800, "a2": 3_200, "a3": 2_000}
    create(store, "p4")


def test_a_newcomer_sees_what_it_waits_for_and_can_leave(store):
    a_home_of_three(store)
    invite(store, code="c3")
    join(store, "p4", "c3")
    home = get_household(*ports(store), subject_hash="p4")
    assert home.household.waiting("a4") == Member(4, "a4", 2_000)
    with pytest.raises(HouseholdNotFoundError):
        answer(store, "p4")
    leave(store, "p4")
    assert state_of(store) is ProposalState.WITHDRAWN
    assert homes(store) == {"a1", "a2", "a3"}


def test_a_newcomer_is_free_again_when_its_inviter_leaves(store):
    a_home_of_three(store)
    invite(store, code="c3")
    join(store, "p4", "c3")
    leave(store, "p1")
    assert homes(store) == {"a2", "a3"}


def test_new_shares_need_everybody_and_agreeing_twice_is_once(store):
    a_home_of_three(store)
    propose(store, "p1", m1=5_000, m2=4_000, m3=1_000)
    with pytest.raises(ProposalOpenError):
        propose(store, "p2", m1=1_000, m2=4_000, m3=5_000)
    answer(store, "p2")
    answer(store, "p2")
    assert shares(store) == {"a1": 4_800, "a2": 3_200, "a3": 2_000}
    answer(store, "p3")
    assert shares(store) == {"a1": 5_000, "a2": 4_000, "a3": 1_000}


def test_leaving_and_closing_leave_the_whole_to_the_others(store):
    a_home_of_three(store)
    leave(store, "p3")
    assert shares(store) == {"a1": 6_000, "a2": 4_000}
    closed = close(store, "p2")
    assert (closed.is_open, closed.household) == (False, None)
    assert shares(store) == {"a1": 10_000}
    leave(store, "p1")
    assert shares(store) == {}
    assert homes(store) == set()


def test_leaving_none_changes_nothing(store):
    before = dict(store.accounts)
    leave(store, "p1")
    assert store.accounts == before


@pytest.mark.parametrize("act", [leave, close])
def test_leaving_with_a_lost_reply_leaves_once(store, act):
    a_home_of_three(store)
    store.lost_replies = 1
    assert act(store, "p2").household is None
    # 2000 of 6800 is 2941 and some.
    assert shares(store) == {"a1": 7_059, "a3": 2_941}


@pytest.mark.parametrize("act", [leave, close])
def test_two_who_leave_at_once_both_leave(store, act):
    a_home_of_three(store)
    store.trouble.append(lambda: leave(store, "p3"))
    act(store, "p2")
    assert shares(store) == {"a1": 10_000}


def test_a_busy_store_changes_nothing(store):
    a_home_of_three(store)
    before, documents = dict(store.accounts), dict(store.documents)
    store.trouble.extend([busy] * 8)
    with pytest.raises(BusyError):
        leave(store, "p2")
    assert (store.accounts, store.documents) == (before, documents)


def test_a_lost_race_for_a_household_decides_again(store):
    def stale():
        raise StaleAccountError

    store.trouble.append(stale)
    assert create(store)[1]


def test_without_an_account_there_is_nothing_to_ask(store):
    for act in (lambda: create(store, "p9"), lambda: leave(store, "p9"), lambda: join(store, "p9")):
        with pytest.raises(AccountNotFoundError):
            act()
