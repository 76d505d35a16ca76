"""Whatever is booked in whatever order: one milligram has one fate, and retirements never meet."""

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.entry import AMENDMENTS_MAX, Cause
from shared.domain.lots import Fate, LotPart, total_of
from shared.domain.measurement import NOTHING, EvidenceGrade, Spread, Sum
from shared.domain.movement import MovementKind
from tests.support.ledger_of_one import LedgerOfOne

EVENTS = 4
AMOUNT_MAX = 10**6
spreads = st.builds(Spread, *[st.integers(0, 10**6)] * 2, st.integers(0, 10**12))
sums = st.builds(
    lambda grades, down, up, square, weakness: Sum(
        3, sum(grades), Spread(down, up, square), tuple(grades), grades[0], weakness
    ),
    st.lists(st.integers(0, 10**6), min_size=5, max_size=5).filter(any),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**12),
    st.integers(0, 2),
)


class Step(NamedTuple):
    """What happens next, to which event or hold; amounts are cut down to what there is."""

    kind: str
    number: int
    reduction_mg: int
    spread: Spread
    grade: EvidenceGrade
    is_provisional: bool


KINDS = ("credit", "complete", "correct", "reverse", "retire", "give", "receive", "hold", "end")
steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(KINDS),
        st.integers(0, 30),
        st.integers(0, AMOUNT_MAX),
        spreads,
        st.sampled_from(EvidenceGrade),
        st.booleans(),
    ),
    max_size=30,
)


def follow(wanted: list[Step]) -> tuple[LedgerOfOne, dict[str, list[LotPart]]]:
    """Return the ledger after the steps that make sense, and what each retirement previewed."""
    ledger = LedgerOfOne()
    retired: dict[str, list[LotPart]] = {}
    for number, step in enumerate(wanted):
        take(ledger, retired, number, step)
        lots, account = ledger.lots, ledger.account
        assert lots.available_mg == account.available_mg
        assert by_fate(ledger)[Fate.ON_HOLD] == account.held_mg
    return ledger, retired


def take(ledger: LedgerOfOne, retired: dict[str, list[LotPart]], number: int, step: Step) -> None:
    event = f"ride-{step.number % EVENTS}"
    standing = ledger.standing.get(Cause("metro-demo", event))
    measured = {
        "spread": step.spread,
        "grade": step.grade,
        "missing": ("distance_km",) if step.is_provisional else (),
    }
    amount_mg = min(step.reduction_mg, max(0, ledger.account.available_mg))
    may_amend = (
        standing is not None
        and not standing.is_reversal
        and standing.cause.amendment < AMENDMENTS_MAX
    )
    match step.kind:
        case "credit" if standing is None:
            ledger.credit(event, step.reduction_mg, **measured)
        case "complete" if may_amend and standing is not None and standing.is_provisional:
            ledger.complete(event, step.reduction_mg, **measured)
        case "correct" if may_amend:
            ledger.correct(event, step.reduction_mg, **measured)
        case "reverse" if may_amend:
            ledger.reverse(event)
        case "retire" if amount_mg:
            retired[f"retirement#{number}"] = ledger.retire(str(number), amount_mg)
        case "give" if amount_mg:
            ledger.spend(MovementKind.GIFT_SENT, f"gift#{number}#out", amount_mg)
        case "receive" if step.reduction_mg:
            grades = (0, step.reduction_mg, 0, 0, 0)
            ledger.receive(str(number), Sum(1, step.reduction_mg, step.spread, grades))
        case "hold" if amount_mg:
            ledger.hold(str(number), amount_mg)
        case "end" if ledger.held:
            name = sorted(ledger.held)[step.number % len(ledger.held)]
            (ledger.release if step.is_provisional else ledger.settle)(name)
        case _:
            pass


def by_fate(ledger: LedgerOfOne) -> Counter[Fate]:
    found: Counter[Fate] = Counter()
    for lot in ledger.lots.lots:
        found.update(lot.fates())
    return found


@given(steps)
def test_every_lots_fates_add_up_to_the_lot(wanted):
    ledger, _ = follow(wanted)
    for lot in ledger.lots.lots:
        assert sum(lot.fates().values()) == lot.line.reduction_mg == lot.backing.reduction_mg
        assert lot.left_mg >= 0
        assert all(part.reduction_mg > 0 for part in lot.parts)


