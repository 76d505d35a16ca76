"""Making, listing, revoking and seeing cards: once, by nobody else, while it is allowed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.application.changing import ATTEMPTS_MAX
from shared.application.close_account import close_account
from shared.application.get_share import get_share
from shared.application.list_shares import list_shares
from shared.application.make_share import WantedShare, make_share
from shared.application.ports import AccountChange
from shared.application.revoke_share import revoke_share
from shared.domain.account import withdraw
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountNotFoundError,
    BusyError,
    ConsentRequiredError,
    IdempotencyConflictError,
    InvalidRequestError,
    ShareEndedError,
    ShareNotFoundError,
)
from shared.domain.share import CONSENT, ShareHolder, Shares, ShareState, ShareStyle
from tests.support.builders import BOOKED_AT, METRO_KEY, a_posting, an_account
from tests.support.fakes import (
    FakeAccounts,
    FakeConsents,
    FakeDocuments,
    FakeEntries,
    Store,
    no_pause,
)

LATER = BOOKED_AT + timedelta(hours=1)
NOVEMBER = WantedShare("2026-11", ShareStyle.LEAF, "en", "Alice")
TOKEN, OTHER_TOKEN = "t" * 26, "u" * 26


@pytest.fixture
def store():
    """a1 of `me` rode 8 km on 9 November and consents to cards; a2 of `you` did not."""
    store = Store()
    account = store.add(an_account("a1", consents=(METRO_KEY, CONSENT)), "me")
    store.add(an_account("a2"), "you")
    decision = decide_credits(account, [a_posting()], BOOKED_AT)
    FakeAccounts(store).commit(AccountChange(account, decision.account, decision.entries))
    return store


def make(store, wanted=NOVEMBER, *, key="key-1", subject="me", token=TOKEN, now=LATER):
    return make_share(
        FakeAccounts(store),
        FakeEntries(store),
        FakeDocuments(store),
        subject_hash=subject,
        idempotency_key=key,
        wanted=wanted,
        token=token,
        request_digest=str(wanted),
        now=now,
        pause=no_pause,
    )


def see(store, token=TOKEN, now=LATER):
    return get_share(FakeAccounts(store), FakeDocuments(store), token=token, now=now)


def listed(store, subject="me", now=LATER):
    return list_shares(FakeAccounts(store), FakeDocuments(store), subject_hash=subject, now=now)


def revoke(store, share_id, subject="me", now=LATER):
    revoke_share(
        FakeAccounts(store),
        FakeDocuments(store),
        subject_hash=subject,
        share_id=share_id,
        now=now,
        pause=no_pause,
    )


@pytest.mark.parametrize("period", ["2026-11", "2026", "all"])
def test_a_card_shows_the_sum_of_its_period(store, period):
    made = make(store, replace(NOVEMBER, period=period)).value
    assert made.reduction == store.accounts["a1"].total
    assert made.reduction.reduction_mg > 0
    assert see(store) == made


def test_a_card_keeps_the_sum_of_its_moment(store):
    made = make(store).value
    account = store.accounts["a1"]
    decision = decide_credits(account, [a_posting("ride-2")], LATER)
    FakeAccounts(store).commit(AccountChange(account, decision.account, decision.entries))
    assert see(store).reduction == made.reduction
    after = make(store, key="key-2", token=OTHER_TOKEN).value
    assert after.reduction.reduction_mg == 2 * made.reduction.reduction_mg


def test_the_same_request_finds_its_card_even_after_it_was_revoked(store):
    made = make(store)
    revoke(store, made.value.share_id)
    again = make(store, token=OTHER_TOKEN, now=LATER + timedelta(days=1))
    assert (made.is_repeat, again.is_repeat) == (False, True)
    assert replace(again.value, revoked_at=None) == made.value
    # No second way leads to it.
    with pytest.raises(ShareNotFoundError):
        see(store, OTHER_TOKEN)


def test_a_lost_reply_is_found_again_and_makes_one_card(store):
    store.lost_replies = 1
    made = make(store)
    assert made.is_repeat
    assert see(store) == made.value
    assert len(listed(store)) == 1
    assert len(store.documents) == 2


def test_a_request_that_is_never_told_may_be_sent_again(store):
    store.trouble.extend([busy] * ATTEMPTS_MAX)
    with pytest.raises(BusyError):
        make(store)
    assert not store.documents
    assert not make(store).is_repeat


def test_another_card_in_between_is_kept_too(store):
    def make_another():
        make(store, replace(NOVEMBER, style=ShareStyle.INK), key="key-2", token=OTHER_TOKEN)

    store.trouble.append(make_another)
    made = make(store)
    assert see(store) == made.value
    assert see(store, OTHER_TOKEN).style is ShareStyle.INK
    assert len(listed(store)) == 2


def test_a_revocation_whose_reply_was_lost_stands_once(store):
    made = make(store).value
    store.lost_replies = 1
    revoke(store, made.share_id)
    assert [each.state for each in listed(store)] == [ShareState.REVOKED]


def busy():
    raise BusyError


def test_a_key_stands_for_one_request(store):
    make(store)
    with pytest.raises(IdempotencyConflictError):
        make(store, replace(NOVEMBER, style=ShareStyle.INK))
    assert len(listed(store)) == 1


@pytest.mark.parametrize(
    "wanted",
    [
        replace(NOVEMBER, period="2026-10"),
        replace(NOVEMBER, period="2026-13"),
        replace(NOVEMBER, nickname="see www.example.com"),
        replace(NOVEMBER, nickname="W" * 25),
        replace(NOVEMBER, nickname=""),
        replace(NOVEMBER, nickname="Alice \U0001f6b2"),
    ],
)
def test_what_cannot_be_shown_is_refused_and_nothing_is_kept(store, wanted):
    with pytest.raises(InvalidRequestError):
        make(store, wanted)
    assert not store.documents


def test_without_consent_there_is_no_card(store):
    with pytest.raises(ConsentRequiredError):
        make(store, subject="you")
    with pytest.raises(AccountNotFoundError):
        make(store, subject="nobody")
    assert not store.documents


def test_a_revoked_card_is_gone_at_once_and_the_others_stay(store):
    first, second = make(store).value, make(store, key="key-2", token=OTHER_TOKEN).value
    revoke(store, first.share_id)
    with pytest.raises(ShareEndedError):
        see(store)
    assert see(store, OTHER_TOKEN) == second
    states = {each.share.share_id: (each.state, each.is_shown) for each in listed(store)}
    assert states == {
        first.share_id: (ShareState.REVOKED, False),
        second.share_id: (ShareState.SHOWN, True),
    }


def test_nobody_revokes_somebody_elses_card(store):
    made = make(store).value
    with pytest.raises(ShareNotFoundError):
        revoke(store, made.share_id, subject="you")
    assert see(store) == made


def test_a_card_ends_with_its_consent(store):
    make(store)
    account = store.accounts["a1"]
    withdrawn, _ = withdraw(account, CONSENT, LATER)
    FakeAccounts(store).commit(AccountChange(account, withdrawn))
    with pytest.raises(ShareEndedError):
        see(store)
    assert [(each.state, each.is_shown) for each in listed(store)] == [(ShareState.SHOWN, False)]


def test_a_card_ends_with_its_account(store):
    make(store)
    close_account(
        FakeAccounts(store),
        FakeConsents(store),
        FakeDocuments(store),
        subject_hash="me",
        now=LATER,
        pause=no_pause,
    )
    with pytest.raises(ShareEndedError):
        see(store)
    # The name on it is nobody's any more.
    shares = FakeDocuments(store).get(Shares, "a1", Shares.NAME)
    assert shares is not None
    assert shares.shares == ()


def test_a_card_ends_after_ninety_days(store):
    made = make(store).value
    assert see(store, now=made.expires_at - timedelta(milliseconds=1)) == made
    with pytest.raises(ShareEndedError):
        see(store, now=made.expires_at)


def test_a_link_of_a_forgotten_card_does_not_lead_to_the_next_one_of_its_key(store):
    first = make(store).value
    make(store, key="key-2", token=OTHER_TOKEN, now=first.expires_at)
    again = make(store, token="v" * 26, now=first.expires_at)
    assert not again.is_repeat
    with pytest.raises(ShareEndedError):
        see(store, TOKEN, now=first.expires_at)


@pytest.mark.parametrize("token", ["", "u" * 26, "T" * 26, "t" * 3000, "../" * 9])
def test_no_other_token_leads_to_a_card(store, token):
    make(store)
    with pytest.raises(ShareNotFoundError):
        see(store, token)


def test_what_the_link_leads_by_names_no_more_than_the_account_and_the_card(store):
    made = make(store).value
    holder = FakeDocuments(store).get(ShareHolder, TOKEN, ShareHolder.NAME)
    assert holder == ShareHolder(TOKEN, "a1", made.share_id)
