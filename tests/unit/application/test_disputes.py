"""A dispute is opened once, ended once, and its end books what was decided: no more, no less."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.adapters.catalogue import catalogue
from shared.adapters.points import points_policies
from shared.application.answer_dispute import answer_dispute
from shared.application.dispute_entry import dispute_entry
from shared.application.disputing import Court
from shared.application.get_entry import entry_id
from shared.application.list_disputes import list_disputes
from shared.application.list_partner_disputes import list_partner_disputes
from shared.application.ports import AccountChange
from shared.application.report_missing import report_missing
from shared.application.settle_disputes import settle_disputes
from shared.application.withdraw_dispute import withdraw_dispute
from shared.domain.account import close, grant, withdraw
from shared.domain.consent import ConsentKey
from shared.domain.crediting import decide_credits
from shared.domain.dispute import DeclineReason, Dispute, DisputeKind
from shared.domain.entry import AMENDMENTS_MAX, Cause
from shared.domain.errors import (
    BusyError,
    ConsentUnavailableError,
    DisputeEndedError,
    DisputeExistsError,
    DisputeNotFoundError,
    EntryNotFoundError,
    EventInFutureError,
    EventTooOldError,
    IdempotencyConflictError,
    InvalidCursorError,
    InvalidRequestError,
    NotConsentedError,
    NotDisputableError,
    StaleAccountError,
)
from shared.domain.partner import PartnerState
from shared.domain.receipt import build_receipt
from shared.domain.reversing import ReversalReason, decide_reversal
from tests.support.builders import (
    BOOKED_AT,
    METRO_KEY,
    OCCURRED_AT,
    OPENED_AT,
    a_notice,
    a_partner,
    a_posting,
    an_account,
    at,
)
from tests.support.fakes import (
    FakeAccounts,
    FakeDocuments,
    FakeEntries,
    FakePartners,
    Store,
    busy,
    no_pause,
)

RIDE = Cause("metro-demo", "ride-1")
RIDE_ID = entry_id(RIDE)
NOW = BOOKED_AT + timedelta(hours=1)
ANSWERED = NOW + timedelta(days=3)
# Fifteen days after NOW.
DEADLINE = at("2026-11-25T13:00:00+08:00")
MISSED_AT = at("2026-11-09T18:00:00+08:00")


class Documents(FakeDocuments):
    """Documents whose puts meet trouble, or succeed without telling."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.trouble: deque[Any] = deque()
        self.lost_replies = 0

    def put(self, *writes: Any) -> None:
        if self.trouble:
            self.trouble.popleft()()
        super().put(*writes)
        if self.lost_replies:
            self.lost_replies -= 1
            raise BusyError


