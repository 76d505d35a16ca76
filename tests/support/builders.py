"""Things to test with, complete and plausible; keywords replace what a test is about."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shared.application.ports import AccountPostings, Link, ReportedEvent
from shared.domain.account import Account, grant, open_account
from shared.domain.caps import Cap
from shared.domain.consent import ConsentKey, Notice
from shared.domain.crediting import Posting, decide_credits
from shared.domain.entry import Behaviour, Cause, Entry
from shared.domain.factors import Source, SourceGrade
from shared.domain.measurement import EvidenceGrade, Label, Measurement, Spread, Sum
from shared.domain.partner import Partner
from shared.domain.points import PointsTerms
from shared.domain.quiz import Question, QuestionText
from shared.domain.totals import SEQUENCE_DIGITS, CountedEntry, Leaf

METRO_KEY = ConsentKey("metro", "metro-demo")
BUS_KEY = ConsentKey("bus", "metro-demo")
# What most measurements here allow: 4 g less, 6 g more, and 3 g for the distance.
SPREAD = Spread(4_000, 6_000, 9_000_000)
STATEMENT_KEY = ConsentKey("e-statement", "bank-core")


def at(text: str) -> datetime:
    """Return the aware instant of an ISO 8601 text, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


OPENED_AT = at("2026-11-01T09:00:00+08:00")
OCCURRED_AT = at("2026-11-09T08:12:33+08:00")
BOOKED_AT = at("2026-11-10T12:00:00+08:00")


def a_notice(scenario: str = "metro", version: str = "2025-01") -> Notice:
    text = {"title": "Rides", "purpose": "To book them.", "rights": "Withdraw at any time."}
    return Notice(
        scenario=scenario,
        version=version,
        texts={"en": text, "zh-Hans": text},
        data_categories=("event_id", "occurred_at", "distance_km"),
        retention="P3Y",
    )


def an_account(
    account_id: str = "a1",
    consents: Iterable[ConsentKey] = (METRO_KEY,),
    since: datetime = OPENED_AT,
) -> Account:
    """Return an open account that granted these consents, as a store holds it."""
    account = open_account(account_id, since)
    for key in consents:
        account, _ = grant(account, key, a_notice(key.scenario), since)
    return account


def a_behaviour(
    scenario: str = "metro",
    occurred_at: datetime = OCCURRED_AT,
    inputs: Mapping[str, Decimal] | None = None,
) -> Behaviour:
    reported = {"distance_km": Decimal(8)} if inputs is None else inputs
    return Behaviour(scenario, occurred_at, reported)


def a_posting(
    event_id: str = "ride-1",
    *,
    partner: str = "metro-demo",
    reduction_mg: int = 204_608,
    spread: Spread = SPREAD,
    grade: EvidenceGrade = EvidenceGrade.METERED,
    missing: tuple[str, ...] = (),
    methodology: str = "metro-distance@2025.1",
    payload: str = "",
    caps: tuple[Cap, ...] = (),
    exclusive_with: tuple[str, ...] = (),
    completes: str = "",
    points: PointsTerms | None = None,
    **behaviour: Any,
) -> Posting:
    """Return a measured event; another `payload` gives the same event another digest.

    `completes` is the id of the event whose missing inputs it brings.
    """
    return Posting(
        cause=Cause(partner, event_id),
        behaviour=a_behaviour(**behaviour),
        payload_digest=hashlib.sha256(f"{event_id}{payload}".encode()).hexdigest(),
        measurement=Measurement(reduction_mg, spread, grade, missing),
        methodology=methodology,
        label=Label.DERIVED,
        caps=caps,
        salt=hashlib.sha256(event_id.encode()).hexdigest()[:32],
        exclusive_with=exclusive_with,
        completes=Cause(partner, completes) if completes else None,
        points=points,
    )


