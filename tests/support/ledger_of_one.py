"""One account whose lines are booked one after the other, to see what becomes of its lots."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.domain.account import Account
from shared.domain.crediting import Posting, decide_credits
from shared.domain.entry import Cause, Entry
from shared.domain.lots import LotPart, Lots, hold_key, total_of, trace
from shared.domain.measurement import Sum
from shared.domain.movement import Line, Movement, MovementKind
from shared.domain.moving import Moving
from shared.domain.reversing import ReversalReason, decide_reversal
from tests.support.builders import BOOKED_AT, a_correction, a_posting, an_account


@dataclass
class LedgerOfOne:
    """An account and all of its lines, in their order."""

    account: Account = field(default_factory=an_account)
    lines: list[Line] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)

    @property
    def lots(self) -> Lots:
        return trace(self.lines)

    @property
    def now(self) -> datetime:
        return BOOKED_AT + timedelta(minutes=len(self.lines))

    @property
    def standing(self) -> dict[Cause, Entry]:
        """The newest entry of each event."""
        entries = [line for line in self.lines if isinstance(line, Entry)]
        return {entry.cause.event: entry for entry in entries}

    def post(self, posting: Posting) -> Entry:
        """Book a credit, completion or correction, and return its entry."""
        decision = decide_credits(self.account, [posting], self.now, self.standing)
        [entry] = decision.entries
        self.account = decision.account
        self.lines.append(entry)
        return entry

    def credit(self, event_id: str, reduction_mg: int, **posting: Any) -> Entry:
        return self.post(a_posting(event_id, reduction_mg=reduction_mg, **posting))

    def complete(self, event_id: str, reduction_mg: int, **posting: Any) -> Entry:
        rest = f"rest-of-{event_id}"
        return self.post(a_posting(rest, completes=event_id, reduction_mg=reduction_mg, **posting))

    def correct(self, event_id: str, reduction_mg: int, **posting: Any) -> Entry:
        standing = self.standing[Cause("metro-demo", event_id)]
        rule = f"metro-distance@{len(self.lines)}"
        return self.post(a_correction(standing, reduction_mg, rule, **posting))

    def reverse(self, event_id: str) -> Entry:
        reversal = decide_reversal(
            self.account,
            self.standing[Cause("metro-demo", event_id)],
            reason=ReversalReason.WRONG_DATA,
            requested_by="metro-demo",
            salt="00" * 16,
            now=self.now,
        )
        assert reversal.account is not None
        self.account = reversal.account
        self.lines.append(reversal.entry)
        return reversal.entry

    def move(self, kind: MovementKind, key: str, reduction_mg: int, **changes: Any) -> Movement:
        moving = Moving.begin(self.account, self.now)
        if reduction_mg < 0:
            moving.spend(-reduction_mg)
        facts: dict[str, Any] = {"about": key, "payload_digest": key, **changes}
        movement = moving.move(kind, key=key, reduction_mg=reduction_mg, **facts)
        self.account = moving.after
        self.lines += moving.movements
        return movement

    def spend(self, kind: MovementKind, key: str, reduction_mg: int) -> list[LotPart]:
        """Spend the oldest, and return the parts that were previewed for it."""
        parts = list(self.lots.preview(reduction_mg))
        self.move(kind, key, -reduction_mg, backing=total_of(parts))
        return parts

    def retire(self, name: str, reduction_mg: int) -> list[LotPart]:
        return self.spend(MovementKind.RETIREMENT, f"retirement#{name}", reduction_mg)

    def receive(self, name: str, backing: Sum) -> Movement:
        return self.move(
            MovementKind.GIFT_RECEIVED, f"gift#{name}#in", backing.reduction_mg, backing=backing
        )

    def hold(self, name: str, reduction_mg: int) -> None:
        self.held[name] = reduction_mg
        self.move(
            MovementKind.HOLD, hold_key(name), -reduction_mg, held_mg=reduction_mg, about=name
        )

    def release(self, name: str) -> None:
        held_mg = self.held.pop(name)
        key = f"redemption#{name}#release"
        self.move(MovementKind.RELEASE, key, held_mg, held_mg=-held_mg, about=name)

    def settle(self, name: str) -> None:
        held_mg = self.held.pop(name)
        key = f"redemption#{name}#settle"
        self.move(MovementKind.SETTLEMENT, key, 0, held_mg=-held_mg, about=name)