@dataclass
class World:
    """a1 of `me` rode once, 8 km, for 204.608 g and 3 points; a2 of `you` did not."""

    store: Store
    documents: Documents
    partners: FakePartners

    @property
    def court(self) -> Court:
        entries = FakeEntries(self.store)
        return Court(
            accounts=FakeAccounts(self.store),
            outcomes=entries,
            statement=entries,
            documents=self.documents,
            catalogue=catalogue(),
            policies=points_policies(),
            new_salt=lambda: "0" * 32,
            pause=no_pause,
        )

    @property
    def account(self):
        return self.store.accounts["a1"]

    @property
    def disputes(self) -> list[Dispute]:
        return [each for each in self.store.documents.values() if isinstance(each, Dispute)]

    def credit(self, event_id="ride-1", now=BOOKED_AT, occurred_at=OCCURRED_AT):
        terms = points_policies().terms("metro", OCCURRED_AT)
        methodology = catalogue().named("metro-distance@2025.1")
        posting = replace(
            a_posting(event_id, points=terms, occurred_at=occurred_at),
            measurement=methodology.measure({"distance_km": Decimal(8)}),
            label=methodology.label,
            caps=tuple(rule.cap for rule in methodology.caps),
        )
        decision = decide_credits(self.account, [posting], now)
        change = AccountChange(self.account, decision.account, decision.entries)
        FakeAccounts(self.store).commit(change)

    def reverse(self):
        standing = self.standing()
        reversal = decide_reversal(
            self.account,
            standing,
            reason=ReversalReason.CANCELLED,
            requested_by="partner#metro-demo",
            salt="0" * 32,
            now=NOW,
        )
        assert reversal.account is not None
        change = AccountChange(self.account, reversal.account, (reversal.entry,))
        FakeAccounts(self.store).commit(change)

    def close(self):
        closed, records = close(self.account, NOW)
        change = AccountChange(self.account, closed, records=records, subject_hash="me")
        FakeAccounts(self.store).commit(change)

    def dispute(self, kind="not_mine", *, claim=None, key="key-00001", digest="d1", **changes):
        facts = {
            "subject_hash": "me",
            "public_id": RIDE_ID,
            "kind": DisputeKind(kind),
            "claim": claim or {},
            "idempotency_key": key,
            "request_digest": digest,
            "is_dry_run": False,
            "now": NOW,
            "pause": no_pause,
        }
        court = self.court
        return dispute_entry(
            court.accounts,
            court.statement,
            court.outcomes,
            court.documents,
            court.catalogue,
            **{**facts, **changes},
        )

    def wrong(self, kilometres=5):
        return self.dispute("wrong_distance", claim={"distance_km": Decimal(kilometres)}).value

    def miss(self, kilometres=5, *, key="key-00001", digest="d1", **changes):
        facts = {
            "subject_hash": "me",
            "consent": METRO_KEY,
            "occurred_at": MISSED_AT,
            "claim": {"distance_km": Decimal(kilometres)},
            "idempotency_key": key,
            "request_digest": digest,
            "is_dry_run": False,
            "now": NOW,
            "pause": no_pause,
        }
        court = self.court
        return report_missing(
            court.accounts,
            court.statement,
            court.documents,
            self.partners,
            court.catalogue,
            **{**facts, **changes},
        )

    def answer(self, dispute, *, declined_for=None, inputs=None, partner="metro-demo", now=None):
        return answer_dispute(
            self.court,
            partner=partner,
            dispute_id=dispute.dispute_id,
            declined_for=declined_for,
            inputs=inputs,
            now=now or ANSWERED,
        )

    def settle(self, now=DEADLINE, has_time=lambda: True):
        return settle_disputes(self.court, now=now, has_time=has_time)

    def withdraw(self, dispute, subject="me"):
        return withdraw_dispute(
            FakeAccounts(self.store),
            self.documents,
            subject_hash=subject,
            dispute_id=dispute.dispute_id,
            now=ANSWERED,
            pause=no_pause,
        )

    def standing(self, cause: Cause = RIDE) -> Any:
        return FakeEntries(self.store).standing(cause)


@pytest.fixture
def world():
    store = Store()
    store.add(an_account("a1"), "me")
    store.add(an_account("a2"), "you")
    world = World(store, Documents(store), FakePartners(a_partner()))
    world.credit()
    return world


def receipt_of(entry):
    return build_receipt(entry, catalogue().named(entry.methodology), entry_id(entry.cause))


# Opening


def test_opening_a_dispute_changes_no_account(world):
    before = world.account
    dispute = world.dispute().value
    assert (dispute.state, dispute.event_id, dispute.deadline) == ("open", "ride-1", DEADLINE)
    assert (world.account, len(world.store.entries)) == (before, 1)
    assert list_partner_disputes(world.documents, partner="metro-demo", limit=9, cursor=None) == (
        [dispute],
        None,
    )


def test_the_same_request_again_is_the_same_dispute(world):
    first = world.dispute()
    again = world.dispute(now=NOW + timedelta(days=1))
    assert (first.is_repeat, again.is_repeat, again.value) == (False, True, first.value)
    assert len(world.disputes) == 1


@pytest.mark.parametrize("lost", [1, 2])
def test_a_lost_answer_opens_one_dispute(world, lost):
    world.documents.lost_replies = lost
    world.dispute()
    assert len(world.disputes) == 1


def test_a_key_is_for_one_request(world):
    world.dispute()
    with pytest.raises(IdempotencyConflictError):
        world.dispute(digest="d2")


@pytest.mark.parametrize("kind", ["not_mine", "duplicate"])
def test_an_event_has_one_dispute_at_a_time(world, kind):
    world.dispute()
    with pytest.raises(DisputeExistsError):
        world.dispute(kind, key="key-00002")
    assert len(world.disputes) == 1


