"""What must be true of documents, and of the lines and accounts that they stand beside."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from infra.local.findings import Finding, Invariant, account_row, compare, entry_row
from infra.local.ledger import Ledger
from shared.domain.benefit import BenefitUse, StockBlock
from shared.domain.certificate import Certificate
from shared.domain.contribution import (
    Contribution,
    ContributionState,
    buyback_key,
    contribution_key,
)
from shared.domain.dispute import Dispute
from shared.domain.entry import Cause
from shared.domain.gift import received_key, sent_key
from shared.domain.household import WHOLE_BP, Household
from shared.domain.lots import hold_key, trace
from shared.domain.measurement import NOTHING
from shared.domain.movement import Line, Movement, MovementKind
from shared.domain.pool import Pool
from shared.domain.quiz import QuizDay, earned_points, quiz_key
from shared.domain.redemption import Redemption, RedemptionState, end_key
from shared.domain.retirement import retirement_key
from shared.domain.share import LIFETIME, SHARES_MAX, ShareHolder, Shares

_D = TypeVar("_D")
# Of these a unit of stock is taken, and one of what a person may have.
_TAKEN: Final = frozenset({RedemptionState.HELD, RedemptionState.SETTLED})


def _of_kind(ledger: Ledger, kind: type[_D]) -> list[_D]:
    return [each for _, each in sorted(ledger.documents.items()) if isinstance(each, kind)]


def _row(document: Any) -> str:
    return f"{document.KIND}#{document.owner} {document.name}"


def _line(ledger: Ledger, key: str) -> Line | None:
    stored = ledger.lines.get(key)
    return stored.line if stored else None


def _kind(ledger: Ledger, key: str) -> MovementKind | None:
    line = _line(ledger, key)
    return line.kind if isinstance(line, Movement) else None


def _movements(ledger: Ledger, kind: MovementKind) -> dict[str, Movement]:
    lines = {key: stored.line for key, stored in ledger.lines.items()}
    return {
        key: line
        for key, line in sorted(lines.items())
        if isinstance(line, Movement) and line.kind is kind
    }


def _holds_end_once(ledger: Ledger) -> Iterator[Finding]:
    """Each redemption has its hold, and the one end that its state says."""
    points: Counter[str] = Counter()
    held_mg: Counter[str] = Counter()
    ends = {
        RedemptionState.HELD: None,
        RedemptionState.SETTLED: MovementKind.SETTLEMENT,
    }
    redemptions = _of_kind(ledger, Redemption)
    for redemption in redemptions:
        end = ends.get(redemption.state, MovementKind.RELEASE)
        yield from compare(
            _row(redemption),
            hold=(MovementKind.HOLD, _kind(ledger, hold_key(redemption.redemption_id))),
            end=(end, _kind(ledger, end_key(redemption.redemption_id))),
            voucher=(end is MovementKind.SETTLEMENT, redemption.voucher is not None),
            due_at=(redemption.is_held, redemption.due_at is not None),
        )
        if redemption.is_held:
            points[redemption.account_id] += redemption.price.points
            held_mg[redemption.account_id] += redemption.price.reduction_mg
    known = {hold_key(each.redemption_id) for each in redemptions}
    for key in _movements(ledger, MovementKind.HOLD).keys() - known:
        yield Finding(entry_row(key), "about", "a redemption", "none")
    for account_id, account in sorted(ledger.accounts.items()):
        yield from compare(
            account_row(account_id),
            held_mg=(held_mg[account_id], account.held_mg),
            points_held=(points[account_id], account.points.held),
        )


def _stock_is_what_is_left(ledger: Ledger) -> Iterator[Finding]:
    taken = [each for each in _of_kind(ledger, Redemption) if each.state in _TAKEN]
    from_block = Counter((each.benefit_id, each.block) for each in taken)
    by_person = Counter((each.account_id, each.benefit_id) for each in taken)
    for block in _of_kind(ledger, StockBlock):
        wanted = block.size - from_block.pop((block.benefit_id, block.number), 0)
        yield from compare(_row(block), left=(wanted, block.left))
    for use in _of_kind(ledger, BenefitUse):
        wanted = by_person.pop((use.account_id, use.benefit_id), 0)
        yield from compare(_row(use), count=(wanted, use.count))
    for benefit_id, number in sorted(from_block):
        yield Finding(f"stock#{benefit_id}", "number", f"a block {number}", "none")


def _retirements_are_certified(ledger: Ledger) -> Iterator[Finding]:
    """Each retirement has one certificate, which names the lots that its line took."""
    retirements = _movements(ledger, MovementKind.RETIREMENT)
    lots = {
        account_id: trace(stored.line for stored in lines)
        for account_id, lines in ledger.by_account.items()
    }
    for certificate in _of_kind(ledger, Certificate):
        key = retirement_key(certificate.certificate_id)
        line = retirements.pop(key, None)
        if line is None:
            yield Finding(_row(certificate), "line", f"a line {key}", "none")
            continue
        parts = lots[line.account_id].parts_of(key)
        yield from compare(
            _row(certificate),
            line=(line.hash, certificate.line),
            reduction_mg=(-line.reduction_mg, certificate.backing.reduction_mg),
            lots=(
                [(part.lot, part.reduction_mg) for part in parts],
                [(part.lot, part.reduction_mg) for part in certificate.lots],
            ),
        )
    for key in retirements:
        yield Finding(entry_row(key), "about", "a certificate", "none")


def _gifts_have_two_sides(ledger: Ledger) -> Iterator[Finding]:
    sent = _movements(ledger, MovementKind.GIFT_SENT)
    received = _movements(ledger, MovementKind.GIFT_RECEIVED)
    names = {line.about for line in (*sent.values(), *received.values())}
    for gift_id in sorted(names):
        given, taken = sent.get(sent_key(gift_id)), received.get(received_key(gift_id))
        if given is None or taken is None:
            yield Finding(f"gift#{gift_id}", "lines", "both sides", "one")
            continue
        # What is received may pay a debt before it can be spent.
        arrived = taken.points.amount - taken.points.debt
        yield from compare(
            f"gift#{gift_id}",
            reduction_mg=(-given.reduction_mg, taken.reduction_mg),
            backing=(given.backing, taken.backing),
            points=(-given.points.amount, arrived),
        )


def _pools_hold_what_was_contributed(ledger: Ledger) -> Iterator[Finding]:
    """Each contribution is one line and one document, is in its pool's lot, and is paid once."""
    lines = _movements(ledger, MovementKind.CONTRIBUTION)
    buybacks = _movements(ledger, MovementKind.BUYBACK)
    by_pool: defaultdict[str, list[Contribution]] = defaultdict(list)
    for contribution in _of_kind(ledger, Contribution):
        by_pool[contribution.pool_id].append(contribution)
        line = lines.pop(contribution_key(contribution.contribution_id), None)
        paid = buybacks.pop(buyback_key(contribution.contribution_id), None)
        # A contribution whose price comes to no whole point needs no line.
        is_paid = contribution.state is ContributionState.BOUGHT_BACK and contribution.points > 0
        yield from compare(
            _row(contribution),
            line=(line.hash if line else None, contribution.line),
            total=(line.backing if line else None, contribution.total),
            reduction_mg=(contribution.total.reduction_mg, -line.reduction_mg if line else None),
            buyback=(is_paid, paid is not None),
        )
    for key in sorted({*lines, *buybacks}):
        yield Finding(entry_row(key), "about", "a contribution", "none")
    for pool in _of_kind(ledger, Pool):
        if pool.lot is not None:
            own = by_pool[pool.pool_id]
            yield from compare(
                _row(pool),
                count=(len(own), pool.lot.count),
                total=(sum((each.total for each in own), NOTHING), pool.lot.total),
            )