def a_provisional_posting(event_id: str = "ride-1", **changes: Any) -> Posting:
    """Return a measured ride whose distance is not known: 1 km, as a lower bound."""
    facts: dict[str, Any] = {
        "reduction_mg": 25_576,
        "spread": Spread(18_964, 35_494, 0),
        "grade": EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
        "missing": ("distance_km",),
        "inputs": {},
    }
    return a_posting(event_id, **{**facts, **changes})


def a_correction(
    entry: Entry, reduction_mg: int, methodology: str = "metro-distance@2026.1", **measured: Any
) -> Posting:
    """Return the correction that a restatement posts for an entry that stands."""
    return replace(
        a_posting(reduction_mg=reduction_mg, methodology=methodology, **measured),
        cause=entry.cause.next_amendment,
        behaviour=entry.behaviour,
        payload_digest=hashlib.sha256(f"{entry.cause.key}{methodology}".encode()).hexdigest(),
        corrects=entry.methodology,
    )


def postings_for(account_id: str | None, *postings: Posting) -> AccountPostings:
    return AccountPostings(account_id, postings)


def an_entry(event_id: str = "ride-1", account: Account | None = None, **posting: Any) -> Entry:
    """Return the entry that a posting becomes in an account."""
    wanted = a_posting(event_id, **posting)
    key = ConsentKey(wanted.behaviour.scenario, wanted.cause.partner)
    decision = decide_credits(account or an_account(consents=[key]), [wanted], BOOKED_AT)
    [entry] = decision.entries
    return entry


def a_reported_event(
    event_id: str = "ride-1",
    *,
    partner: str = "metro-demo",
    reference_hash: str = "rider-hash-1",
    completes: str = "",
    **behaviour: Any,
) -> ReportedEvent:
    return ReportedEvent(
        cause=Cause(partner, event_id),
        reference_hash=reference_hash,
        behaviour=a_behaviour(**behaviour),
        payload_digest=hashlib.sha256(event_id.encode()).hexdigest(),
        received_at=BOOKED_AT,
        completes=Cause(partner, completes) if completes else None,
    )


def a_link(reference_hash: str = "rider-hash-1", partner: str = "metro-demo") -> Link:
    return Link(partner, reference_hash)


def a_partner(partner: str = "metro-demo", **changes: Any) -> Partner:
    facts: dict[str, Any] = {
        "title": {"en": "Demo", "zh-Hans": "示范"},
        "source": f"urn:partner:{partner}",
        "scenarios": ("bus", "metro"),
        "acceptance_window_days": 30,
    }
    return Partner(partner, **{**facts, **changes})


def a_counted_entry(
    number: int = 1,
    day: date = date(2026, 11, 10),
    *,
    reduction_mg: int = 1000,
    scenario: str = "metro",
    partner: str = "metro-demo",
) -> CountedEntry:
    """Return the stream record of an entry booked at noon of `day`; `number` orders the records."""
    return CountedEntry(
        sequence=str(number).zfill(SEQUENCE_DIGITS),
        ledger_day=day,
        booked_at=at(f"{day.isoformat()}T12:00:00+08:00"),
        leaf=Leaf(
            hashlib.sha256(f"entry {number}".encode()).hexdigest(), reduction_mg, scenario, partner
        ),
        contribution=a_sum(1, reduction_mg),
    )


def a_sum(count: int, reduction_mg: int) -> Sum:
    """Return a sum of metered entries of which everything is certain."""
    return Sum(count, reduction_mg, grades_mg=(reduction_mg, 0, 0, 0, 0))


A_SOURCE = Source("1", "A title", "A publisher", 2020, "https://example.org/", SourceGrade.A)
A_QUESTION_TEXT = QuestionText("How many?", ("one", "two", "three"), "It is two.")


def a_question(
    question_id: str = "q-1", since: date = date(2026, 1, 1), **changes: Any
) -> Question:
    """Return a question whose second of three options is right."""
    texts = {"en": A_QUESTION_TEXT, "zh-Hans": A_QUESTION_TEXT}
    return replace(Question(question_id, "numbers", since, 1, texts, (A_SOURCE,)), **changes)