def test_two_requests_at_once_open_one_dispute(world):
    world.documents.trouble.append(lambda: world.dispute("duplicate", key="key-00002"))
    with pytest.raises(DisputeExistsError):
        world.dispute()
    assert [each.kind for each in world.disputes] == ["duplicate"]


def test_what_was_withdrawn_may_be_disputed_again_and_what_was_declined_may_not(world):
    world.withdraw(world.dispute().value)
    again = world.dispute(key="key-00002").value
    world.answer(again, declined_for=DeclineReason.RECORDS_DIFFER)
    with pytest.raises(DisputeExistsError):
        world.dispute(key="key-00003")
    assert sorted(each.state for each in world.disputes) == ["declined", "withdrawn"]


def test_a_dry_run_says_what_would_be_opened(world):
    documents = dict(world.store.documents)
    assert world.dispute(is_dry_run=True).value.state == "open"
    assert world.store.documents == documents


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"public_id": entry_id(Cause("metro-demo", "ride-9"))}, EntryNotFoundError),
        ({"public_id": "e_"}, EntryNotFoundError),
        ({"subject_hash": "you"}, EntryNotFoundError),
        ({"now": BOOKED_AT + timedelta(days=90, milliseconds=1)}, NotDisputableError),
        ({"claim": {"distance_km": 5}}, InvalidRequestError),
        ({"kind": DisputeKind.WRONG_DISTANCE}, InvalidRequestError),
        ({"kind": DisputeKind.WRONG_DISTANCE, "claim": {"km": 5}}, InvalidRequestError),
        ({"kind": DisputeKind.WRONG_DISTANCE, "claim": {"distance_km": 5000}}, InvalidRequestError),
        ({"kind": DisputeKind.WRONG_DISTANCE, "claim": {"distance_km": 8}}, InvalidRequestError),
    ],
)
def test_what_cannot_be_disputed_is_refused_and_nothing_is_kept(world, changes, refusal):
    with pytest.raises(refusal):
        world.dispute(**{"kind": "not_mine", **changes})
    assert world.store.documents == {}


def test_on_its_last_day_an_entry_can_still_be_disputed(world):
    assert world.dispute(now=BOOKED_AT + timedelta(days=90)).value.is_open


def test_what_was_taken_back_is_not_disputed(world):
    world.reverse()
    with pytest.raises(NotDisputableError):
        world.dispute()


def test_what_was_amended_as_often_as_may_be_is_not_disputed(world):
    entry = world.standing()
    last = replace(entry.cause, amendment=AMENDMENTS_MAX)
    world.store.entries[last.key] = replace(entry, cause=last)
    with pytest.raises(NotDisputableError):
        world.dispute()


# Missing


def test_a_missing_ride_is_reported_once(world):
    first = world.miss()
    assert (first.value.kind, first.value.event_id) == (
        "missing",
        f"dispute-{first.value.dispute_id}",
    )
    assert world.miss().is_repeat
    with pytest.raises(DisputeExistsError):
        world.miss(key="key-00002", occurred_at=MISSED_AT + timedelta(minutes=59))
    assert world.miss(key="key-00003", occurred_at=MISSED_AT + timedelta(hours=1)).value.is_open


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"consent": ConsentKey("metro", "nobody")}, ConsentUnavailableError),
        ({"consent": ConsentKey("walking", "metro-demo")}, ConsentUnavailableError),
        ({"consent": ConsentKey("bus", "metro-demo")}, NotConsentedError),
        ({"occurred_at": NOW + timedelta(milliseconds=1)}, EventInFutureError),
        ({"now": MISSED_AT + timedelta(days=21, milliseconds=1)}, EventTooOldError),
        ({"occurred_at": OPENED_AT - timedelta(milliseconds=1)}, NotConsentedError),
        ({"occurred_at": OCCURRED_AT + timedelta(minutes=9)}, NotDisputableError),
        ({"claim": {"distance_km": 5000}}, InvalidRequestError),
        ({"claim": {"km": 5}}, InvalidRequestError),
    ],
)
def test_what_cannot_be_missing_is_refused_and_nothing_is_kept(world, changes, refusal):
    with pytest.raises(refusal):
        world.miss(**changes)
    assert world.store.documents == {}


