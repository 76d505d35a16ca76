"""Verify a certificate: its signature, what was signed, and that all of its numbers add up.

That its lots existed and were the holder's is not in it: their hashes are leaves of sealed days.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from infra.verify.differences import differences, pointer_to
from infra.verify.facts import Count, Facts, Hash, Instant, Text, check_facts
from infra.verify.released import Release
from infra.verify.report import Json, Keys, Report, check_signed
from shared.domain.certificate import (
    CERTIFICATE_TYPE,
    RECEIVED,
    RECEIVED_TITLE,
    Certificate,
    OwnFootprint,
    RetiredLot,
    RetiredShare,
    certificate_facts,
    is_certificate_number,
)
from shared.domain.instants import parse_instant
from shared.domain.measurement import GRADES, Label, Spread, Sum

CERTIFICATE = "/certificate"
Amount = Annotated[int, Field(ge=1)]


def is_certificate(body: Json) -> bool:
    """Whether this has the form of the answer that a certificate comes in."""
    return isinstance(body.get("certificate"), dict) and isinstance(body.get("jws"), str)


def verify_certificate(body: Json, keys: Keys | None, released: Mapping[str, Release]) -> Report:
    """Return what is wrong with a certificate, which `is_certificate` says it has the form of.

    `keys` are the service's published ones, None where they are not at hand.
    """
    report = Report("certificate")
    certificate = body["certificate"]
    check_signed(certificate, body["jws"], CERTIFICATE_TYPE, keys, report)
    facts = check_facts(CertificateFacts, certificate, CERTIFICATE, report)
    if facts is not None:
        _check_sums(facts, report)
        _check_released(facts, released, report)
        expected = certificate_facts(facts.certificate())
        for each in differences(certificate, expected, CERTIFICATE):
            report.differ(each, "worked out again it is")
        if not is_certificate_number(facts.number):
            report.find(f"{CERTIFICATE}/number", "Its check characters do not fit the others.")
    return report


def summary(certificate: Json, kid: str) -> str:
    """Return what a certificate without findings says, in one line."""
    amounts = [certificate[name] for name in ("reduction_mg", "low_mg", "high_mg")]
    amount, low, high = (f"{each:,}".replace(",", " ") for each in amounts)
    return (
        f"adds up to the milligram: {certificate['number']}, {amount} mg (range {low} - {high}) "
        f"of {len(certificate['lots'])} lots, retired on {certificate['ledger_day']}, "
        f"signed by {kid}"
    )


# The facts that nothing else in a certificate implies


class LotFacts(Facts):
    lot: Hash
    reduction_mg: Amount


class MethodologyFacts(Facts):
    methodology: Annotated[str, Field(pattern=rf"^([a-z0-9-]+@[0-9]{{4}}\.[0-9]+|{RECEIVED})$")]
    digest: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
    title: dict[str, str]
    lots: Amount
    reduction_mg: Amount
    down_mg: Count
    up_mg: Count
    activity_mg2: Count
    grades_mg: Annotated[list[Count], Field(min_length=GRADES, max_length=GRADES)]
    provisional_mg: Count
    label: Literal["published", "derived", "illustrative"]

    def share(self) -> RetiredShare:
        backing = Sum(
            count=self.lots,
            reduction_mg=self.reduction_mg,
            spread=Spread(self.down_mg, self.up_mg, self.activity_mg2),
            grades_mg=tuple(self.grades_mg),
            provisional_mg=self.provisional_mg,
            weakness=Label(self.label).weakness,
        )
        return RetiredShare(self.methodology, self.digest, self.title, self.lots, backing)


class OccasionFacts(Facts):
    kind: Literal["occasion"]
    occasion: Text


class OwnFootprintFacts(Facts):
    kind: Literal["own_footprint"]
    year: Amount
    footprint_mg: Count | None
    methodology: Text | None


class CertificateFacts(Facts):
    certificate_id: Annotated[str, Field(pattern=r"^c[a-z2-7]{26}$")]
    number: str
    issuer: Text
    issued_at: Instant
    language: Literal["zh-Hans", "en"]
    beneficiary: Text | None
    purpose: Annotated[OccasionFacts | OwnFootprintFacts, Field(discriminator="kind")]
    reduction_mg: Amount
    methodologies: Annotated[list[MethodologyFacts], Field(min_length=1)]
    lots: Annotated[list[LotFacts], Field(min_length=1)]
    line: Hash

    def certificate(self) -> Certificate:
        """Return the certificate that these facts make; its amount is what its lots add up to."""
        purpose = self.purpose
        occasion, footprint = None, None
        if isinstance(purpose, OccasionFacts):
            occasion = purpose.occasion
        else:
            footprint = OwnFootprint(purpose.year, purpose.footprint_mg, purpose.methodology)
        return Certificate(
            certificate_id=self.certificate_id,
            issuer=self.issuer,
            issued_at=parse_instant(self.issued_at),
            language=self.language,
            beneficiary=self.beneficiary,
            occasion=occasion,
            footprint=footprint,
            lots=tuple(RetiredLot(each.lot, each.reduction_mg) for each in self.lots),
            shares=tuple(each.share() for each in self.methodologies),
            line=self.line,
        )


# What must add up


def _check_sums(facts: CertificateFacts, report: Report) -> None:
    place = f"{CERTIFICATE}/methodologies"
    lots_mg = sum(each.reduction_mg for each in facts.lots)
    measured_mg = sum(each.reduction_mg for each in facts.methodologies)
    if measured_mg != lots_mg:
        sentence = f"They add up to {measured_mg} mg, the lots to {lots_mg} mg."
        report.find(place, sentence)
    counted = sum(each.lots for each in facts.methodologies)
    if counted != len(facts.lots):
        report.find(place, f"They measured {counted} lots, but there are {len(facts.lots)}.")
    for number, each in enumerate(facts.methodologies):
        graded_mg = sum(each.grades_mg)
        if graded_mg != each.reduction_mg:
            sentence = f"The grades add up to {graded_mg} mg, not {each.reduction_mg} mg."
            report.find(f"{place}/{number}/grades_mg", sentence)
    names = [each.lot for each in facts.lots]
    for number, name in enumerate(names):
        if name in names[:number] or name == facts.line:
            report.find(f"{CERTIFICATE}/lots/{number}/lot", "This line is named before.")


def _check_released(
    facts: CertificateFacts, released: Mapping[str, Release], report: Report
) -> None:
    for number, each in enumerate(facts.methodologies):
        place = pointer_to(f"{CERTIFICATE}/methodologies", number)
        if each.methodology == RECEIVED:
            expected = {"digest": "", "title": dict(RECEIVED_TITLE)}
        else:
            release = released.get(each.methodology)
            if release is None:
                report.notes.append(
                    f"{each.methodology} is not known here. Its digest should be in the answer of "
                    f"GET /v1/methodologies: {each.digest}"
                )
                continue
            expected = {"digest": release.digest}
            if release.document is not None:
                expected["title"] = release.document["title"]
        written = {"digest": each.digest, "title": each.title}
        for name, value in expected.items():
            for found in differences(written[name], value, f"{place}/{name}"):
                report.differ(found, "what was released says")
