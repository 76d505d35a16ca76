"""Certificates: what was retired, for whom and what for, so that anybody can check every number.

A certificate says which milligrams of which lots were taken, by the hashes of their lines. These
are leaves of their days' public Merkle roots, and say nothing else: no account, no event, no time.
Its bytes are its canonical JSON, and it is signed whenever somebody asks for it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from shared.domain.canonical import Json
from shared.domain.instants import format_instant, ledger_day
from shared.domain.measurement import NOTHING, Label, Sum

CERTIFICATE_VERSION = 1
# The JOSE `typ` of a signed certificate.
CERTIFICATE_TYPE = "carbon-certificate+jws"
# Stands for a methodology where a lot came from another account: what measured it is told there.
RECEIVED = "received"
RECEIVED_TITLE: Mapping[str, str] = {"en": "Received from others", "zh-Hans": "他人赠予或分摊"}
PPM = 1_000_000

# As long as a version of certificates lasts, so do its sentences: they are signed.
STATEMENT: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Reductions of a personal carbon account were retired for this purpose, once and for ever.",
        "Nobody can use, give or retire them again.",
        "They are what everyday behaviour is estimated to have avoided, compared with a baseline.",
        "The methodologies are published; the range says how sure the estimate is.",
        "This is no carbon credit, offset or allowance of any market or registry.",
        "No third party verified it, and it changes nobody's emissions inventory.",
    ),
    "zh-Hans": (
        "个人碳账户中的减排量已按所述用途注销，一经注销，永不再用。",
        "任何人不得再次使用、转赠或注销。",
        "减排量是日常行为相对基准情景避免排放的估算值。",
        "方法学均已公布，范围表示估算的不确定性。",
        "本证书不是任何市场或登记系统的碳信用、抵销额度或配额。",
        "未经第三方核证，不改变任何主体的排放清单。",
    ),
}

# Without what is taken for something else when it is read aloud or copied: I, L, O, U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER_DIGITS = 10
_CHECK_DIGITS = 2
# A prime just below what two characters can say, so that one wrong character is always noticed, and
# so are two that changed places.
_CHECK_MODULUS = 1021
_GROUP = 4


@dataclass(frozen=True, slots=True)
class RetiredLot:
    """What was taken of one lot; `lot` is the hash of the line that added it."""

    lot: str
    reduction_mg: int


@dataclass(frozen=True, slots=True)
class RetiredShare:
    """What of a retirement one methodology version measured, in how many lots.

    `methodology` is `<id>@<version>` or RECEIVED, and `digest` that of its document, or empty.
    """

    methodology: str
    digest: str
    title: Mapping[str, str]
    lots: int
    backing: Sum


@dataclass(frozen=True, slots=True)
class OwnFootprint:
    """The year of one's own that was retired for, and the footprint that was kept, if one was."""

    year: int
    footprint_mg: int | None = None
    methodology: str | None = None

    def share_ppm(self, reduction_mg: int) -> int | None:
        """Return an amount's share of the footprint in millionths, rounded down."""
        return reduction_mg * PPM // self.footprint_mg if self.footprint_mg else None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One retirement as anybody with its link can see it; either `occasion` or `footprint` is set.

    `line` is the hash of the line that took the lots. `request_digest` is for knowing the same
    request again, and not shown.
    """

    KIND: ClassVar[str] = "certificate"

    certificate_id: str
    issuer: str
    issued_at: datetime
    language: str
    beneficiary: str | None
    occasion: str | None
    footprint: OwnFootprint | None
    lots: tuple[RetiredLot, ...]
    shares: tuple[RetiredShare, ...]
    line: str
    request_digest: str = ""
    version: int = 1

    @property
    def owner(self) -> str:
        """Itself: whoever has the id has the certificate."""
        return self.certificate_id

    @property
    def name(self) -> str:
        return self.certificate_id

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def number(self) -> str:
        return certificate_number(self.certificate_id, self.ledger_day.year)

    @property
    def ledger_day(self) -> date:
        return ledger_day(self.issued_at)

    @property
    def backing(self) -> Sum:
        return sum((share.backing for share in self.shares), NOTHING)

    @property
    def reduction_mg(self) -> int:
        return sum(lot.reduction_mg for lot in self.lots)


def certificate_number(certificate_id: str, year: int) -> str:
    """Return the number that stands on the certificate, `CA-2026-XXXX-XXXX-XXXX`.

    It follows from the id, which does not follow from it. The last two characters are check ones.
    """
    digest = hashlib.sha256(f"certificate number\n{certificate_id}".encode()).digest()
    # 32 is two to the fifth.
    facts = int.from_bytes(digest) >> (8 * len(digest) - 5 * _NUMBER_DIGITS)
    base = len(_ALPHABET)
    remainder = (year * base**_NUMBER_DIGITS + facts) * base**_CHECK_DIGITS % _CHECK_MODULUS
    text = _written(facts, _NUMBER_DIGITS)
    text += _written(-remainder % _CHECK_MODULUS, _CHECK_DIGITS)
    groups = [text[start : start + _GROUP] for start in range(0, len(text), _GROUP)]
    return "-".join(["CA", f"{year:04d}", *groups])


def is_certificate_number(number: str) -> bool:
    """Tell whether a number is written as one, and its check characters agree with the rest."""
    prefix, _, rest = number.partition("-")
    year, *groups = rest.split("-")
    text = "".join(groups)
    if prefix != "CA" or not (year.isascii() and year.isdigit() and len(year) == _GROUP):
        return False
    if len(text) != _NUMBER_DIGITS + _CHECK_DIGITS or any(len(each) != _GROUP for each in groups):
        return False
    value = int(year)
    for character in text:
        if character not in _ALPHABET:
            return False
        value = value * len(_ALPHABET) + _ALPHABET.index(character)
    return value % _CHECK_MODULUS == 0


def certificate_facts(certificate: Certificate) -> dict[str, Json]:
    """Return what is shown and signed; every amount is in milligrams of CO2e."""
    backing = certificate.backing
    return {
        "version": CERTIFICATE_VERSION,
        "certificate_id": certificate.certificate_id,
        "number": certificate.number,
        "issuer": certificate.issuer,
        "issued_at": format_instant(certificate.issued_at),
        "ledger_day": certificate.ledger_day.isoformat(),
        "language": certificate.language,
        "beneficiary": certificate.beneficiary,
        "purpose": _purpose(certificate),
        "reduction_mg": certificate.reduction_mg,
        "low_mg": backing.low_mg,
        "high_mg": backing.high_mg,
        "evidence": [
            {"grade": grade, "reduction_mg": amount_mg}
            for grade, amount_mg in enumerate(backing.grades_mg, start=1)
            if amount_mg
        ],
        "provisional_mg": backing.provisional_mg,
        "label": backing.label.value,
        "methodologies": [_share(share) for share in certificate.shares],
        "lots": [{"lot": lot.lot, "reduction_mg": lot.reduction_mg} for lot in certificate.lots],
        "line": certificate.line,
        "statement": {language: list(sentences) for language, sentences in STATEMENT.items()},
    }


def _purpose(certificate: Certificate) -> dict[str, Json]:
    footprint = certificate.footprint
    if footprint is None:
        return {"kind": "occasion", "occasion": certificate.occasion}
    return {
        "kind": "own_footprint",
        "year": footprint.year,
        "footprint_mg": footprint.footprint_mg,
        "methodology": footprint.methodology,
        "share_ppm": footprint.share_ppm(certificate.reduction_mg),
    }


def _share(share: RetiredShare) -> dict[str, Json]:
    backing = share.backing
    return {
        "methodology": share.methodology,
        "digest": share.digest,
        "title": share.title,
        "lots": share.lots,
        "reduction_mg": backing.reduction_mg,
        "down_mg": backing.spread.down_mg,
        "up_mg": backing.spread.up_mg,
        "activity_mg2": backing.spread.activity_mg2,
        "grades_mg": list(backing.grades_mg),
        "provisional_mg": backing.provisional_mg,
        "label": Label.of_weakness(backing.weakness).value,
    }


def _written(number: int, digits: int) -> str:
    base = len(_ALPHABET)
    places: Sequence[int] = range(digits - 1, -1, -1)
    return "".join(_ALPHABET[number // base**place % base] for place in places)