def test_a_suspended_partner_cannot_be_waited_for(world):
    world.partners = FakePartners(a_partner(state=PartnerState.SUSPENDED))
    with pytest.raises(ConsentUnavailableError):
        world.miss()


# The partner's answer


@pytest.mark.parametrize(
    ("kind", "reason"), [("not_mine", "not_the_users"), ("duplicate", "duplicate")]
)
def test_an_accepted_dispute_takes_the_credit_and_its_points_back(world, kind, reason):
    dispute = world.answer(world.dispute(kind).value)
    assert (dispute.state, dispute.lines) == ("accepted", ("event#metro-demo#ride-1~1",))
    entry = world.standing()
    assert (entry.is_reversal, entry.reason, entry.reduction_mg, entry.points) == (
        True, reason, -204_608, -3,
    )  # fmt: skip
    assert (world.account.reduction_mg, world.account.points.amount) == (0, 0)
    receipt_of(entry)


def test_an_accepted_distance_is_measured_again_by_the_same_methodology(world):
    dispute = world.answer(world.wrong(5))
    entry = world.standing()
    # 5 km at 25.576 g
    assert (entry.standing_mg, entry.reduction_mg) == (127_880, -76_728)
    assert (entry.original.kind, entry.methodology, entry.reason, entry.grade) == (
        "correction", "metro-distance@2025.1", "", 1,
    )  # fmt: skip
    assert entry.behaviour.inputs == {"distance_km": Decimal(5)}
    assert (dispute.lines, world.account.reduction_mg) == ((entry.cause.key,), 127_880)
    receipt_of(entry)


def test_a_partner_may_know_better_than_its_user(world):
    world.answer(world.wrong(5), inputs={"distance_km": Decimal(6)})
    assert world.standing().standing_mg == 153_456


def test_a_partner_that_finds_what_stands_changes_nothing(world):
    dispute = world.answer(world.wrong(5), inputs={"distance_km": 8})
    assert (dispute.state, dispute.reason, dispute.lines) == ("accepted", "nothing_to_change", ())
    assert world.account.seq == 1


def test_a_missing_ride_that_is_accepted_is_credited_and_earns_points(world):
    dispute = world.answer(world.miss(5).value)
    entry = world.standing(dispute.event)
    assert dispute.lines == (f"event#metro-demo#dispute-{dispute.dispute_id}",)
    assert (entry.reduction_mg, entry.points, entry.grade, entry.reason) == (127_880, 2, 1, "")
    assert entry.behaviour.occurred_at == MISSED_AT
    assert world.account.reduction_mg == 332_488
    receipt_of(entry)


def test_a_declined_dispute_books_nothing(world):
    before = world.account
    dispute = world.answer(world.dispute().value, declined_for=DeclineReason.RECORDS_DIFFER)
    assert (dispute.state, dispute.reason, dispute.lines) == ("declined", "records_differ", ())
    assert world.account == before


def test_the_same_answer_again_is_the_same_and_another_is_refused(world):
    dispute = world.wrong(5)
    first = world.answer(dispute, inputs={"distance_km": Decimal("6.0")})
    assert world.answer(dispute, inputs={"distance_km": 6}, now=DEADLINE) == first
    for other in ({}, {"inputs": {"distance_km": 7}}, {"declined_for": DeclineReason.NO_RECORD}):
        with pytest.raises(DisputeEndedError):
            world.answer(dispute, **other)
    assert world.account.seq == 2


@pytest.mark.parametrize("open_one", [World.dispute, World.miss], ids=["entry", "missing"])
@pytest.mark.parametrize("lost", [1, 2])
def test_an_answer_whose_reply_is_lost_books_once(world, open_one, lost):
    dispute = open_one(world).value
    world.store.lost_replies = lost
    assert world.answer(dispute).state == "accepted"
    assert world.account.seq == 2


def test_a_declining_answer_whose_reply_is_lost_stands(world):
    dispute = world.dispute().value
    world.documents.lost_replies = 1
    assert world.answer(dispute, declined_for=DeclineReason.NO_RECORD).reason == "no_record"