def _disputes_end_in_entries(ledger: Ledger) -> Iterator[Finding]:
    for dispute in _of_kind(ledger, Dispute):
        yield from compare(_row(dispute), due_at=(dispute.is_open, dispute.due_at is not None))
        if dispute.is_open and dispute.lines:
            yield Finding(_row(dispute), "lines", "none while it is open", "some")
        for key in dispute.lines:
            line = _line(ledger, key)
            found = line.account_id if line is not None else None
            yield from compare(_row(dispute), lines=(dispute.account_id, found))


def _nothing_follows_a_reversal(ledger: Ledger) -> Iterator[Finding]:
    for cause, stored in sorted(ledger.entries.items()):
        if stored.entry.is_reversal:
            standing = (stored.entry.standing_mg, stored.entry.standing_points)
            later: Cause = stored.entry.cause.next_amendment
            yield from compare(
                entry_row(cause),
                standing=((0, 0), standing),
                amendment=(False, later.key in ledger.entries),
            )


def _households_are_whole(ledger: Ledger) -> Iterator[Finding]:
    """Shares add up, and an account is in the one household that it names."""
    households = _of_kind(ledger, Household)
    homes: dict[str, str] = {}
    for household in households:
        if household.members:
            shares = sum(member.share_bp for member in household.members)
            yield from compare(_row(household), shares=(WHOLE_BP, shares))
        for member in household.members:
            first = homes.setdefault(member.account_id, household.household_id)
            if first != household.household_id:
                yield Finding(account_row(member.account_id), "household", "one", "two")
    by_id = {household.household_id: household for household in households}
    for account_id, account in sorted(ledger.accounts.items()):
        home = by_id.get(account.household or "")
        waits = home is not None and home.waiting(account_id) is not None
        if not waits:
            found = account.household if account.is_open else homes.get(account_id)
            wanted = homes.get(account_id) if account.is_open else None
            yield from compare(account_row(account_id), household=(wanted, found))


