"""What should become of every event: the rules, written down a second time.

It shares nothing with the code that decides but the catalogue, so that a mistake has to be made
twice before the demo agrees with it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from infra.seed.partners import PARTNERS, QUANTITIES
from infra.seed.people import ChangeKind, Person
from infra.seed.plan import Action, Case, EventKey, Fate
from shared.adapters.catalogue import catalogue
from shared.domain.caps import CapPeriod
from shared.domain.instants import ledger_day
from shared.domain.methodology import Methodology

# The stack's clock runs on while a step is played; nothing may depend on by how much.
MARGIN: Final = timedelta(minutes=15)
FUTURE_MAX: Final = timedelta(minutes=5)

NOT_CONSENTED = "not_consented"
OUTSIDE_CONSENT = "outside_consent"
CAP_REACHED = "cap_reached"
EXCLUDED = "excluded"
NOTHING_TO_COMPLETE = "nothing_to_complete"

# What makes a request be refused as a whole.
SIGNATURE_CASES = frozenset(
    {Case.WRONG_KEY, Case.OLD_SIGNATURE, Case.CHANGED_BODY, Case.OTHER_SOURCE}
)
REFUSALS: Mapping[Case, str] = {
    **dict.fromkeys(SIGNATURE_CASES, "signature_refused"),
    Case.TOO_OLD: "event_too_old",
    Case.FUTURE: "event_in_future",
    Case.UNKNOWN_TYPE: "unknown_event_type",
    Case.NEGATIVE: "invalid_request",
    Case.TOO_FINE: "invalid_request",
    Case.NO_OFFSET: "invalid_request",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a partner reports, before it is written as a CloudEvent.

    `milli` is its quantity in thousandths, `completes` the id of the event that lacked it.
    """

    partner: str
    event_id: str
    scenario: str
    occurred_at: datetime
    reference: str
    milli: int | None
    completes: str = ""

    @property
    def key(self) -> EventKey:
        return EventKey(self.partner, self.event_id)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal` at the door, or a repeat that adds nothing, or neither: the event has its fate."""

    refusal: str | None = None
    is_repeat: bool = False


class NotYetError(Exception):
    """The outcome would depend on the order within the step; the event belongs into a later one."""


class Oracle:
    """Follows the month step by step."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.fates: dict[EventKey, Fate] = {}
        self._people = {
            (partner, person.reference(partner)): person.subject
            for person in people
            for partner in PARTNERS
        }
        self._generations: Counter[str] = Counter()
        self._open: set[str] = set()
        self._consents: dict[tuple[str, str, str], datetime] = {}
        self._credits: Counter[tuple[Any, ...]] = Counter()
        self._payloads: dict[EventKey, set[Report]] = {}
        self._at = datetime.min.replace(tzinfo=UTC)
        self._fresh_payloads: dict[EventKey, Report] = {}
        self._fresh_credits: set[tuple[Any, ...]] = set()
        self._provisional: dict[EventKey, tuple[tuple[str, int], int]] = {}
        self._fresh_provisional: set[EventKey] = set()
        self._balances: Counter[tuple[str, int]] = Counter()
        self._entries: Counter[tuple[str, int]] = Counter()

    def begin(self, at: datetime) -> None:
        """Begin a step."""
        self._at = at
        self._fresh_payloads = {}
        self._fresh_credits = set()
        self._fresh_provisional = set()

    def act(self, action: Action) -> None:
        subject = action.person.subject
        key = (subject, action.scenario, action.partner)
        match action.kind:
            case ChangeKind.OPEN:
                self._generations[subject] += 1
                self._open.add(subject)
            case ChangeKind.GRANT:
                self._consents.setdefault(key, self._at)
            case ChangeKind.WITHDRAW:
                self._consents.pop(key, None)
            case ChangeKind.CLOSE:
                self._open.discard(subject)
                self._consents = {
                    each: since for each, since in self._consents.items() if each[0] != subject
                }

    def judge(self, case: Case, report: Report) -> Verdict:
        """Return what should happen to one event that is sent in this step.

        Raises NotYetError where that depended on which of the step's events came first.
        """
        if case in REFUSALS:
            return Verdict(refusal=REFUSALS[case])
        self._require_acceptable(report)
        fresh = self._fresh_payloads.get(report.key, report)
        if fresh != report:
            if case is Case.TWO_PAYLOADS:  # in one request the first one stands
                return Verdict(refusal="event_conflict")
            raise NotYetError
        if report.key in self.fates:
            self._fresh_payloads[report.key] = report
            return self._repeat(report)
        self.fates[report.key] = self._decide(report)
        self._fresh_payloads[report.key] = report
        self._payloads[report.key] = {report}
        return Verdict()

    def balances_mg(self) -> dict[str, int]:
        """Return the milligrams of CO2e of every open account by subject."""
        return {
            subject: self._balances[subject, self._generations[subject]]
            for subject in sorted(self._open)
        }

    def entries(self) -> dict[str, int]:
        """Return the number of entries of every open account by subject."""
        return {
            subject: self._entries[subject, self._generations[subject]]
            for subject in sorted(self._open)
        }

    def _require_acceptable(self, report: Report) -> None:
        window = timedelta(days=PARTNERS[report.partner].acceptance_window_days)
        oldest, newest = self._at - window + MARGIN, self._at + FUTURE_MAX
        assert oldest < report.occurred_at < newest, f"{report} is too near to the window's edge"

    def _repeat(self, report: Report) -> Verdict:
        payloads = self._payloads[report.key]
        if report not in payloads:
            payloads.add(report)
            fate = self.fates[report.key]
            self.fates[report.key] = replace(fate, conflicts=fate.conflicts + 1)
        return Verdict(is_repeat=True)

    def _decide(self, report: Report) -> Fate:
        subject = self._people.get((report.partner, report.reference))
        since = self._consents.get((subject or "", report.scenario, report.partner))
        fate = Fate(scenario=report.scenario, subject=subject)
        if subject is None or since is None:
            return replace(fate, reason=NOT_CONSENTED)
        assert abs(report.occurred_at - since) > MARGIN, f"{report} is too near to its consent"
        if report.occurred_at < since:
            return replace(fate, reason=OUTSIDE_CONSENT)
        account = (subject, self._generations[subject])
        if report.completes:
            return self._complete(account, report, fate)
        methodology = catalogue().in_force(report.scenario, report.occurred_at)
        buckets = _buckets(account, report, methodology)
        full = [bucket for bucket, size in buckets.items() if self._credits[bucket] >= size]
        if any(bucket in self._fresh_credits for bucket in full):
            raise NotYetError
        if full:
            return replace(fate, reason=CAP_REACHED)
        day = ledger_day(report.occurred_at).isoformat()
        others = [(account, scenario, day) for scenario in methodology.exclusive_with]
        if any(other in self._fresh_credits for other in others):
            raise NotYetError
        if any(self._credits[other] for other in others):
            return replace(fate, reason=EXCLUDED)
        self._credits.update(buckets.keys())
        self._fresh_credits.update(buckets)
        amount = _reduction_mg(methodology, report)
        self._balances[account] += amount
        self._entries[account] += 1
        if report.milli is None and report.scenario in QUANTITIES:
            self._provisional[report.key] = (account, amount)
            self._fresh_provisional.add(report.key)
        return replace(fate, reduction_mg=amount)

    def _complete(self, account: tuple[str, int], report: Report, fate: Fate) -> Fate:
        """A completion adds what is missing, once, and takes nothing back."""
        key = EventKey(report.partner, report.completes)
        if key in self._fresh_provisional:
            raise NotYetError
        owner, provisional_mg = self._provisional.get(key, (None, 0))
        if owner != account:
            return replace(fate, reason=NOTHING_TO_COMPLETE)
        del self._provisional[key]
        methodology = catalogue().in_force(report.scenario, report.occurred_at)
        amount = max(0, _reduction_mg(methodology, report) - provisional_mg)
        self._balances[account] += amount
        self._entries[account] += 1
        return replace(fate, reduction_mg=amount)


def _buckets(
    account: tuple[str, int], report: Report, methodology: Methodology
) -> dict[tuple[Any, ...], int]:
    """Return how many credits fit into each span of time that the event counts in."""
    day = ledger_day(report.occurred_at)
    spans = {CapPeriod.DAY: day.isoformat(), CapPeriod.MONTH: day.isoformat()[:7]}
    return {
        (account, report.scenario, spans[rule.cap.period]): rule.cap.count
        for rule in methodology.caps
    }


def _reduction_mg(methodology: Methodology, report: Report) -> int:
    data = {}
    if report.milli is not None:
        data[QUANTITIES[report.scenario]] = Decimal(report.milli) / 1000
    return methodology.measure(methodology.read_inputs(data)).reduction_mg