def test_a_store_that_stays_busy_says_so_and_nothing_is_changed(world):
    dispute = world.dispute().value
    world.store.trouble.extend([busy] * 8)
    with pytest.raises(BusyError):
        world.answer(dispute)
    assert (world.disputes, world.account.seq) == ([dispute], 1)


def test_an_answer_that_races_with_a_credit_is_decided_again(world):
    def race():
        world.credit("ride-2")
        raise StaleAccountError

    dispute = world.dispute().value
    world.store.trouble.append(race)
    world.answer(dispute)
    assert (world.account.seq, world.account.reduction_mg) == (3, 204_608)


def test_an_answer_that_races_with_a_withdrawal_loses_whole(world):
    dispute = world.dispute().value
    world.store.trouble.append(lambda: world.withdraw(dispute))
    with pytest.raises(DisputeEndedError):
        world.answer(dispute)
    assert ([each.state for each in world.disputes], world.account.seq) == (["withdrawn"], 1)


def test_a_withdrawal_that_races_with_an_answer_loses(world):
    dispute = world.dispute().value
    world.documents.trouble.append(lambda: world.answer(dispute))
    with pytest.raises(DisputeEndedError):
        world.withdraw(dispute)
    assert ([each.state for each in world.disputes], world.account.seq) == (["accepted"], 2)


def test_an_answer_that_races_with_the_deadline_loses_whole(world):
    dispute = world.dispute().value
    world.store.trouble.append(world.settle)
    with pytest.raises(DisputeEndedError):
        world.answer(dispute, declined_for=None)
    assert [each.state for each in world.disputes] == ["decided_for_user"]
    assert world.account.seq == 2


def test_a_deadline_that_races_with_an_answer_loses_whole(world):
    dispute = world.wrong(5)
    world.store.trouble.append(lambda: world.answer(dispute, inputs={"distance_km": 6}))
    assert world.settle().ended_before == 1
    assert ([each.state for each in world.disputes], world.account.seq) == (["accepted"], 2)


def test_at_the_deadline_no_answer_is_taken_any_more(world):
    dispute = world.dispute().value
    with pytest.raises(DisputeEndedError):
        world.answer(dispute, now=DEADLINE)
    assert world.answer(dispute, now=DEADLINE - timedelta(milliseconds=1)).state == "accepted"


@pytest.mark.parametrize("dispute_id", ["", "d", "x" * 27, "d" + "1" * 26])
def test_an_unknown_dispute_has_no_answer(world, dispute_id):
    unknown = replace(world.dispute().value, dispute_id=dispute_id)
    with pytest.raises(DisputeNotFoundError):
        world.answer(unknown)
    with pytest.raises(DisputeNotFoundError):
        world.withdraw(unknown)


def test_another_partner_has_no_such_dispute(world):
    dispute = world.dispute().value
    with pytest.raises(DisputeNotFoundError):
        world.answer(dispute, partner="bank-core")
    assert list_partner_disputes(world.documents, partner="bank-core", limit=9, cursor=None) == (
        [],
        None,
    )


@pytest.mark.parametrize("inputs", [{"km": 5}, {"distance_km": 5000}, {"distance_km": "far"}])
def test_an_answer_that_cannot_be_measured_is_refused_and_may_be_sent_again(world, inputs):
    dispute = world.wrong(5)
    with pytest.raises(InvalidRequestError):
        world.answer(dispute, inputs=inputs)
    assert world.answer(dispute).state == "accepted"


def test_where_no_distance_is_disputed_none_is_answered(world):
    with pytest.raises(InvalidRequestError):
        world.answer(world.dispute().value, inputs={"distance_km": 5})


# What happened meanwhile


def test_what_was_reversed_meanwhile_is_not_taken_back_again(world):
    dispute = world.dispute().value
    world.reverse()
    ended = world.answer(dispute)
    assert (ended.state, ended.reason, ended.lines) == ("accepted", "already_reversed", ())
    assert (world.account.reduction_mg, world.account.seq) == (0, 2)


