"""A card's states, an account's cards, and the days of a period."""

from datetime import date, timedelta

import pytest

from shared.domain.account import close, grant, withdraw
from shared.domain.errors import (
    InvalidRequestError,
    ShareEndedError,
    ShareNotFoundError,
    TooManySharesError,
)
from shared.domain.share import (
    CONSENT,
    SHARES_MAX,
    Shares,
    ShareState,
    days_of,
    is_shown,
    require_shown,
)
from tests.support.builders import BOOKED_AT, OPENED_AT, a_notice, an_account
from tests.support.shares import a_share

LATER = BOOKED_AT + timedelta(days=1)
LAST_MOMENT = BOOKED_AT + timedelta(days=90) - timedelta(milliseconds=1)
OVER = BOOKED_AT + timedelta(days=90)


def consenting(since=OPENED_AT):
    return an_account("a1", consents=(CONSENT,), since=since)


def test_a_card_is_shown_for_ninety_days_and_no_longer():
    assert a_share().state(LAST_MOMENT) is ShareState.SHOWN
    assert a_share().state(OVER) is ShareState.EXPIRED


def test_a_revoked_card_stays_revoked_since_the_first_time():
    revoked = a_share().revoked(LATER)
    assert revoked.revoked_at == LATER
    assert revoked.revoked(LATER + timedelta(days=1)) == revoked
    assert revoked.state(OVER) is ShareState.REVOKED


def test_an_expired_card_cannot_be_revoked_any_more():
    assert a_share().revoked(OVER) == a_share()


def test_a_card_is_shown_while_its_account_consents():
    assert require_shown(a_share(), consenting(), LATER) == a_share()


def test_a_card_ends_with_its_time_its_consent_and_its_account():
    withdrawn, _ = withdraw(consenting(), CONSENT, LATER)
    closed, _ = close(consenting(), LATER)
    for share, account, now in (
        (a_share(), consenting(), OVER),
        (a_share().revoked(LATER), consenting(), LATER),
        (a_share(), withdrawn, LATER),
        (a_share(), closed, LATER),
    ):
        assert not is_shown(share, account, now)
        with pytest.raises(ShareEndedError):
            require_shown(share, account, now)


def test_a_new_consent_does_not_bring_an_old_card_back():
    withdrawn, _ = withdraw(consenting(), CONSENT, LATER)
    again, _ = grant(withdrawn, CONSENT, a_notice(CONSENT.scenario), LATER)
    assert not is_shown(a_share(), again, LATER)
    assert is_shown(a_share(created_at=LATER), again, LATER)


def test_an_account_has_no_more_cards_than_it_may_until_one_expires():
    cards = Shares("a1")
    for number in range(SHARES_MAX):
        cards = cards.with_new(a_share(f"s{number}"), BOOKED_AT)
    # Those that were revoked count too.
    cards = cards.with_revoked("s0", LATER)
    with pytest.raises(TooManySharesError):
        cards.with_new(a_share("one more"), LAST_MOMENT)
    assert [each.share_id for each in cards.with_new(a_share("new"), OVER).shares] == ["new"]


def test_revoking_changes_that_card_only_and_once():
    cards = Shares("a1").with_new(a_share("s1"), BOOKED_AT).with_new(a_share("s2"), BOOKED_AT)
    after = cards.with_revoked("s1", LATER)
    assert [each.state(LATER) for each in after.shares] == [ShareState.REVOKED, ShareState.SHOWN]
    assert after.version == cards.version + 1
    assert after.with_revoked("s1", OVER) is after
    with pytest.raises(ShareNotFoundError):
        cards.with_revoked("s3", LATER)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2028", date(2028, 1, 1), date(2028, 12, 31)),
    ],
)
def test_a_period_has_all_its_days(period, first, last):
    assert days_of(period) == (first, last)


def test_everything_has_no_days():
    assert days_of("all") is None


@pytest.mark.parametrize(
    "period", ["", "2026-13", "2026-00", "2026-1", "1999", "2200", "２０２６", "2026-11-01", "ALL"]
)
def test_what_is_no_period_is_refused(period):
    with pytest.raises(InvalidRequestError):
        days_of(period)
