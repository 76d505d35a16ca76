"""What a verification found, and the checks that are the same for everything that is signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.verify.differences import Difference, differences, show
from infra.verify.signature import Jws, UnreadableError, key_problem, read_jws, read_object
from shared.domain.canonical import canonical_json

Keys = tuple[Mapping[str, Any], ...]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: where, as a JSON pointer into what was read, and what, as a sentence."""

    pointer: str
    sentence: str


@dataclass(slots=True)
class Report:
    """What was found to be wrong, and what could not be checked, of a `kind` of document."""

    kind: str
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def find(self, pointer: str, sentence: str) -> None:
        self.findings.append(Finding(pointer, sentence))

    def differ(self, difference: Difference, verb: str, about: str = "") -> None:
        written, expected = show(difference.written), show(difference.expected)
        self.find(difference.pointer, f"{about}The {self.kind} says {written}, {verb} {expected}.")


def check_signed(document: Json, text: str, typ: str, keys: Keys | None, report: Report) -> None:
    """Check who signed, and that it was this document; `typ` is what its kind is signed as."""
    try:
        jws = read_jws(text, typ)
    except UnreadableError as error:
        report.find("/jws", str(error))
        return
    if not jws.is_signed:
        report.find("/jws", f"The signature is not one of the key {jws.kid} over this payload.")
    problem = key_problem(jws, keys)
    if problem is not None:
        report.find("/jws", problem)
    elif keys is None:
        report.notes.append(
            f"The key was not compared. It should be in the answer of GET /v1/keys: {jws.kid}"
        )
    _check_payload(document, jws, report)


def _check_payload(document: Json, jws: Jws, report: Report) -> None:
    try:
        payload = read_object(jws.payload)
    except UnreadableError as error:
        report.find("/jws", f"What was signed is no {report.kind}. {error}")
        return
    if canonical_json(payload) != jws.payload:
        report.find("/jws", "What was signed is not in canonical form.")
    for each in differences(document, payload, f"/{report.kind}"):
        report.differ(each, "what was signed says")
