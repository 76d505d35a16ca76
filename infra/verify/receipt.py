"""Verify a receipt: its signature, what was signed, and every number worked out again.

The checks go from the outside in, and all of them are made, so that a finding that follows from
another one stands below it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from infra.verify.differences import NOTHING, Difference, differences, pointer_to
from infra.verify.facts import Count, Day, Facts, Hash, Instant, Quantity, Text, check_facts
from infra.verify.released import Release
from infra.verify.report import Json, Keys, Report, check_signed
from shared.application.get_entry import entry_id
from shared.domain.canonical import digest
from shared.domain.entry import CLAIMED, AmendmentKind, Behaviour, Cause, Entry, Original
from shared.domain.errors import CarbonAccountError, CatalogueError, InvalidRequestError
from shared.domain.instants import ledger_day, parse_instant
from shared.domain.measurement import GRADES, NO_SPREAD, EvidenceGrade, Spread
from shared.domain.methodology import Methodology, Use
from shared.domain.receipt import CREDIT, RECEIPT_TYPE, build_receipt


def verify_receipt(body: Json, keys: Keys | None, released: Mapping[str, Release]) -> Report:
    """Return what is wrong with a receipt and its signature, which `is_receipt` says it has.

    `keys` are the service's published ones, None where they are not at hand.
    """
    report = Report("receipt")
    receipt = body["receipt"]
    check_signed(receipt, body["jws"], RECEIPT_TYPE, keys, report)
    methodology = _check_methodology(receipt, released, report)
    facts = _check_facts(receipt.get("entry"), report)
    if methodology is not None and facts is not None:
        _check_result(receipt, methodology, facts, report)
    return report


def is_receipt(body: Json) -> bool:
    """Whether this has the form of the answer that a receipt comes in."""
    return isinstance(body.get("receipt"), dict) and isinstance(body.get("jws"), str)


# The methodology


def _check_methodology(
    receipt: Json, released: Mapping[str, Release], report: Report
) -> Methodology | None:
    document = receipt.get("methodology")
    if not isinstance(document, dict):
        report.find("/receipt/methodology", "The methodology is not in the receipt.")
        return None
    lasting = {name: value for name, value in document.items() if name != "effective_until"}
    computed = digest(lasting)
    written = receipt.get("methodology_digest", NOTHING)
    for each in differences(written, computed, "/receipt/methodology_digest"):
        report.differ(each, "of its methodology it is")
    _check_released(document, computed, released, report)
    try:
        return Methodology.from_document(document)
    except CatalogueError as error:
        report.find("/receipt/methodology", error.detail)
        return None


def _check_released(
    document: Json, computed: str, released: Mapping[str, Release], report: Report
) -> None:
    reference = f"{document.get('id')}@{document.get('version')}"
    release = released.get(reference)
    if release is None:
        report.notes.append(
            f"{reference} is not known here. Its digest should be in the answer of "
            f"GET /v1/methodologies: {computed}"
        )
        return
    if release.digest != computed:
        report.find(
            "/receipt/methodology",
            f"{reference} was released with the digest {release.digest}, this has {computed}.",
        )
        known = document if release.document is None else release.document
        for each in differences(document, known, "/receipt/methodology"):
            if each.pointer != "/receipt/methodology/effective_until":
                report.differ(each, "what was released says")
    # A receipt from before the version ended does not say that it would end.
    until = release.effective_until.isoformat() if release.effective_until else NOTHING
    if document.get("effective_until", until) != until:
        difference = Difference(
            "/receipt/methodology/effective_until", document["effective_until"], until
        )
        report.differ(difference, "what was released says")


# The facts of the entry that nothing else in a receipt implies


class OriginalFacts(Facts):
    kind: Literal["completion", "correction", "reversal"]
    methodology: Text
    reduction_mg: Count
    down_mg: Count
    up_mg: Count
    activity_mg2: Count
    evidence_grade: Annotated[int, Field(ge=1, le=GRADES)]
    provisional: bool
    points: Count

    def original(self) -> Original:
        return Original(
            kind=AmendmentKind(self.kind),
            methodology=self.methodology,
            reduction_mg=self.reduction_mg,
            spread=Spread(self.down_mg, self.up_mg, self.activity_mg2),
            grade=EvidenceGrade(self.evidence_grade),
            is_provisional=self.provisional,
            points=self.points,
        )


class EntryFacts(Facts):
    account_id: Text
    seq: Annotated[int, Field(ge=1)]
    scenario: Text
    partner: Text
    event_id: Text
    amendment: Count
    occurred_at: Instant
    booked_at: Instant
    inputs: dict[str, Quantity]
    points: int
    spend_by: Day | None
    reason: Text | None
    consent_number: Count
    payload_digest: Hash
    salt: Annotated[str, Field(pattern=r"^([0-9a-f]{2})+$")]
    previous_hash: Hash
    original: OriginalFacts | None

    @property
    def quantities(self) -> dict[str, Decimal]:
        return {name: Decimal(text) for name, text in self.inputs.items()}

    @property
    def cause(self) -> Cause:
        return Cause(self.partner, self.event_id, self.amendment)

    def entry(self, methodology: Methodology, inputs: Mapping[str, Decimal]) -> Entry:
        """Return the entry that these facts and the methodology make."""
        measured = methodology.measure(inputs)
        original = self.original.original() if self.original else None
        before_mg = original.reduction_mg if original else 0
        credited_mg = measured.reduction_mg
        missing = measured.missing
        grade = EvidenceGrade.REPORTED if self.reason == CLAIMED else measured.grade
        if original is not None and original.kind is AmendmentKind.COMPLETION:
            credited_mg = max(credited_mg, before_mg)
        spread = measured.spread_around(credited_mg)
        points = self.points
        if original is not None and original.kind is AmendmentKind.REVERSAL:
            credited_mg, spread, missing, points = 0, NO_SPREAD, (), -original.points
            grade = original.grade
        return Entry(
            cause=self.cause,
            account_id=self.account_id,
            seq=self.seq,
            behaviour=Behaviour(self.scenario, parse_instant(self.occurred_at), inputs),
            booked_at=parse_instant(self.booked_at),
            reduction_mg=credited_mg - before_mg,
            spread=spread,
            grade=grade,
            methodology=methodology.reference,
            label=methodology.label_for(measured.missing),
            consent_number=self.consent_number,
            payload_digest=self.payload_digest,
            salt=self.salt,
            previous_hash=self.previous_hash,
            missing=missing,
            original=original,
            points=points,
            spend_by=date.fromisoformat(self.spend_by) if self.spend_by else None,
            reason=self.reason or "",
        )


def _check_facts(entry: object, report: Report) -> EntryFacts | None:
    facts = check_facts(EntryFacts, entry, "/receipt/entry", report)
    if facts is None:
        return None
    if (facts.amendment > 0) is (facts.original is None):
        sentence = "An amendment names what it amends, an event's own entry does not."
        report.find("/receipt/entry/amendment", sentence)
        return None
    is_reversal = facts.original is not None and facts.original.kind == "reversal"
    if is_reversal is (facts.reason in {None, CLAIMED}):
        sentence = "A reversal says why, and nothing else does but what was claimed."
        report.find("/receipt/entry/reason", sentence)
        return None
    if facts.points and facts.spend_by is None:
        report.find("/receipt/entry/spend_by", "Points have a last day.")
        return None
    return facts


# The result


def _check_result(
    receipt: Json, methodology: Methodology, facts: EntryFacts, report: Report
) -> None:
    _check_applies(methodology, facts, report)
    try:
        inputs = _check_inputs(methodology, facts, report)
        if inputs is None:
            return
        expected = _recomputed(methodology, facts, inputs)
    except (CarbonAccountError, ArithmeticError, TypeError) as error:
        # A document that nobody released may hold anything.
        report.find("/receipt/measurement", f"It cannot be worked out: {error}")
        return
    for name in ("methodology", "methodology_digest"):
        # They have been checked by themselves.
        expected[name] = receipt.get(name)
    cases = expected["measurement"].pop("cases")
    written = dict(receipt)
    if isinstance(written.get("measurement"), dict):
        written["measurement"] = dict(written["measurement"])
        _compare_cases(written["measurement"].pop("cases", NOTHING), cases, report)
    # In the order in which a result comes about.
    names = ("version", "methodology", "methodology_digest", "label", "measurement", "booking")
    ordered = {name: expected[name] for name in (*names, "entry")}
    for each in differences(written, ordered, "/receipt"):
        report.differ(each, "recomputed it is")
    down_mg, up_mg = (expected["measurement"][name] for name in ("down_mg", "up_mg"))
    if down_mg < 0 or up_mg < 0:
        sentence = "The methodology's bounds lie on the wrong side of its values."
        report.find("/receipt/methodology/parameters", sentence)


def _recomputed(
    methodology: Methodology, facts: EntryFacts, inputs: Mapping[str, Decimal]
) -> dict[str, Any]:
    measured = facts.entry(methodology, inputs)
    expected: dict[str, Any] = build_receipt(measured, methodology, entry_id(measured.cause))
    # The digests cover everything that was reported, whatever of it was measured.
    entry = replace(measured, behaviour=replace(measured.behaviour, inputs=facts.quantities))
    expected["entry"] |= {
        "inputs": {name: str(value) for name, value in facts.quantities.items()},
        "detail_digest": entry.detail_digest,
        "hash": entry.hash,
    }
    return expected


def _check_applies(methodology: Methodology, facts: EntryFacts, report: Report) -> None:
    if (methodology.use, methodology.scenario) != (Use.CREDIT, facts.scenario):
        sentence = f"{methodology.reference} does not credit the scenario {facts.scenario}."
        report.find("/receipt/entry/scenario", sentence)
    occurred_at = parse_instant(facts.occurred_at)
    # An amendment may apply another version than that of the day.
    if facts.amendment == 0 and not methodology.in_force(occurred_at):
        sentence = f"{methodology.reference} was not in force on {ledger_day(occurred_at)}."
        report.find("/receipt/entry/occurred_at", sentence)


def _check_inputs(
    methodology: Methodology, facts: EntryFacts, report: Report
) -> dict[str, Decimal] | None:
    """Return what was reported, None where the methodology would not have taken it."""
    pointer = "/receipt/entry/inputs"
    values = facts.quantities
    unknown = values.keys() - {each.name for each in methodology.inputs}
    if facts.amendment:
        # An amendment keeps what its event reported, all of which its methodology may not read.
        unknown = set()
    for name in sorted(unknown):
        report.find(pointer_to(pointer, name), "The methodology has no such input.")
    try:
        inputs = methodology.read_inputs(values)
    except InvalidRequestError as error:
        for place, problem in error.pointers:
            report.find(f"{pointer}/{place.removeprefix('/data/')}", f"The value {problem}.")
        return None
    return None if unknown else inputs


def _compare_cases(written: Any, expected: Sequence[Json], report: Report) -> None:
    """Of each case, name the first step that differs: those that follow rest on it."""
    pointer = "/receipt/measurement/cases"
    if not isinstance(written, list) or len(written) != len(expected):
        report.find(pointer, f"There should be a list of {len(expected)} cases.")
        return
    for number, (one, other) in enumerate(zip(written, expected, strict=True)):
        at, about = pointer_to(pointer, number), f'Case "{other["case"]}": '
        found = list(differences(one, other, at))
        steps = [each for each in found if each.pointer.startswith(f"{at}/steps/")]
        for each in found:
            if each not in steps:
                report.differ(each, "recomputed it is", about)
            elif each is steps[0]:
                report.differ(each, "recomputed it is", _about_step(each, at, other))


def _about_step(difference: Difference, at: str, case: Json) -> str:
    index = int(difference.pointer.removeprefix(f"{at}/steps/").split("/")[0])
    names = [each["name"] for each in case["steps"]]
    step = f', step "{names[index]}"' if index < len(names) else ""
    return f'Case "{case["case"]}"{step}: '


def summary(receipt: Json, kid: str) -> str:
    """Return what a receipt without findings says, in one line."""
    entry, booking, measured = receipt["entry"], receipt["booking"], receipt["measurement"]
    amount = f"{_spaced(entry['reduction_mg'])} mg"
    if booking["kind"] != CREDIT:
        before, after = booking["before_mg"], booking["before_mg"] + booking["booked_mg"]
        amount += f", a {booking['kind']} from {_spaced(before)} mg to {_spaced(after)} mg"
    span = f"{_spaced(measured['low_mg'])} - {_spaced(measured['high_mg'])}"
    return (
        f"same to the milligram: {amount} (range {span}), {entry['methodology']}, "
        f"entry {entry['seq']} of its account, signed by {kid}"
    )


def _spaced(amount_mg: int) -> str:
    return f"{amount_mg:,}".replace(",", " ")
