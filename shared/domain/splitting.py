"""Splitting: what one account was credited goes to its household by shares, and comes back so.

Entries stay whole with the account that they are of: what was measured is measured once. What the
others get are movements, booked with the entry in one commit, that add up to what left the owner.
What pays a debt is not split. A credit that is lowered or taken back takes back in proportion from
everybody who got of it and whose account is open; of the others' parts the owner bears the loss.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.account import Account
from shared.domain.canonical import digest
from shared.domain.entry import Cause, Entry
from shared.domain.household import (
    MEMBERS_MAX,
    SHARED_SCENARIOS,
    Household,
    Member,
    allocate,
    may_share,
)
from shared.domain.identifiers import derived_id
from shared.domain.measurement import NOTHING, Sum
from shared.domain.movement import Movement, MovementKind
from shared.domain.moving import Moving

PARTS_MAX = MEMBERS_MAX - 1
# From how many accounts one commit takes back, the largest parts first; each is two items of it.
RETURNS_MAX = 40


@dataclass(frozen=True, slots=True)
class MemberChange:
    """Another account's side of a split, to be committed with the owner's."""

    before: Account
    after: Account
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """The owner after its own movements, and the others' changes. The owner's version is as it was.

    Nothing was split where there are no movements.
    """

    account: Account
    movements: tuple[Movement, ...] = ()
    others: tuple[MemberChange, ...] = ()


@dataclass(slots=True)
class _Parting:
    """A split on its way: the owner and everybody else who has a line in it."""

    owner: Moving
    members: Mapping[str, Account]
    now: datetime
    others: dict[str, Moving] = field(default_factory=dict)

    def member(self, account_id: str) -> Moving:
        if account_id not in self.others:
            account = self.members[account_id]
            moving = Moving(account, account.not_before(self.now), account, [])
            self.others[account_id] = moving
        return self.others[account_id]

    def end(self) -> Split:
        return Split(
            self.owner.account,
            tuple(self.owner.movements),
            tuple(
                MemberChange(each.before, each.after, tuple(each.movements))
                for each in self.others.values()
            ),
        )


def is_shared(scenario: str) -> bool:
    """Tell whether a household shares what this scenario credits."""
    return scenario in SHARED_SCENARIOS


def split_key(cause: Cause, step: str) -> str:
    """Return the key of a line of the split that this entry made.

    It hangs on the entry, but does not tell another member which event of which partner it was.
    """
    return f"split#{_id_of(cause)}#{step}"


def decide_split(
    available_mg: int,
    account: Account,
    entries: Iterable[Entry],
    household: Household,
    members: Mapping[str, Account],
    now: datetime,
) -> Split:
    """Split what entries of shared scenarios have added, by the shares as they stand.

    `available_mg` is what the account could spend before the entries, `account` is as they left it,
    and `members` are the other members' accounts by id. Who does not share now gets nothing: that
    part stays with the owner, as what rounding leaves at zero does.
    """
    parting = _parting(account, members, now)
    if not may_share(account, household):
        return parting.end()
    for entry in entries:
        available_mg += entry.reduction_mg
        free_mg = min(entry.reduction_mg, available_mg, parting.owner.account.available_mg)
        if free_mg > 0 and is_shared(entry.behaviour.scenario):
            _part(parting, entry, free_mg, household)
    return parting.end()


def decide_split_return(
    account: Account,
    *,
    standing_mg: int,
    amount_mg: int,
    cause: Cause,
    splits: Sequence[Movement],
    members: Mapping[str, Account],
    now: datetime,
) -> Split:
    """Take back from the members what they got of a credit that is lowered or taken back.

    `cause` is the reversal's or correction's own, `amount_mg` how much of `standing_mg` it takes
    back: as much of everybody's part comes back. `splits` are the members' lines of the behaviour,
    both ways (`splits_of` finds them), and `members` their accounts by id. A closed account keeps
    its part. What a member has spent meanwhile becomes its debt. To be committed with the entry and
    booked before it, so that the entry takes back what came back, and not other lots.
    """
    parting = _parting(account, members, now)
    parts = _parts_of(splits)
    largest = sorted(parts, key=lambda each: (-parts[each].net_mg, each))
    recovered = NOTHING
    if standing_mg <= 0 or not 0 < amount_mg <= standing_mg:
        return parting.end()
    kept_mg = standing_mg - sum(part.net_mg for part in parts.values())
    shares = allocate(amount_mg, [*(parts[each].net_mg for each in largest), max(0, kept_mg)])
    for place, (account_id, share_mg) in enumerate(zip(largest, shares, strict=False), 1):
        part, member = parts[account_id], members.get(account_id)
        part_mg = min(share_mg, part.net_mg)
        if not part_mg or member is None or not member.is_open or place > RETURNS_MAX:
            continue
        backing = part.received.portion(part_mg)
        parting.member(account_id).move(
            MovementKind.SPLIT_RETURNED,
            key=split_key(cause, f"{place}#returned"),
            about=_id_of(cause.event),
            payload_digest=_digest(cause, part_mg),
            reduction_mg=-part_mg,
            backing=backing,
        )
        recovered += backing
    if recovered.reduction_mg:
        parting.owner.move(
            MovementKind.SPLIT_RECOVERED,
            key=split_key(cause, "recovered"),
            about=cause.event.key,
            payload_digest=_digest(cause, recovered.reduction_mg),
            reduction_mg=recovered.reduction_mg,
            backing=recovered,
        )
    return parting.end()


@dataclass(slots=True)
class _Held:
    """What one account got of a behaviour, and has not returned."""

    received: Sum = NOTHING
    net_mg: int = 0


def _parts_of(splits: Iterable[Movement]) -> dict[str, _Held]:
    parts: dict[str, _Held] = {}
    for movement in splits:
        held = parts.setdefault(movement.account_id, _Held())
        held.net_mg += movement.reduction_mg
        if movement.kind is MovementKind.SPLIT_RECEIVED:
            held.received += movement.backing
    return parts


def _part(parting: _Parting, entry: Entry, free_mg: int, household: Household) -> None:
    shares_mg = allocate(free_mg, [each.share_bp for each in household.members])
    owner_id = parting.owner.account.account_id
    parts = [
        (member.account_id, share_mg)
        for member, share_mg in zip(household.members, shares_mg, strict=True)
        if share_mg and member.account_id != owner_id and _takes(parting, member, household)
    ]
    sent_mg = sum(share_mg for _, share_mg in parts)
    if not sent_mg:
        return
    parting.owner.move(
        MovementKind.SPLIT_SENT,
        key=split_key(entry.cause, "sent"),
        about=entry.cause.key,
        payload_digest=_digest(entry.cause, sent_mg),
        reduction_mg=-sent_mg,
        backing=entry.contribution.portion(sent_mg),
    )
    for place, (account_id, share_mg) in enumerate(parts, 1):
        parting.member(account_id).move(
            MovementKind.SPLIT_RECEIVED,
            key=split_key(entry.cause, f"{place}#received"),
            about=_id_of(entry.cause.event),
            payload_digest=_digest(entry.cause, share_mg),
            reduction_mg=share_mg,
            backing=entry.contribution.portion(share_mg),
        )


def _takes(parting: _Parting, member: Member, household: Household) -> bool:
    account = parting.members.get(member.account_id)
    return account is not None and may_share(account, household)


def _parting(account: Account, members: Mapping[str, Account], now: datetime) -> _Parting:
    return _Parting(Moving(account, account.not_before(now), account, []), members, now)


def _id_of(cause: Cause) -> str:
    return derived_id("s", cause.key)


def _digest(cause: Cause, amount_mg: int) -> str:
    return digest({"cause": cause.key, "reduction_mg": amount_mg})
