"""Whatever is changed in a receipt, and whoever signs it then: both verifiers say where."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import cycle, islice
from typing import Any

import pytest

from infra.verify.receipt import verify_receipt
from shared.domain.entry import AmendmentKind, Original
from shared.domain.measurement import EvidenceGrade, Spread
from tests.support.node import answers
from tests.support.receipts import SERVICE, STRANGER, a_receipt
from tests.support.tampering import (
    SIGNATURE_ALONE,
    at,
    changed,
    leaves,
    named_by_recomputation,
    named_in_place,
    objects,
    with_value,
    without,
)

Body = dict[str, Any]
# For each body, the pointers of its findings.
Verifier = Callable[[Sequence[Body]], list[set[str]]]

BEFORE = Original(
    kind=AmendmentKind.COMPLETION,
    methodology="test-ride@2026.1",
    reduction_mg=200_000,
    spread=Spread(100_000, 90_000, 4_000_000),
    grade=EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
    is_provisional=True,
)
LAST_DAY = date(2027, 12, 31)
REVERSED = replace(
    BEFORE,
    kind=AmendmentKind.REVERSAL,
    grade=EvidenceGrade.METERED,
    is_provisional=False,
    points=5,
)
RECEIPTS = {
    "credit": a_receipt(),
    "credit that earned points": a_receipt(points=4, spend_by=LAST_DAY),
    "provisional completion": a_receipt({"distance_km": "8.500"}, amends=BEFORE),
    "reversal": a_receipt(amends=REVERSED, points=-5, spend_by=LAST_DAY, reason="fraud"),
    "user's word": a_receipt(reason="claimed", grade=EvidenceGrade.REPORTED),
}
# What JSON may hold in any place; none of these is what stands there.
ODDITIES_IN_TURN = 2
ODDITIES: tuple[Any, ...] = (None, True, -1, 10**29, "", "x", "1e3", [], {}, {"__proto__": "x"})


def by_python(bodies: Sequence[Body]) -> list[set[str]]:
    keys = tuple(SERVICE.jwks["keys"])
    return [{each.pointer for each in verify_receipt(body, keys, {}).findings} for body in bodies]


def by_javascript(bodies: Sequence[Body]) -> list[set[str]]:
    found = answers(
        {"do": "verify", "body": json.dumps(body), "jwks": SERVICE.jwks} for body in bodies
    )
    return [{each["pointer"] for each in findings} for findings in found]


@pytest.fixture(params=[by_python, by_javascript])
def verifier(request: pytest.FixtureRequest) -> Verifier:
    chosen: Verifier = request.param
    return chosen


@pytest.fixture(params=RECEIPTS)
def receipt(request: pytest.FixtureRequest) -> Body:
    return RECEIPTS[request.param]


@pytest.fixture
def pointers(receipt: Body) -> list[str]:
    return list(leaves(receipt))


def tampered(receipt: Body, pointer: str) -> Body:
    return with_value(receipt, pointer, changed(at(receipt, pointer)))


def unnoticed(
    verifier: Verifier, bodies: dict[str, Body], wanted: Callable[[str], set[str]]
) -> dict[str, set[str]]:
    """Return the changes, by pointer, of which no finding is where it should be."""
    found = verifier(list(bodies.values()))
    return {
        pointer: findings
        for pointer, findings in zip(bodies, found, strict=True)
        if not wanted(pointer) & findings
    }


def signature(_: str) -> set[str]:
    return {"/jws"}


def test_an_honest_receipt_has_no_finding(verifier: Verifier, receipt: Body):
    assert verifier([SERVICE.body(receipt)]) == [set()]


def test_there_are_many_fields_to_change(pointers: list[str]):
    assert len(pointers) > 150
    assert len(set(pointers)) == len(pointers)


def test_what_differs_from_what_was_signed_is_named(
    verifier: Verifier, receipt: Body, pointers: list[str]
):
    jws = SERVICE.body(receipt)["jws"]
    bodies = {each: {"receipt": tampered(receipt, each), "jws": jws} for each in pointers}

    assert unnoticed(verifier, bodies, named_in_place) == {}


def test_another_key_is_named_and_so_is_what_it_was_needed_for(
    verifier: Verifier, receipt: Body, pointers: list[str]
):
    bodies = {each: STRANGER.body(tampered(receipt, each)) for each in pointers}

    assert unnoticed(verifier, bodies, signature) == {}
    recomputable = {each: bodies[each] for each in pointers if each not in SIGNATURE_ALONE}
    assert unnoticed(verifier, recomputable, named_by_recomputation) == {}


def test_an_old_signature_does_not_cover_what_was_changed_in_both_places(
    verifier: Verifier, receipt: Body, pointers: list[str]
):
    head, _, tail = SERVICE.body(receipt)["jws"].split(".")
    bodies = {}
    for each in pointers:
        body = SERVICE.body(tampered(receipt, each))
        payload = body["jws"].split(".")[1]
        bodies[each] = {**body, "jws": f"{head}.{payload}.{tail}"}

    assert unnoticed(verifier, bodies, signature) == {}
    recomputable = {each: bodies[each] for each in pointers if each not in SIGNATURE_ALONE}
    assert unnoticed(verifier, recomputable, named_by_recomputation) == {}


def test_what_even_the_service_signs_must_follow_from_the_facts(
    verifier: Verifier, receipt: Body, pointers: list[str]
):
    bodies = {
        each: SERVICE.body(tampered(receipt, each))
        for each in pointers
        if each not in SIGNATURE_ALONE
    }

    assert unnoticed(verifier, bodies, named_by_recomputation) == {}


def test_what_is_missing_is_noticed(verifier: Verifier, receipt: Body, pointers: list[str]):
    jws = SERVICE.body(receipt)["jws"]
    bodies = {each: without(receipt, each) for each in pointers}
    signed = {each: SERVICE.body(body) for each, body in bodies.items()}
    unsigned = {each: {"receipt": body, "jws": jws} for each, body in bodies.items()}

    assert set() not in verifier(list(signed.values()))
    assert set() not in verifier(list(unsigned.values()))


@pytest.mark.parametrize("name", ["more", "__proto__"])
def test_what_is_too_much_is_noticed(verifier: Verifier, receipt: Body, name: str):
    bodies = [with_value(receipt, f"{each}/{name}", "x") for each in objects(receipt)]

    assert set() not in verifier([SERVICE.body(each) for each in bodies])


def oddities(receipt: Body, pointers: list[str]) -> Iterator[Body]:
    """Yield the receipt with some odd value in each place, another one each time."""
    turn = cycle(ODDITIES)
    for pointer in pointers:
        standing = at(receipt, pointer)
        for oddity in islice(turn, ODDITIES_IN_TURN):
            if (type(oddity), oddity) != (type(standing), standing):
                yield with_value(receipt, pointer, oddity)


def test_no_value_is_too_odd_to_be_noticed(verifier: Verifier, receipt: Body, pointers: list[str]):
    places = [each for each in pointers if each not in SIGNATURE_ALONE]
    places += [f"/receipt/{each}" for each in ("entry", "methodology", "measurement", "booking")]

    assert set() not in verifier([SERVICE.body(each) for each in oddities(receipt, places)])


def test_only_the_signature_tells_how_sure_a_replaced_credit_was():
    receipt = RECEIPTS["provisional completion"]
    bodies = [SERVICE.body(tampered(receipt, each)) for each in sorted(SIGNATURE_ALONE)]

    assert by_python(bodies) == by_javascript(bodies) == [set()] * len(SIGNATURE_ALONE)


def test_a_reversal_takes_back_as_many_points_as_had_been_earned(verifier: Verifier):
    receipt = RECEIPTS["reversal"]
    bodies = [
        SERVICE.body(with_value(receipt, "/receipt/entry/original/points", 6)),
        SERVICE.body(with_value(receipt, "/receipt/entry/points", -4)),
    ]
    assert all("/receipt/entry/points" in findings for findings in verifier(bodies))


def test_a_reversal_that_takes_back_less_is_named(verifier: Verifier):
    receipt = with_value(RECEIPTS["reversal"], "/receipt/entry/reduction_mg", -199_999)
    [findings] = verifier([SERVICE.body(receipt)])
    assert findings == {"/receipt/entry/reduction_mg"}


def test_what_was_claimed_has_the_lowest_grade_and_what_was_not_has_its_own(verifier: Verifier):
    claimed, metered = RECEIPTS["user's word"], RECEIPTS["credit"]
    bodies = [
        SERVICE.body(with_value(claimed, "/receipt/entry/evidence_grade", 1)),
        SERVICE.body(with_value(metered, "/receipt/entry/evidence_grade", 5)),
    ]
    assert all("/receipt/entry/evidence_grade" in findings for findings in verifier(bodies))


def test_a_reversal_is_not_claimed_and_what_is_claimed_says_nothing_else(verifier: Verifier):
    bodies = [
        SERVICE.body(with_value(RECEIPTS["reversal"], "/receipt/entry/reason", "claimed")),
        SERVICE.body(with_value(RECEIPTS["user's word"], "/receipt/entry/reason", "fraud")),
    ]
    assert verifier(bodies) == [{"/receipt/entry/reason"}] * 2


def test_both_verifiers_find_the_same(receipt: Body, pointers: list[str]):
    # What each makes of a methodology that nobody could have released is its own affair.
    places = [each for each in pointers if not each.startswith("/receipt/methodology/")]
    jws = SERVICE.body(receipt)["jws"]
    bodies = [SERVICE.body(tampered(receipt, each)) for each in places]
    bodies += [{"receipt": tampered(receipt, each), "jws": jws} for each in places]

    assert by_python(bodies) == by_javascript(bodies)