def test_a_reversal_that_wins_the_race_leaves_nothing_to_take_back(world):
    dispute = world.wrong(5)
    world.store.trouble.append(world.reverse)
    assert world.answer(dispute).reason == "already_reversed"
    assert (world.account.reduction_mg, world.account.seq) == (0, 2)


def test_a_closed_accounts_entry_is_taken_back_too(world):
    dispute = world.dispute().value
    world.close()
    assert world.answer(dispute).lines == ("event#metro-demo#ride-1~1",)
    assert (world.account.is_open, world.account.reduction_mg) == (False, 0)


def test_a_closed_account_is_neither_corrected_nor_credited(world):
    wrong = world.wrong(9)
    missing = world.miss(key="key-00002").value
    world.close()
    before = world.account
    assert world.answer(wrong).reason == "account_closed"
    assert world.answer(missing).reason == "not_consented"
    assert world.account == before


def test_a_consent_that_was_withdrawn_meanwhile_credits_nothing(world):
    dispute = world.miss().value
    without, record = withdraw(world.account, METRO_KEY, NOW)
    again, other = grant(without, METRO_KEY, a_notice(), NOW)
    records = tuple(each for each in (record, other) if each is not None)
    change = AccountChange(world.account, again, records=records)
    FakeAccounts(world.store).commit(change)
    assert world.answer(dispute).reason == "outside_consent"


def test_a_ride_that_was_reported_after_all_is_credited_once(world):
    dispute = world.miss().value
    world.credit("ride-late", now=ANSWERED, occurred_at=MISSED_AT + timedelta(minutes=2))
    assert world.answer(dispute).reason == "already_booked"
    assert world.account.total.count == 2


def test_the_days_cap_holds_for_what_was_missing_too(world):
    for number in range(4):
        world.credit(f"ride-{number + 2}")
    dispute = world.answer(world.miss().value)
    assert (dispute.state, dispute.reason) == ("accepted", "cap_reached")
    assert world.account.total.count == 5


# Silence


@pytest.mark.parametrize("kind", ["not_mine", "duplicate"])
def test_silence_takes_back_what_the_user_says_is_wrong(world, kind):
    world.dispute(kind)
    assert world.settle(DEADLINE - timedelta(milliseconds=1)).decided_for_user == 0
    assert world.settle().decided_for_user == 1
    [dispute] = world.disputes
    assert (dispute.state, dispute.ended_at) == ("decided_for_user", DEADLINE)
    assert dispute.lines == ("event#metro-demo#ride-1~1",)
    assert world.account.reduction_mg == 0


def test_what_rests_on_silence_alone_is_claimed_and_of_the_lowest_grade(world):
    world.wrong(10)
    world.settle()
    entry = world.standing()
    assert (entry.standing_mg, entry.reason, entry.grade) == (255_760, "claimed", 5)
    assert world.account.total.grades_mg == (0, 0, 0, 0, 255_760)
    receipt_of(entry)


def test_a_missing_ride_is_credited_by_silence_as_claimed(world):
    world.miss(78)
    world.settle()
    [dispute] = world.disputes
    entry = world.standing(dispute.event)
    # 78 km at 25.576 g, and 1 point for the ride and 10 for each kilogram.
    assert (entry.reduction_mg, entry.points) == (1_994_928, 20)
    assert (entry.reason, entry.grade, dispute.state) == ("claimed", 5, "decided_for_user")
    receipt_of(entry)


@pytest.mark.parametrize("claim", [World.miss, World.wrong], ids=["missing", "wrong"])
def test_silence_credits_no_more_than_two_kilograms(world, claim):
    before = world.account
    # 80 km are 2.046 kg, and 88 km as much more than the 8 km that stand.
    claim(world, 80 if claim is World.miss else 88)
    assert world.settle().declined == 1
    [dispute] = world.disputes
    assert (dispute.state, dispute.reason) == ("declined", "above_silence_cap")
    assert world.account == before


def test_what_a_partner_accepts_has_no_cap_of_silence(world):
    assert world.answer(world.miss(100).value).lines
    assert world.account.reduction_mg == 204_608 + 2_557_600


