"""Booking: what one more line makes of an account. Every balance is the fold of its lines."""

from dataclasses import replace

from shared.domain.account import Account
from shared.domain.entry import Entry
from shared.domain.movement import Line, Movement
from shared.domain.points import NO_CHANGE, PointsBalance, PointsChange


def book(account: Account, line: Line) -> Account:
    """Return the account after its next line; its version is the decision's to raise.

    A balance on hold below zero is our own error.
    """
    after = replace(
        account,
        seq=line.seq,
        chain_head=line.hash,
        last_booked_at=line.booked_at,
        points=account.points.after(points_change(account.points, line)),
    )
    if isinstance(line, Movement):
        held_mg = account.held_mg + line.held_mg
        assert held_mg >= 0
        return replace(after, moved_mg=account.moved_mg + line.reduction_mg, held_mg=held_mg)
    return replace(after, total=account.total + line.contribution)


def points_change(balance: PointsBalance, line: Line) -> PointsChange:
    """Return what a line changes of the points: an entry's depends on what is owed and there."""
    if isinstance(line, Movement):
        return line.points
    return _of_entry(balance, line)


def _of_entry(balance: PointsBalance, entry: Entry) -> PointsChange:
    if not entry.points or entry.spend_by is None:
        return NO_CHANGE
    if entry.points > 0:
        return balance.earning(entry.points, entry.spend_by)
    return balance.taking_back(-entry.points, entry.spend_by)
