from datetime import timedelta
from itertools import pairwise

import pytest

from shared.domain.account import (
    CONSENTS_MAX,
    AccountState,
    close,
    grant,
    open_account,
    withdraw,
)
from shared.domain.consent import ActiveConsent, ConsentAction, ConsentKey
from shared.domain.errors import TooManyConsentsError
from tests.support.builders import BUS_KEY, METRO_KEY, OPENED_AT, a_notice, an_account

LATER = OPENED_AT + timedelta(days=1)


def test_a_new_account_is_open_and_empty():
    account = open_account("a1", OPENED_AT)
    assert (account.is_open, account.seq, account.reduction_mg, account.version) == (True, 0, 0, 1)
    assert account.chain_head == "0" * 64


def test_a_grant_is_in_force_from_now_on_and_leaves_a_receipt():
    account, record = grant(open_account("a1", OPENED_AT), METRO_KEY, a_notice(), LATER)
    assert record is not None
    assert account.consents == {METRO_KEY: ActiveConsent(LATER, 1, "2025-01")}
    assert (record.number, record.action, record.key) == (1, ConsentAction.GRANTED, METRO_KEY)
    assert (record.account_id, record.at) == ("a1", LATER)
    assert record.notice_digest == a_notice().digest
    assert account.version == 2


def test_granting_the_same_again_changes_nothing():
    before = an_account()
    assert grant(before, METRO_KEY, a_notice(), LATER) == (before, None)


def test_a_grant_under_a_newer_notice_starts_again_and_never_reaches_back():
    account, record = grant(an_account(), METRO_KEY, a_notice(version="2026-01"), LATER)
    assert record is not None
    assert account.consents[METRO_KEY] == ActiveConsent(LATER, 2, "2026-01")


def test_a_grant_after_a_withdrawal_never_reaches_back():
    withdrawn, _ = withdraw(an_account(), METRO_KEY, LATER)
    account, _ = grant(withdrawn, METRO_KEY, a_notice(), LATER + timedelta(days=1))
    assert account.consents[METRO_KEY].since == LATER + timedelta(days=1)


def test_a_withdrawal_ends_one_consent_and_leaves_the_others():
    account, record = withdraw(an_account(consents=[METRO_KEY, BUS_KEY]), METRO_KEY, LATER)
    assert record is not None
    assert list(account.consents) == [BUS_KEY]
    assert (record.number, record.action, record.notice_version) == (3, "withdrawn", "2025-01")
    assert account.has_partner("metro-demo")


def test_withdrawing_what_was_never_granted_changes_nothing():
    before = an_account()
    assert withdraw(before, BUS_KEY, LATER) == (before, None)


def test_withdrawing_keeps_what_was_earned():
    before = an_account()
    account, _ = withdraw(before, METRO_KEY, LATER)
    assert (account.reduction_mg, account.seq, account.chain_head) == (
        before.reduction_mg,
        before.seq,
        before.chain_head,
    )


def test_an_account_holds_24_consents_and_no_more():
    keys = [ConsentKey("metro", f"partner-{number}") for number in range(25)]
    full = an_account(consents=keys[:24])
    assert len(full.consents) == CONSENTS_MAX == 24
    with pytest.raises(TooManyConsentsError):
        grant(full, keys[24], a_notice(), LATER)
    renewed, record = grant(full, keys[0], a_notice(version="2026-01"), LATER)
    assert record is not None
    assert len(renewed.consents) == 24


def test_closing_withdraws_every_consent_and_says_so_in_the_history():
    closed, records = close(an_account(consents=[METRO_KEY, BUS_KEY]), LATER)
    assert (closed.state, closed.is_open, dict(closed.consents)) == (AccountState.CLOSED, False, {})
    assert [(record.number, record.action, record.key) for record in records] == [
        (3, ConsentAction.WITHDRAWN, BUS_KEY),
        (4, ConsentAction.WITHDRAWN, METRO_KEY),
    ]


def test_closing_is_one_change_however_many_consents_it_ends():
    before = an_account(consents=[METRO_KEY, BUS_KEY])
    closed, _ = close(before, LATER)
    assert closed.version == before.version + 1


def test_the_consent_history_is_a_chain_from_its_first_record():
    account = open_account("a1", OPENED_AT)
    records = []
    for action in (
        lambda each: grant(each, METRO_KEY, a_notice(), OPENED_AT),
        lambda each: grant(each, BUS_KEY, a_notice("bus"), OPENED_AT),
        lambda each: withdraw(each, METRO_KEY, LATER),
    ):
        account, record = action(account)
        assert record is not None
        records.append(record)
    assert records[0].previous_digest == "0" * 64
    for earlier, later in pairwise(records):
        assert later.previous_digest == earlier.digest
    assert account.consent_history.head == records[-1].digest
    assert account.consent_history.length == 3
