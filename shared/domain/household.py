"""Households: accounts that share what is saved together, by shares that all of them agreed to.

Shares are whole basis points that add up to the whole. Nobody's share changes, and nobody comes in,
before everybody has agreed; anybody may leave at once, and what they had goes to the others in
proportion. Members know each other by number only, which is never given twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from shared.domain.account import Account
from shared.domain.consent import HOUSEHOLD, PLATFORM, ConsentKey
from shared.domain.errors import (
    HouseholdFullError,
    HouseholdNotFoundError,
    InvalidSharesError,
    InvitationRefusedError,
    ProposalNotOpenError,
    ProposalOpenError,
    TooManyInvitationsError,
)

WHOLE_BP = 10_000
MEMBERS_MAX = 8
INVITATIONS_MAX = 8
INVITATION_LIFETIME = timedelta(days=7)
CONSENT = ConsentKey(HOUSEHOLD, PLATFORM)

# What is credited to one account though several people made it. Everything else is one person's.
SHARED_SCENARIOS: Mapping[str, str] = {
    "saved-electricity": "A meter counts a home, whoever of it has saved.",
    "ev-driving": "A car counts its kilometres, whoever of the household rides in it.",
}


class ProposalState(StrEnum):
    """What became of a proposal; every member's word is needed for it, one is enough against it."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[ProposalState, frozenset[ProposalState]] = {
    ProposalState.PROPOSED: frozenset(ProposalState) - {ProposalState.PROPOSED},
    ProposalState.AGREED: frozenset(),
    ProposalState.REJECTED: frozenset(),
    ProposalState.WITHDRAWN: frozenset(),
}


