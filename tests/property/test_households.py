"""Whatever members do and whatever is saved: shares are the whole, and no milligram is lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from shared.application.reverse_event import reverse_event
from shared.application.update_accounts import update_accounts
from shared.domain.account import Account, close, grant, withdraw
from shared.domain.booking import book
from shared.domain.consent import ConsentKey
from shared.domain.crediting import Posting
from shared.domain.entry import AMENDMENTS_MAX, Cause, Entry
from shared.domain.errors import CarbonAccountError
from shared.domain.flows import add_flows, flows_of, is_balanced
from shared.domain.household import (
    CONSENT,
    INVITATION_LIFETIME,
    MEMBERS_MAX,
    WHOLE_BP,
    Answer,
    Household,
    Invitation,
    Member,
    allocate,
    found_household,
)
from shared.domain.lots import trace
from shared.domain.measurement import Spread
from shared.domain.movement import Line, MovementKind
from shared.domain.moving import Moving
from shared.domain.reversing import ReversalReason
from tests.support.builders import (
    BOOKED_AT,
    OPENED_AT,
    a_correction,
    a_notice,
    a_posting,
    a_provisional_posting,
    an_account,
    postings_for,
)
from tests.support.fakes import FakeAccounts, FakeDocuments, FakeEntries, Store, no_pause

GRID = ConsentKey("saved-electricity", "grid-demo")
NAMES = tuple(f"a{number}" for number in range(1, 5))


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**4), min_size=1, max_size=9))
def test_parts_add_up_to_the_whole_and_none_is_a_unit_away_from_its_weight(amount, weights):
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    total = sum(weights)
    if total:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part * total - amount * weight) < total


class Act(NamedTuple):
    """What one of the people does to the household."""

    kind: str
    who: int
    number: int
    word: Answer


acts = st.lists(
    st.builds(
        Act,
        st.sampled_from(["join", "leave", "propose", "answer"]),
        st.integers(0, MEMBERS_MAX),
        st.integers(0, WHOLE_BP - 1),
        st.sampled_from(Answer),
    ),
    max_size=60,
)


def done(household: Household, act: Act) -> Household:
    who = f"p{act.who}"
    match act.kind:
        case "join" if not household.member(who) and not household.waiting(who):
            inviter = household.members[act.number % len(household.members)]
            expires_at = OPENED_AT + INVITATION_LIFETIME
            invitation = Invitation("c", "h1", inviter.number, act.number, expires_at)
            return household.admit(who, invitation, OPENED_AT)
        case "leave" if household.member(who) or household.waiting(who):
            return household.leave(who)
        case "propose":
            members = household.members
            parts = allocate(WHOLE_BP, [act.number % (each.number + 3) for each in members])
            shares = dict(zip([each.number for each in members], parts, strict=True))
            return household.propose(who, shares, OPENED_AT)
        case "answer" if household.proposal:
            return household.answer(who, household.proposal.number, act.word)
    return household


@given(acts)
def test_shares_are_the_whole_after_any_sequence_and_change_only_as_agreed(sequence):
    household = found_household("h1", "p0", OPENED_AT)
    for act in sequence:
        if not household.members:
            break
        before = household
        try:
            household = done(household, act)
        except CarbonAccountError:
            continue
        members = household.members
        assert sum(each.share_bp for each in members) == (WHOLE_BP if members else 0)
        assert all(each.share_bp >= 0 for each in members)
        assert len({each.account_id for each in members}) == len(members) <= MEMBERS_MAX
        assert household.version - before.version == (household != before)
        stayed = {each.account_id for each in before.members} <= {e.account_id for e in members}
        if stayed and members != before.members:
            # Somebody's share changed or somebody came, so each member of before had agreed.
            assert household.proposal is not None
            agreed = set(household.proposal.agreed)
            assert {each.number for each in before.members} <= agreed


class Step(NamedTuple):
    """What happens next in a home of four; `number` chooses the event or the account."""

    kind: str
    number: int
    amount: int


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(
            [
                "save", "save", "save", "complete", "correct", "correct", "reverse", "retire",
                "withdraw", "consent", "leave", "close",
            ]
        ),
        st.integers(0, 12),
        st.integers(0, 10**6),
    ),
    max_size=25,
)  # fmt: skip


def a_home() -> Store:
    store = Store()
    members = []
    shares = allocate(WHOLE_BP, [5, 3, 1, 1])
    for number, (name, share) in enumerate(zip(NAMES, shares, strict=True), 1):
        store.add(replace(an_account(name, (GRID, CONSENT)), household="h1"), name)
        members.append(Member(number, name, share))
    household = Household("h1", OPENED_AT, tuple(members), next_member=5)
    store.documents["household", "h1", "household"] = household
    return store


def standing(store: Store) -> Sequence[Entry]:
    events = sorted({entry.cause.event.key for entry in store.entries.values()})
    found = (FakeEntries(store).standing(Cause.parse(event)) for event in events)
    return [entry for entry in found if entry is not None]


def posting(store: Store, step: Step, turn: int) -> tuple[str, Posting] | None:
    facts: dict[str, Any] = {"partner": "grid-demo", "scenario": "saved-electricity"}
    if step.kind == "save":
        name = NAMES[step.number % len(NAMES)]
        spread = Spread(step.amount // 3, step.amount, step.amount**2 // 7)
        make = a_provisional_posting if step.number % 2 else a_posting
        return name, make(f"s{turn}", reduction_mg=step.amount, spread=spread, **facts)
    entries = standing(store)
    if not entries:
        return None
    entry = entries[step.number % len(entries)]
    if entry.cause.amendment >= AMENDMENTS_MAX:
        return None
    if step.kind == "complete":
        completes = entry.cause.event_id
        made = a_posting(f"c{turn}", reduction_mg=step.amount, completes=completes, **facts)
        return entry.account_id, made
    methodology = f"saved-electricity-day@2026.{turn + 2}"
    return entry.account_id, a_correction(entry, step.amount, methodology)


def take(store: Store, step: Step, turn: int) -> None:
    name = NAMES[step.number % len(NAMES)]
    account = store.accounts[name]
    now = BOOKED_AT + timedelta(seconds=turn)
    if step.kind in {"save", "complete", "correct"}:
        made = posting(store, step, turn)
        if made:
            batch = {"m": postings_for(made[0], made[1])}
            ports = FakeAccounts(store), FakeEntries(store), FakeDocuments(store)
            tally = update_accounts(*ports, batches=batch, now=now, pause=no_pause)
            assert (tally.failed, tally.errors) == (set(), [])
    elif step.kind == "reverse" and standing(store):
        entries = standing(store)
        entry = entries[step.number % len(entries)]
        if not entry.is_reversal and entry.cause.amendment < AMENDMENTS_MAX:
            reverse_event(
                FakeAccounts(store),
                FakeEntries(store),
                event=entry.cause.event,
                reason=ReversalReason.WRONG_DATA,
                is_dry_run=False,
                new_salt=lambda: "0" * 32,
                now=now,
                pause=no_pause,
            )
    elif step.kind == "retire" and account.available_mg > 0:
        moving = Moving.begin(account, now)
        amount_mg = 1 + step.amount % account.available_mg
        key = f"retirement#{turn}"
        moving.move(
            MovementKind.RETIREMENT, key=key, about=key, payload_digest="d", reduction_mg=-amount_mg
        )
        store.accounts[name] = moving.after
        store.movements |= {each.key: each for each in moving.movements}
    else:
        change_membership(store, step.kind, account)


def change_membership(store: Store, kind: str, account: Account) -> None:
    name = account.account_id
    if kind == "withdraw":
        store.accounts[name] = withdraw(account, CONSENT, BOOKED_AT)[0]
    elif kind == "consent" and account.is_open:
        store.accounts[name] = grant(account, CONSENT, a_notice("household"), BOOKED_AT)[0]
    elif kind in {"leave", "close"} and account.household:
        key = ("household", "h1", "household")
        household = store.documents[key]
        assert isinstance(household, Household)
        store.documents[key] = household.leave(name)
        out = replace(account, household=None, version=account.version + 1)
        store.accounts[name] = close(out, BOOKED_AT)[0] if kind == "close" else out


@given(steps)
def test_every_milligram_is_somewhere_whatever_is_saved_corrected_or_taken_back(sequence):
    store = a_home()
    for turn, step in enumerate(sequence):
        take(store, step, turn)
    lines: list[Line] = [*store.entries.values(), *store.movements.values()]
    splits = [
        each.reduction_mg for each in store.movements.values() if each.kind.startswith("split")
    ]
    # What leaves one account comes to others, in sum and so in every split.
    assert sum(splits) == 0
    assert is_balanced(add_flows(flows_of(line) for line in lines))
    assert len({line.seq for line in store.lines_of("a1")}) == store.accounts["a1"].seq
    for name in NAMES:
        account = store.accounts[name]
        folded = an_account(name, ())
        for line in store.lines_of(name):
            folded = book(folded, line)
        assert (folded.available_mg, folded.seq, folded.chain_head) == (
            account.available_mg,
            account.seq,
            account.chain_head,
        )
        lots = trace(store.lines_of(name))
        assert lots.available_mg == account.available_mg
        for lot in lots.lots:
            assert sum(lot.fates().values()) == lot.backing.reduction_mg
    retired = sum(
        -each.reduction_mg
        for each in store.movements.values()
        if each.kind is MovementKind.RETIREMENT
    )
    held = sum(account.available_mg for account in store.accounts.values())
    assert held + retired == sum(entry.reduction_mg for entry in store.entries.values())