def _answers_earn_once(ledger: Ledger) -> Iterator[Finding]:
    """Each line that an answer earned stands beside the answer, which was right."""
    lines = _movements(ledger, MovementKind.EARNED)
    for day in _of_kind(ledger, QuizDay):
        for answer in day.answers:
            key = quiz_key(day.account_id, day.day, answer.question_id)
            line = lines.pop(key, None)
            yield from compare(
                _row(day),
                points=(earned_points(line) if line else 0, answer.points),
                is_correct=(line is not None or answer.is_correct, answer.is_correct),
                asked=(True, answer.question_id in day.asked),
            )
    for key in lines:
        yield Finding(entry_row(key), "about", "an answer", "none")


def _cards_are_found_and_end(ledger: Ledger) -> Iterator[Finding]:
    """Each share card is found by its token alone, is somebody's, and ends by itself."""
    for shares in _of_kind(ledger, Shares):
        yield from compare(
            _row(shares),
            account=(True, shares.account_id in ledger.accounts),
            shares=(True, len(shares.shares) <= SHARES_MAX),
        )
        for share in shares.shares:
            holder = ShareHolder(share.token, shares.account_id, share.share_id)
            place = (ShareHolder.KIND, share.token, ShareHolder.NAME)
            yield from compare(
                f"{_row(shares)} {share.share_id}",
                holder=(holder, ledger.documents.get(place)),
                expires_at=(share.created_at + LIFETIME, share.expires_at),
            )


def _count(kind: type[Any]) -> Any:
    return lambda ledger: len(_of_kind(ledger, kind))


DOCUMENT_INVARIANTS: Final = (
    Invariant("a hold ends once", _holds_end_once, _count(Redemption), "redemptions"),
    Invariant("stock is what is left", _stock_is_what_is_left, _count(StockBlock), "blocks"),
    Invariant(
        "retirements are certified", _retirements_are_certified, _count(Certificate), "certificates"
    ),
    Invariant(
        "gifts have two sides",
        _gifts_have_two_sides,
        lambda ledger: len(_movements(ledger, MovementKind.GIFT_SENT)),
        "gifts",
    ),
    Invariant(
        "pools hold what was contributed",
        _pools_hold_what_was_contributed,
        _count(Contribution),
        "contributions",
    ),
    Invariant(
        "nothing follows a reversal",
        _nothing_follows_a_reversal,
        lambda ledger: sum(each.entry.is_reversal for each in ledger.entries.values()),
        "reversals",
    ),
    Invariant("disputes end in entries", _disputes_end_in_entries, _count(Dispute), "disputes"),
    Invariant("households are whole", _households_are_whole, _count(Household), "households"),
    Invariant("answers earn once", _answers_earn_once, _count(QuizDay), "days of the quiz"),
    Invariant("cards are found and end", _cards_are_found_and_end, _count(Shares), "holders"),
)