class Answer(StrEnum):
    """What a member says to a proposal; who made it may take it back."""

    AGREE = "agree"
    REJECT = "reject"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Member:
    """An account in a household, as the others know it: by its number and share."""

    number: int
    account_id: str
    share_bp: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the members are to be: present ones with other shares, or with a new one among them.

    `agreed` are the numbers of those who have said yes, the proposer's first; a newcomer says it by
    joining. `newcomer` is its number, or None.
    """

    number: int
    proposed_by: int
    proposed_at: datetime
    members: tuple[Member, ...]
    agreed: tuple[int, ...]
    newcomer: int | None = None
    state: ProposalState = ProposalState.PROPOSED

    @property
    def is_open(self) -> bool:
        return self.state is ProposalState.PROPOSED

    def turned(self, state: ProposalState) -> "Proposal":
        """Return the proposal in its next state; raise ProposalNotOpenError if it has an end."""
        if state not in TRANSITIONS[self.state]:
            raise ProposalNotOpenError
        return replace(self, state=state)


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """An invitation that its household remembers, to limit how many there are."""

    code_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Household:
    """The members and what they are asked to agree to; without members it is dissolved.

    `next_member` and `next_proposal` are numbers that nobody had yet. The last proposal is kept
    with its end, so that its members see it.
    """

    KIND: ClassVar[str] = "household"
    NAME: ClassVar[str] = "household"

    household_id: str
    founded_at: datetime
    members: tuple[Member, ...]
    proposal: Proposal | None = None
    invitations: tuple[IssuedInvitation, ...] = ()
    next_member: int = 2
    next_proposal: int = 1
    version: int = 1

    @property
    def owner(self) -> str:
        return self.household_id

    @property
    def name(self) -> str:
        return self.NAME

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def open_proposal(self) -> Proposal | None:
        return self.proposal if self.proposal and self.proposal.is_open else None

    def member(self, account_id: str) -> Member | None:
        """Return the account's member, None for one that is not in it, or not yet."""
        return _member(self.members, account_id)

    def waiting(self, account_id: str) -> Member | None:
        """Return what the account would be, while the members are asked to let it in."""
        proposal = self.open_proposal
        found = _member(proposal.members, account_id) if proposal else None
        return found if proposal and found and found.number == proposal.newcomer else None

    def propose(self, account_id: str, shares: Mapping[int, int], now: datetime) -> "Household":
        """Return the household with new shares proposed, in force at once for a single member.

        The same proposal of the same member again changes nothing. Raises InvalidSharesError unless
        each member has a share and they add up to the whole, and ProposalOpenError.
        """
        proposer = self._require_member(account_id)
        if set(shares) != {each.number for each in self.members}:
            raise InvalidSharesError
        members = tuple(replace(each, share_bp=shares[each.number]) for each in self.members)
        if any(each.share_bp < 0 for each in members) or _sum_bp(members) != WHOLE_BP:
            raise InvalidSharesError
        standing = self.open_proposal
        if standing:
            if standing.proposed_by == proposer.number and standing.members == members:
                return self
            raise ProposalOpenError
        proposal = Proposal(self.next_proposal, proposer.number, now, members, (proposer.number,))
        return _proposed(self, proposal)

    def invite(self, account_id: str, code_hash: str, now: datetime) -> "Household":
        """Return the household with one more invitation, without expired ones.

        Raises HouseholdFullError and TooManyInvitationsError.
        """
        self._require_member(account_id)
        if len(self.members) >= MEMBERS_MAX:
            raise HouseholdFullError
        live = [each for each in self.invitations if now < each.expires_at]
        if len(live) >= INVITATIONS_MAX:
            raise TooManyInvitationsError
        issued = IssuedInvitation(code_hash, now + INVITATION_LIFETIME)
        return replace(self, invitations=(*live, issued), version=self.version + 1)

    def admit(self, account_id: str, invitation: "Invitation", now: datetime) -> "Household":
        """Return the household with the newcomer proposed, or in it where nobody else is to agree.

        The newcomer gets the share of its invitation, and the others keep theirs of what is left.
        Raises InvitationRefusedError where the invitation no longer holds, and ProposalOpenError.
        """
        inviter = next((e for e in self.members if e.number == invitation.invited_by), None)
        if inviter is None or len(self.members) >= MEMBERS_MAX:
            raise InvitationRefusedError
        if self.open_proposal:
            raise ProposalOpenError
        newcomer = Member(self.next_member, account_id, invitation.share_bp)
        members = (*_scaled(self.members, WHOLE_BP - invitation.share_bp), newcomer)
        agreed = (inviter.number, newcomer.number)
        proposal = Proposal(
            self.next_proposal, inviter.number, now, members, agreed, newcomer.number
        )
        left = tuple(e for e in self.invitations if e.code_hash != invitation.code_hash)
        admitted = replace(self, invitations=left, next_member=self.next_member + 1)
        return _proposed(admitted, proposal)

    def answer(self, account_id: str, number: int, answer: Answer) -> "Household":
        """Return the household after a member's answer to a proposal.

        The same answer again changes nothing. Raises ProposalNotOpenError where there is no such
        proposal to answer, and HouseholdNotFoundError for somebody who is no member.
        """
        member = self._require_member(account_id)
        proposal = self.proposal
        if proposal is None or proposal.number != number:
            raise ProposalNotOpenError
        is_proposer = member.number == proposal.proposed_by
        if answer is Answer.AGREE:
            if member.number in proposal.agreed and proposal.state in {
                ProposalState.PROPOSED,
                ProposalState.AGREED,
            }:
                return self
            agreed = replace(proposal, agreed=(*proposal.agreed, member.number))
            return _settled(self, agreed)
        if answer is Answer.WITHDRAW and not is_proposer:
            raise ProposalNotOpenError
        ended = {
            Answer.REJECT: ProposalState.REJECTED,
            Answer.WITHDRAW: ProposalState.WITHDRAWN,
        }[answer]
        if proposal.state is ended:
            return self
        return replace(self, proposal=proposal.turned(ended), version=self.version + 1)

    def leave(self, account_id: str) -> "Household":
        """Return the household without the account; the others' shares become the whole again.

        What was proposed is withdrawn: it was about somebody who is no longer there. Somebody who
        waits to be let in leaves as well.
        """
        left = tuple(each for each in self.members if each.account_id != account_id)
        proposal = self.proposal
        if proposal and proposal.is_open:
            proposal = proposal.turned(ProposalState.WITHDRAWN)
        members = _scaled(left, WHOLE_BP) if len(left) < len(self.members) else self.members
        invitations = self.invitations if members else ()
        return replace(
            self,
            members=members,
            proposal=proposal,
            invitations=invitations,
            version=self.version + 1,
        )

    def _require_member(self, account_id: str) -> Member:
        member = self.member(account_id)
        if member is None:
            raise HouseholdNotFoundError
        return member


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation, by the keyed hash of its code; good for one account, and for some days."""

    KIND: ClassVar[str] = "household_invitation"
    NAME: ClassVar[str] = "invitation"

    code_hash: str
    household_id: str
    invited_by: int
    share_bp: int
    expires_at: datetime
    used_by: str | None = None
    version: int = 1

    @property
    def owner(self) -> str:
        return self.code_hash

    @property
    def name(self) -> str:
        return self.NAME

    @property
    def due_at(self) -> datetime | None:
        return None

    def used(self, account_id: str, now: datetime) -> "Invitation":
        """Return the invitation as used; raise InvitationRefusedError where it no longer can be."""
        if self.used_by is not None or now >= self.expires_at:
            raise InvitationRefusedError
        return replace(self, used_by=account_id, version=self.version + 1)


def found_household(household_id: str, account_id: str, now: datetime) -> Household:
    """Return a new household whose one member has the whole."""
    return Household(household_id, now, (Member(1, account_id, WHOLE_BP),))


def may_share(account: Account, household: Household) -> bool:
    """Tell whether the account gives to the others and takes from them now."""
    return (
        account.is_open
        and account.household == household.household_id
        and CONSENT in account.consents
        and household.member(account.account_id) is not None
    )


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts by weight that add up to the amount: the largest remainders round up.

    Of equal remainders the first does; without any weight, all count the same.
    """
    if not weights:
        return []
    total = sum(weights)
    if not total:
        weights, total = [1] * len(weights), len(weights)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(amount * weights[i] % total))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def _scaled(members: Sequence[Member], whole_bp: int) -> tuple[Member, ...]:
    shares = allocate(whole_bp, [each.share_bp for each in members])
    return tuple(replace(each, share_bp=share) for each, share in zip(members, shares, strict=True))


def _member(members: Sequence[Member], account_id: str) -> Member | None:
    return next((each for each in members if each.account_id == account_id), None)


def _sum_bp(members: Sequence[Member]) -> int:
    return sum(each.share_bp for each in members)


def _proposed(household: Household, proposal: Proposal) -> Household:
    return _settled(replace(household, next_proposal=household.next_proposal + 1), proposal)


def _settled(household: Household, proposal: Proposal) -> Household:
    """Return the next version: with the proposal in force if all present members agreed."""
    if not proposal.is_open:
        raise ProposalNotOpenError
    members = household.members
    if {each.number for each in members} <= set(proposal.agreed):
        proposal, members = proposal.turned(ProposalState.AGREED), proposal.members
    return replace(household, proposal=proposal, members=members, version=household.version + 1)
