"""A store with a catalogue and buyers, and every step of a redemption in one call."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from shared.application.cancel_redemption import cancel_redemption
from shared.application.changing import ATTEMPTS_MAX, Moved
from shared.application.fulfil_redemptions import Fulfilment, fulfil_redemptions
from shared.application.ports import AccountChange, FulfilmentOrder
from shared.application.publish_benefits import publish_benefits
from shared.application.reconcile_redemptions import reconcile_redemptions
from shared.application.redeem_benefit import redeem_benefit
from shared.domain.account import Account
from shared.domain.benefit import Benefit, BenefitUse, Price, StockBlock
from shared.domain.errors import StaleAccountError
from shared.domain.measurement import Sum
from shared.domain.points import PointsBalance
from shared.domain.redemption import Redemption, redemption_id_for
from tests.support.builders import BOOKED_AT, a_sum, an_account
from tests.support.fakes import (
    FakeAccounts,
    FakeDocuments,
    FakeFulfilmentQueue,
    FakeSuppliers,
    FakeVouchers,
    Store,
    no_pause,
)

NOW = BOOKED_AT
YEAR_END, NEXT_YEAR_END = date(2026, 12, 31), date(2027, 12, 31)


def a_benefit(
    benefit_id: str = "coffee", *, points: int = 30, reduction_mg: int = 0, **changes: Any
) -> Benefit:
    facts: dict[str, Any] = {
        "texts": {
            "en": {"title": "Coffee", "terms": "One."},
            "zh-Hans": {"title": "咖啡", "terms": "一杯。"},
        },
        "price": Price(points, reduction_mg),
        "supplier": "demo-supplier",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "stock": 10,
        "block_size": 4,
    }
    return Benefit(benefit_id, **{**facts, **changes})


def a_buyer(
    account_id: str = "a1",
    points: Mapping[date, int] | None = None,
    reduction_mg: int = 2_000_000,
    **changes: Any,
) -> Account:
    """Return an account with points by their last day (20 this year, 80 the next) and 2 kg."""
    balance = PointsBalance({YEAR_END: 20, NEXT_YEAR_END: 80} if points is None else dict(points))
    total: Sum = a_sum(1, reduction_mg)
    return replace(an_account(account_id), total=total, points=balance, **changes)


class CapturedError(Exception):
    """A commit was kept for later."""


class LateAccounts(FakeAccounts):
    """Accounts whose commit is kept, once it was refused as often as its buyer lost before."""

    def __init__(self, store: Store, losses: int) -> None:
        super().__init__(store)
        self.losses = losses
        self.kept: AccountChange | None = None

    def commit(self, change: AccountChange, *_: AccountChange) -> None:
        if self.losses:
            self.losses -= 1
            raise StaleAccountError
        self.kept = change
        raise CapturedError


def lost_races(buyers: int, block_size: int) -> tuple[int, int]:
    """Let so many buy one unit each of as many, all of them at the same moment.

    In each wave everybody who has none yet reads and decides, and then all commit; of those who
    chose one block, the first wins. Returns the lost races and the number of waves.
    """
    shop = Shop(a_benefit(points=1, stock=buyers, block_size=block_size))
    waiting = [f"a{number}" for number in range(buyers)]
    for account_id in waiting:
        shop.buyer(a_buyer(account_id))
    lost = wave = 0
    accounts = shop.accounts
    while waiting:
        kept: dict[str, AccountChange] = {}
        for account_id in waiting:
            late = LateAccounts(shop.store, losses=min(wave, ATTEMPTS_MAX - 1))
            shop.accounts = late
            with suppress(CapturedError):
                shop.redeem(account_id=account_id)
            assert late.kept is not None
            kept[account_id] = late.kept
        waiting = []
        for account_id, change in kept.items():
            try:
                accounts.commit(change)
            except StaleAccountError:
                lost += 1
                waiting.append(account_id)
        wave += 1
    return lost, wave


class Shop:
    """One store with its queue, supplier and vouchers, at a time that tests move."""

    def __init__(self, *benefits: Benefit) -> None:
        self.store = Store()
        self.accounts = FakeAccounts(self.store)
        self.documents = FakeDocuments(self.store)
        self.queue = FakeFulfilmentQueue()
        self.suppliers = FakeSuppliers()
        self.vouchers = FakeVouchers()
        self.now = NOW
        if benefits:
            self.publish(*benefits)

    def publish(self, *benefits: Benefit) -> Any:
        return publish_benefits(self.documents, benefits, now=self.now, pause=no_pause)

    def buyer(self, account: Account | None = None) -> Account:
        buyer = account or a_buyer()
        return self.store.add(buyer, f"subject-{buyer.account_id}")

    def pass_time(self, **delta: int) -> datetime:
        self.now += timedelta(**delta)
        return self.now

    # Steps

    def redeem(
        self,
        benefit_id: str = "coffee",
        key: str = "key-1",
        account_id: str = "a1",
        price: Price | None = None,
        *,
        request: str = "request",
        is_dry_run: bool = False,
    ) -> Moved[Redemption]:
        benefit = self.documents.get(Benefit, "catalogue", benefit_id)
        return redeem_benefit(
            self.accounts,
            self.documents,
            self.queue,
            subject_hash=f"subject-{account_id}",
            benefit_id=benefit_id,
            quoted=price or (benefit.price if benefit else Price(1)),
            idempotency_key=key,
            request_digest=request,
            is_dry_run=is_dry_run,
            now=self.now,
            pause=no_pause,
        )

    def fulfil(self, *redemption_ids: str, account_id: str = "a1") -> Fulfilment:
        """Deliver these, or all that were sent."""
        ids = redemption_ids or tuple(each.redemption_id for each in self.queue.sent)
        orders = {f"m{n}": FulfilmentOrder(account_id, each) for n, each in enumerate(ids)}
        if not redemption_ids:
            self.queue.sent.clear()
        return fulfil_redemptions(
            self.accounts,
            self.documents,
            self.suppliers,
            self.vouchers,
            orders=orders,
            now=self.now,
            pause=no_pause,
        )

    def cancel(
        self, key: str = "key-1", account_id: str = "a1", *, is_dry_run: bool = False
    ) -> Moved[Redemption]:
        return cancel_redemption(
            self.accounts,
            self.documents,
            self.suppliers,
            subject_hash=f"subject-{account_id}",
            redemption_id=redemption_id_for(account_id, key),
            is_dry_run=is_dry_run,
            now=self.now,
            pause=no_pause,
        )

    def reconcile(self) -> dict[str, int]:
        return reconcile_redemptions(
            self.accounts,
            self.documents,
            self.suppliers,
            self.vouchers,
            self.queue,
            now=self.now,
            pause=no_pause,
        )

    # Looks

    def account(self, account_id: str = "a1") -> Account:
        return self.store.accounts[account_id]

    def redemption(self, key: str = "key-1", account_id: str = "a1") -> Redemption:
        found = self.documents.get(Redemption, account_id, redemption_id_for(account_id, key))
        assert found is not None
        return found

    def left(self, benefit_id: str = "coffee") -> int:
        blocks, _ = self.documents.of_owner(StockBlock, benefit_id, limit=100)
        return sum(each.left for each in blocks)

    def used(self, benefit_id: str = "coffee", account_id: str = "a1") -> int:
        use = self.documents.get(BenefitUse, account_id, benefit_id)
        return use.count if use else 0

    def kinds(self, account_id: str = "a1") -> list[str]:
        """Return the kinds of the account's movements in their order."""
        moved = [each for each in self.store.movements.values() if each.account_id == account_id]
        return [each.kind.value for each in sorted(moved, key=lambda each: each.seq)]
