"""Opening, consenting, withdrawing and closing: one commit each, whatever comes between."""

from datetime import timedelta

import pytest

from shared.application.changing import ATTEMPTS_MAX
from shared.application.close_account import close_account
from shared.application.get_account import get_account
from shared.application.grant_consent import grant_consent, notice_for
from shared.application.list_consents import list_consents
from shared.application.open_account import open_account
from shared.application.withdraw_consent import withdraw_consent
from shared.domain.consent import ConsentKey
from shared.domain.crediting import decide_credits
from shared.domain.errors import (
    AccountNotFoundError,
    BusyError,
    ConsentUnavailableError,
    NoticeChangedError,
    ReferenceLinkedError,
    StaleAccountError,
)
from shared.domain.partner import PartnerState
from tests.support.builders import (
    BOOKED_AT,
    BUS_KEY,
    METRO_KEY,
    OPENED_AT,
    a_link,
    a_notice,
    a_partner,
    a_posting,
    an_account,
)
from tests.support.fakes import (
    FakeAccounts,
    FakeConsents,
    FakeDocuments,
    FakePartners,
    Store,
    busy,
    no_pause,
)

LATER = OPENED_AT + timedelta(days=1)


@pytest.fixture
def store():
    store = Store()
    store.add(an_account(consents=[]), "me")
    return store


def grant(store, key=METRO_KEY, link=None, version="2025-01", subject="me", now=OPENED_AT):
    return grant_consent(
        FakeAccounts(store),
        FakeConsents(store),
        subject_hash=subject,
        key=key,
        notice=a_notice(key.scenario),
        notice_version=version,
        link=link or a_link(),
        now=now,
        pause=no_pause,
    )


def withdraw(store, key=METRO_KEY, now=LATER):
    return withdraw_consent(
        FakeAccounts(store),
        FakeConsents(store),
        subject_hash="me",
        key=key,
        now=now,
        pause=no_pause,
    )


def close(store, pause=no_pause):
    return close_account(
        FakeAccounts(store),
        FakeConsents(store),
        FakeDocuments(store),
        subject_hash="me",
        now=LATER,
        pause=pause,
    )


def open_one(store, account_id="a9", subject="new"):
    return open_account(
        FakeAccounts(store), subject_hash=subject, account_id=account_id, now=OPENED_AT
    )


def lose_the_race(store):
    """Credit the account between another change's read and its commit."""

    def credit():
        before = store.accounts["a1"]
        store.accounts["a1"] = decide_credits(before, [a_posting()], BOOKED_AT).account

    store.trouble.append(credit)


# Opening


def test_an_account_is_opened_once():
    store = Store()
    account, opened = open_one(store, "a8")
    again, opened_again = open_one(store, "a9")
    assert (account.account_id, opened) == ("a8", True)
    assert (again.account_id, opened_again) == ("a8", False)
    assert list(store.accounts) == ["a8"]


def test_of_two_that_open_at_once_one_wins_and_both_get_its_account():
    store = Store()

    def other_request():
        store.add(an_account("a8"), "new")

    store.trouble.append(other_request)
    account, opened = open_one(store, "a9")
    assert (account.account_id, opened) == ("a8", False)
    assert list(store.accounts) == ["a8"]


def test_an_opening_whose_store_cannot_decide_is_told_so():
    store = Store()

    def refuse():
        raise StaleAccountError

    store.trouble.append(refuse)
    with pytest.raises(BusyError):
        open_one(store)


def test_without_an_account_there_is_nothing_to_read_or_change():
    empty = Store()
    for use in (
        lambda: get_account(FakeAccounts(empty), subject_hash="me"),
        lambda: list_consents(FakeAccounts(empty), FakeConsents(empty), subject_hash="me"),
        lambda: grant(empty),
        lambda: withdraw(empty),
        lambda: close(empty),
    ):
        with pytest.raises(AccountNotFoundError):
            use()
    assert empty == Store(calls=empty.calls)


# Granting


def test_a_grant_links_the_partners_reference_to_the_account(store):
    account = grant(store)
    assert list(account.consents) == [METRO_KEY]
    assert store.links == {a_link(): "a1"}
    assert [record.number for record in store.records["a1"]] == [1]


def test_a_second_grant_to_the_same_partner_uses_the_same_link(store):
    grant(store)
    account = grant(store, BUS_KEY)
    assert set(account.consents) == {METRO_KEY, BUS_KEY}
    assert store.links == {a_link(): "a1"}


def test_granting_twice_is_one_consent_and_one_receipt(store):
    grant(store)
    account = grant(store, now=LATER)
    assert account.consents[METRO_KEY].since == OPENED_AT
    assert len(store.records["a1"]) == 1


