"""Moving value: what every hold, retirement, gift and contribution has in common."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.account import Account
from shared.domain.booking import book
from shared.domain.canonical import digest
from shared.domain.errors import AccountInDebtError, InsufficientReductionsError
from shared.domain.instants import ledger_day
from shared.domain.measurement import NOTHING, Sum
from shared.domain.movement import ARRIVALS, Movement, MovementKind
from shared.domain.points import NO_CHANGE, PointsChange


def require_no_debt(account: Account) -> None:
    """Raise AccountInDebtError while the account owes anything to a reversal."""
    if account.debt_mg or account.points.debt:
        raise AccountInDebtError


@dataclass(slots=True)
class Moving:
    """An account on its way through one decision, and the movements that it took so far.

    Lines are booked at `now`, but never before what the account already knows. Points that have
    lapsed by then are booked as lapsed first, so that nothing spends them.
    """

    before: Account
    now: datetime
    account: Account
    movements: list[Movement]

    @classmethod
    def begin(cls, account: Account, now: datetime) -> "Moving":
        moving = cls(account, account.not_before(now), account, [])
        moving.lapse()
        return moving

    @property
    def after(self) -> Account:
        """The account as it is to be committed."""
        return replace(self.account, version=self.before.version + 1)

    def lapse(self) -> None:
        """Book what can no longer be spent."""
        today = ledger_day(self.now)
        lapsed = self.account.points.lapsing(today)
        if lapsed.available:
            days = sorted(last.isoformat() for last in lapsed.available)
            self.move(
                MovementKind.LAPSE,
                # A point that came back from a hold can lapse after others of its day did.
                key=f"lapse#{self.account.account_id}#{self.account.seq + 1}",
                about=days[-1],
                payload_digest=digest(days),
                points=lapsed,
            )

    def spend(self, reduction_mg: int) -> None:
        """Raise AccountInDebtError while anything is owed, for whatever is to be spent.

        Raises InsufficientReductionsError unless as many reductions can be spent.
        """
        require_no_debt(self.account)
        if not 0 <= reduction_mg <= self.account.available_mg:
            raise InsufficientReductionsError

    def move(
        self,
        kind: MovementKind,
        *,
        key: str,
        about: str,
        payload_digest: str,
        reduction_mg: int = 0,
        held_mg: int = 0,
        points: PointsChange = NO_CHANGE,
        backing: Sum = NOTHING,
    ) -> Movement:
        """Book one movement and return it; what arrives says what it is made of."""
        assert kind not in ARRIVALS or backing.reduction_mg == reduction_mg
        account = self.account
        movement = Movement(
            key=key,
            kind=kind,
            account_id=account.account_id,
            seq=account.seq + 1,
            booked_at=self.now,
            about=about,
            payload_digest=payload_digest,
            previous_hash=account.chain_head,
            reduction_mg=reduction_mg,
            held_mg=held_mg,
            points=points,
            backing=backing,
        )
        self.account = book(account, movement)
        self.movements.append(movement)
        return movement