def test_a_claimed_entry_can_be_taken_back_and_its_receipt_still_holds(world):
    world.wrong(10)
    world.settle()
    world.reverse()
    entry = world.standing()
    assert (entry.is_reversal, entry.grade, entry.reason) == (True, 5, "cancelled")
    assert world.account.total.grades_mg == (0, 0, 0, 0, 0)
    receipt_of(entry)


def test_what_waited_until_its_day_is_forgotten_is_not_credited(world):
    world.miss()
    world.settle(MISSED_AT + timedelta(days=40))
    [dispute] = world.disputes
    assert (dispute.state, dispute.reason) == ("decided_for_user", "too_late")


@pytest.mark.parametrize("lost", [1, 2])
def test_a_run_whose_replies_are_lost_or_that_comes_again_books_once(world, lost):
    world.wrong(5)
    world.store.lost_replies = lost
    assert world.settle().decided_for_user == 1
    assert world.settle().decided_for_user == 0
    assert world.account.seq == 2


def test_a_run_that_is_killed_before_or_after_a_commit_is_finished_by_the_next(world):
    class KilledError(BaseException):
        pass

    def kill():
        raise KilledError

    world.dispute()
    world.miss(key="key-00002")
    # The second commit never comes: the first dispute stands ended, the other open.
    world.store.trouble.extend([lambda: None, kill])
    with pytest.raises(KilledError):
        world.settle()
    assert sorted(each.state for each in world.disputes) == ["decided_for_user", "open"]
    assert world.settle().decided_for_user == 1
    assert {each.state for each in world.disputes} == {"decided_for_user"}
    assert world.account.seq == 3


def test_one_that_fails_does_not_hold_up_the_others(world):
    def fail():
        raise ValueError("broken")

    world.dispute()
    world.miss(key="key-00002")
    world.store.trouble.append(fail)
    settled = world.settle()
    assert (settled.decided_for_user, len(settled.errors)) == (1, 1)
    assert world.settle().decided_for_user == 1


def test_a_busy_account_is_left_for_the_next_run(world):
    world.dispute()
    world.store.trouble.extend([busy] * 8)
    assert world.settle().left == 1
    assert world.settle().decided_for_user == 1


def test_a_run_without_time_leaves_what_is_due(world):
    world.dispute()
    assert world.settle(has_time=lambda: False).left == 1
    assert world.disputes[0].is_open


# Withdrawing and listing


def test_a_withdrawn_dispute_is_withdrawn_once_and_no_longer_due(world):
    dispute = world.dispute().value
    withdrawn = world.withdraw(dispute)
    assert (withdrawn.state, world.withdraw(dispute)) == ("withdrawn", withdrawn)
    assert world.settle().decided_for_user == 0
    with pytest.raises(DisputeEndedError):
        world.answer(dispute)


def test_a_withdrawal_whose_reply_is_lost_stands(world):
    dispute = world.dispute().value
    world.documents.lost_replies = 1
    assert world.withdraw(dispute).state == "withdrawn"


def test_what_was_decided_is_not_withdrawn(world):
    dispute = world.dispute().value
    world.answer(dispute)
    with pytest.raises(DisputeEndedError):
        world.withdraw(dispute)


def test_another_user_has_no_such_dispute(world):
    dispute = world.dispute().value
    with pytest.raises(DisputeNotFoundError):
        world.withdraw(dispute, "you")
    assert listed(world, "you") == ([], None)


def listed(world, subject="me", limit=9, cursor=None):
    return list_disputes(
        FakeAccounts(world.store),
        world.documents,
        subject_hash=subject,
        limit=limit,
        cursor=cursor,
    )


def test_disputes_are_listed_newest_first_a_page_at_a_time(world):
    first = world.dispute().value
    second = world.miss(key="key-00002", now=NOW + timedelta(minutes=1)).value
    page, cursor = listed(world, limit=1)
    assert page == [second]
    assert listed(world, limit=1, cursor=cursor) == ([first], None)
    with pytest.raises(InvalidCursorError):
        listed(world, "you", cursor=cursor)
    partners, of_partner = list_partner_disputes(
        world.documents, partner="metro-demo", limit=1, cursor=None
    )
    assert partners == [second]
    with pytest.raises(InvalidCursorError):
        list_partner_disputes(world.documents, partner="bank-core", limit=1, cursor=of_partner)