def test_a_notice_that_is_no_longer_current_is_refused_before_anything_is_read(store):
    with pytest.raises(NoticeChangedError):
        grant(store, version="2024-12")
    assert store.calls == []


def test_a_reference_that_belongs_to_another_account_is_refused(store):
    store.links[a_link()] = "a2"
    with pytest.raises(ReferenceLinkedError):
        grant(store)
    assert store.accounts["a1"].consents == {}


def test_an_account_has_one_reference_of_a_partner(store):
    grant(store, link=a_link("rider-hash-1"))
    with pytest.raises(ReferenceLinkedError):
        grant(store, BUS_KEY, link=a_link("rider-hash-2"))


def test_a_grant_that_loses_a_race_is_decided_again(store):
    grant(store)
    lose_the_race(store)
    account = grant(store, BUS_KEY)
    assert set(account.consents) == {METRO_KEY, BUS_KEY}
    assert account.reduction_mg == 204_608


def test_a_grant_whose_reply_was_lost_is_one_consent(store):
    store.lost_replies = 1
    assert list(grant(store).consents) == [METRO_KEY]
    assert len(store.records["a1"]) == 1


def test_a_notice_is_for_a_partner_that_reports_the_scenario():
    notices = {"metro": a_notice("metro"), "e-statement": a_notice("e-statement")}
    partners = FakePartners(a_partner(), a_partner("old", state=PartnerState.SUSPENDED))
    assert notice_for(partners, notices, METRO_KEY) == a_notice("metro")
    for scenario, partner in (
        ("e-statement", "metro-demo"),
        ("metro", "nobody"),
        ("metro", "old"),
        ("bus", "metro-demo"),  # there is no notice for it
    ):
        with pytest.raises(ConsentUnavailableError):
            notice_for(partners, notices, ConsentKey(scenario, partner))


# Withdrawing


def test_the_link_goes_with_the_last_consent_for_its_partner(store):
    grant(store)
    grant(store, BUS_KEY)
    withdraw(store, METRO_KEY)
    assert store.links == {a_link(): "a1"}
    account = withdraw(store, BUS_KEY)
    assert (account.consents, store.links) == ({}, {})


def test_withdrawing_what_is_not_in_force_commits_nothing(store):
    withdraw(store)
    assert store.calls == ["find"]


def test_a_reference_that_was_let_go_can_be_linked_by_its_next_owner(store):
    store.add(an_account("a2", consents=[]), "you")
    grant(store)
    withdraw(store)
    grant(store, subject="you")
    assert store.links == {a_link(): "a2"}


def test_a_withdrawal_that_loses_races_is_decided_again(store):
    grant(store)
    lose_the_race(store)
    account = withdraw(store)
    assert (account.consents, account.reduction_mg) == ({}, 204_608)


def test_after_eight_lost_races_the_caller_is_asked_to_come_again(store):
    grant(store)
    store.trouble.extend([busy] * ATTEMPTS_MAX)
    with pytest.raises(BusyError):
        withdraw(store)
    assert ATTEMPTS_MAX == 8
    assert list(store.accounts["a1"].consents) == [METRO_KEY]


def test_a_receipt_is_kept_for_every_grant_and_withdrawal(store):
    grant(store)
    withdraw(store)
    grant(store, now=LATER)
    account, records = list_consents(FakeAccounts(store), FakeConsents(store), subject_hash="me")
    assert [(record.number, record.action) for record in records] == [
        (1, "granted"),
        (2, "withdrawn"),
        (3, "granted"),
    ]
    assert account.consents[METRO_KEY].since == LATER


# Closing


def test_closing_ends_every_consent_link_and_the_way_back_in(store):
    grant(store)
    grant(store, BUS_KEY)
    account = close(store)
    assert not account.is_open
    assert (account.consents, store.links, store.subjects) == ({}, {}, {})
    assert [record.action for record in store.records["a1"]] == [
        "granted", "granted", "withdrawn", "withdrawn",
    ]  # fmt: skip


def test_a_close_whose_answer_was_lost_still_answers_with_the_closed_account(store):
    store.lost_replies = 1
    assert close(store).state == "closed"


def test_a_closed_accounts_owner_gets_a_fresh_one(store):
    grant(store)
    close(store)
    account, opened = open_one(store, "a9", "me")
    assert (account.account_id, opened, account.consents) == ("a9", True, {})
    assert store.accounts["a1"].state == "closed"


def test_a_credit_that_comes_between_is_kept_in_the_closed_account(store):
    grant(store)
    lose_the_race(store)
    assert close(store).reduction_mg == 204_608