@given(steps)
def test_a_retirement_takes_what_it_previewed_for_ever(wanted):
    ledger, retired = follow(wanted)
    lots = ledger.lots
    for key, previewed in retired.items():
        parts = lots.parts_of(key)
        assert [(each.lot, each.backing) for each in parts] == [
            (each.lot, each.backing) for each in previewed
        ]
        assert {each.fate for each in parts} == {Fate.RETIRED}
        # At most one part of each lot.
        assert len({each.lot for each in parts}) == len(parts)


@given(steps)
def test_no_two_retirements_and_nothing_else_share_a_milligram(wanted):
    ledger, retired = follow(wanted)
    taken: Counter[str] = Counter()
    for parts in retired.values():
        for part in parts:
            taken[part.lot] += part.reduction_mg
    for lot in ledger.lots.lots:
        other_mg = sum(amount for fate, amount in lot.fates().items() if fate is not Fate.RETIRED)
        assert taken[lot.lot] + other_mg == lot.line.reduction_mg
    assert sum(taken.values()) == by_fate(ledger)[Fate.RETIRED]


@given(steps)
def test_what_is_retired_is_made_of_nothing_below_zero(wanted):
    _, retired = follow(wanted)
    for parts in retired.values():
        backing = total_of(parts)
        assert backing.reduction_mg == sum(each.reduction_mg for each in parts)
        assert sum(backing.grades_mg) == backing.reduction_mg
        assert min(*backing.grades_mg, *backing.spread, backing.provisional_mg) >= 0
        assert 0 <= backing.low_mg <= backing.reduction_mg <= backing.high_mg
        assert backing.provisional_mg <= backing.reduction_mg


@given(steps, st.randoms(use_true_random=False))
def test_the_order_in_which_lines_are_read_makes_no_difference(wanted, random):
    ledger, _ = follow(wanted)
    lots = ledger.lots
    random.shuffle(ledger.lines)
    assert ledger.lots == lots


@given(st.lists(st.tuples(st.integers(1, AMOUNT_MAX), spreads), min_size=2, max_size=5))
def test_the_lots_of_a_behaviour_that_rose_are_together_as_unsure_as_it_is(results):
    ledger = LedgerOfOne()
    first, *rest = sorted(results)
    ledger.credit("ride-1", first[0], spread=first[1])
    for reduction_mg, spread in rest:
        ledger.correct("ride-1", reduction_mg, spread=spread)
    standing = ledger.standing[Cause("metro-demo", "ride-1")].standing
    total = sum((lot.backing for lot in ledger.lots.lots), NOTHING)
    assert total.reduction_mg == standing.reduction_mg
    # Each lot's share is rounded up, so that the whole is wider by a milligram each at most.
    assert standing.low_mg - 2 * len(results) <= total.low_mg <= standing.low_mg
    assert standing.high_mg <= total.high_mg <= standing.high_mg + 2 * len(results)


@given(sums, st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_parts_add_up_and_their_ranges_hold_the_whole_ones(whole, cuts):
    rest = whole
    portions, allotments = [], []
    for cut in cuts:
        part_mg = min(cut, rest.reduction_mg)
        rest = Sum(reduction_mg=rest.reduction_mg - part_mg)
        portions.append(whole.portion(part_mg))
        allotments.append(whole.allotment(part_mg))
    for part in (*portions, *allotments):
        assert sum(part.grades_mg) == part.reduction_mg
        assert min(*part.grades_mg, *part.spread, part.provisional_mg) >= 0
        # By its share: cross-multiplied, so that nothing is rounded here.
        for name in ("down_mg", "up_mg"):
            share = getattr(part.spread, name) * whole.reduction_mg
            assert share >= getattr(whole.spread, name) * part.reduction_mg
        square = part.spread.activity_mg2 * whole.reduction_mg**2
        assert square >= whole.spread.activity_mg2 * part.reduction_mg**2
    allotments.append(whole.allotment(rest.reduction_mg))
    together = sum(allotments, NOTHING)
    assert together.reduction_mg == whole.reduction_mg
    assert together.low_mg <= whole.low_mg
    assert together.high_mg >= whole.high_mg
