"""How households are asked for and answered. Members are numbers: nobody is told an account."""

from typing import Literal, Self

from pydantic import Field

from shared.application.households import AtHome
from shared.domain.errors import InvalidSharesError
from shared.domain.household import (
    MEMBERS_MAX,
    WHOLE_BP,
    Answer,
    Household,
    Invitation,
    Member,
    Proposal,
)
from shared.domain.instants import format_instant
from shared.runtime.http import WireModel

CODE_LENGTH_MAX = 64


class InvitationRequestBody(WireModel):
    """The newcomer's share in basis points; the others keep theirs of what is left."""

    share_bp: int = Field(ge=0, lt=WHOLE_BP)


class InvitationBody(WireModel):
    """An invitation. Its code is shown once, and is good for one account until it expires."""

    code: str
    share_bp: int
    expires_at: str

    @classmethod
    def of(cls, code: str, invitation: Invitation) -> Self:
        return cls(
            code=code,
            share_bp=invitation.share_bp,
            expires_at=format_instant(invitation.expires_at),
        )


class JoinBody(WireModel):
    """The code of an invitation."""

    code: str = Field(min_length=1, max_length=CODE_LENGTH_MAX)


class ShareBody(WireModel):
    """One member's share in basis points."""

    member: int = Field(ge=1)
    share_bp: int = Field(ge=0, le=WHOLE_BP)


class SharesBody(WireModel):
    """Shares of all members; they add up to 10000."""

    shares: list[ShareBody] = Field(min_length=1, max_length=MEMBERS_MAX)

    def by_member(self) -> dict[int, int]:
        """Return the shares by number; raise InvalidSharesError for a member with two."""
        shares = {each.member: each.share_bp for each in self.shares}
        if len(shares) != len(self.shares):
            raise InvalidSharesError
        return shares


class AnswerBody(WireModel):
    """What the caller says to a proposal; `withdraw` is for who made it."""

    proposal: int = Field(ge=1)
    answer: Literal["agree", "reject", "withdraw"]

    @property
    def value(self) -> Answer:
        return Answer(self.answer)


class MemberBody(WireModel):
    """A member by number, and its share in basis points."""

    member: int
    share_bp: int
    is_you: bool

    @classmethod
    def of(cls, member: Member, account_id: str) -> Self:
        is_you = member.account_id == account_id
        return cls(member=member.number, share_bp=member.share_bp, is_you=is_you)


class ProposalBody(WireModel):
    """What the members are asked to agree to. `newcomer` is the number of who is to be let in."""

    proposal: int
    state: str
    proposed_by: int
    proposed_at: str
    members: list[MemberBody]
    agreed: list[int]
    newcomer: int | None = None

    @classmethod
    def of(cls, proposal: Proposal, account_id: str) -> Self:
        return cls(
            proposal=proposal.number,
            state=proposal.state.value,
            proposed_by=proposal.proposed_by,
            proposed_at=format_instant(proposal.proposed_at),
            members=[MemberBody.of(each, account_id) for each in proposal.members],
            agreed=list(proposal.agreed),
            newcomer=proposal.newcomer,
        )


class HouseholdBody(WireModel):
    """A household: who shares by which share, and what was proposed last.

    `membership` is `waiting` until all members have agreed to let the caller in.
    """

    household: str
    membership: str
    members: list[MemberBody]
    proposal: ProposalBody | None = None

    @classmethod
    def of(cls, home: AtHome) -> Self:
        account_id, household = home.account.account_id, home.household
        return cls(
            household=household.household_id,
            membership=_membership(household, account_id),
            members=[MemberBody.of(each, account_id) for each in household.members],
            proposal=ProposalBody.of(household.proposal, account_id)
            if household.proposal
            else None,
        )


class LeftBody(WireModel):
    """That the caller is in no household."""

    membership: str = "none"


def invitation_text(code: str) -> bytes:
    """Return what an invitation's keyed hash is of; a code is the same however it was typed."""
    return b"household invitation\n" + code.strip().lower().encode("utf-8", "surrogatepass")


def _membership(household: Household, account_id: str) -> str:
    return "member" if household.member(account_id) else "waiting"
