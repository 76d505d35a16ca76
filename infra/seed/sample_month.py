"""A month as the demo partners would report it, the same for the same seed and last day.

Most events are rides of people with habits, reported twice a day; in between comes what every
partner sends one day: repeats, late and disordered events, wrong signatures, impossible values.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from infra.seed.oracle import SIGNATURE_CASES, NotYetError, Oracle, Report
from infra.seed.partners import BANK, BIKE, METRO, PARTNERS, QUANTITIES, SOUTHERN_METRO
from infra.seed.people import (
    BIKE_RIDE,
    BUS_RIDE,
    CARD,
    METRO_RIDE,
    PEOPLE,
    REFERENCE_PREFIXES,
    STATEMENT,
    Change,
    ChangeKind,
    Habit,
    Hours,
    Person,
)
from infra.seed.plan import (
    EVENTS_PER_REQUEST_MAX,
    Action,
    Case,
    Delivery,
    Plan,
    Send,
    Signing,
    Step,
)
from shared.domain.instants import LEDGER_ZONE, format_instant

SEED: Final = 20221122
DAYS: Final = 30

CLOSING: Final = time(0, 25)
ACTIONS: Final = time(6, 0)
# When partners report; rides between end in the next report.
MIDDAY: Final = time(12, 40)
NIGHT: Final = time(23, 20)
REPORTING_LAG: Final = timedelta(minutes=4)
# What must wait for what was sent before it comes in further reports on the last evening.
EXTRA_REPORTS_MAX: Final = 8
EXTRA_REPORT_EVERY: Final = timedelta(minutes=4)

# How many events of a thousand rides are reported in an unusual way.
LATE_PER_MILLE: Final = 35
OUT_OF_ORDER_PER_MILLE: Final = 40
AGAIN_PER_MILLE: Final = 75
OTHER_PAYLOAD_PER_MILLE: Final = 10
DELAY_DAYS_MAX: Final = 12
STRANGERS_A_DAY: Final = 4
STATEMENTS_OF_STRANGERS: Final = 24

EVENTS_PER_DELIVERY_MAX: Final = {
    METRO.partner: 40,
    SOUTHERN_METRO.partner: 10,
    BIKE.partner: 6,
    BANK.partner: EVENTS_PER_REQUEST_MAX,
}
EVENTS_PER_SMALL_DELIVERY: Final = 12
# Quantities that are counted and not measured.
COUNTED: Final = frozenset({"walking"})
STATUSES: Final = {"signature_refused": 401, "event_conflict": 409}
REFUSED_STATUS: Final = 422


@dataclass(frozen=True, slots=True)
class _Draft:
    """A report on its way into a delivery; `changes` replace attributes of its CloudEvent."""

    case: Case
    report: Report
    changes: tuple[tuple[str, Any], ...] = ()


_Cluster = tuple[_Draft, ...]
"""Drafts that go into the same request."""


def sample_month(
    last_day: date, *, days: int = DAYS, seed: int = SEED, people: Sequence[Person] = PEOPLE
) -> Plan:
    """Return the plan of `days` ledger days that end with `last_day`."""
    return _Month(last_day, days, seed, people).plan()


class _Month:
    def __init__(self, last_day: date, days: int, seed: int, people: Sequence[Person]) -> None:
        self._days = [last_day - timedelta(days=days - 1 - number) for number in range(days)]
        self._seed = seed
        self._people = people
        self._numbers: Counter[str] = Counter()
        self._reports = sorted(_at(day, slot) for day in self._days for slot in (MIDDAY, NIGHT))
        self._waiting: defaultdict[datetime, list[_Cluster]] = defaultdict(list)
        self._oracle = Oracle(people)

    def plan(self) -> Plan:
        for person in self._people:
            self._add_rides(person)
            self._add_rides_before_consent(person)
        self._add_bank_runs()
        for number in range(len(self._days)):
            self._add_strangers(number)
            self._add_mistakes(number)
        return Plan(
            first_day=self._days[0],
            last_day=self._days[-1],
            steps=tuple(self._steps()),
            fates=self._oracle.fates,
            balances_mg=self._oracle.balances_mg(),
            entries=self._oracle.entries(),
        )

    # ------------------------------------------------------------------------- What is reported

    def _add_rides(self, person: Person) -> None:
        for number, day in enumerate(self._days):
            rng = self._rng(person.name, number)
            for habit in person.habits:
                count = rng.randint(*(habit.weekend if day.weekday() >= 5 else habit.weekday))  # noqa: PLR2004
                for _ in range(count):
                    self._add_ride(rng, number, self._ride(rng, day, person, habit))

    def _add_ride(self, rng: random.Random, number: int, report: Report) -> None:
        slot = self._slot(report.occurred_at)
        case = Case.ON_TIME
        chance = rng.randrange(1000)
        if chance < LATE_PER_MILLE:
            late = number + rng.randint(1, DELAY_DAYS_MAX)
            if late < len(self._days):
                case, slot = Case.LATE, _at(self._days[late], MIDDAY)
        elif chance < LATE_PER_MILLE + OUT_OF_ORDER_PER_MILLE and slot.time() == MIDDAY:
            case, slot = Case.OUT_OF_ORDER, _at(self._days[number], NIGHT)
        draft = _Draft(case, report)
        cluster: _Cluster = (draft,)
        chance = rng.randrange(1000)
        if chance < AGAIN_PER_MILLE:
            again = rng.choice((Case.AGAIN_IN_BATCH, Case.AGAIN_SOON, Case.AGAIN_LATER))
            repeat = replace(draft, case=again)
            if again is Case.AGAIN_IN_BATCH:
                cluster = (draft, repeat)
            else:
                later = (
                    timedelta() if again is Case.AGAIN_SOON else timedelta(days=rng.randint(2, 6))
                )
                self._wait((repeat,), slot + later + timedelta(minutes=1))
        elif chance < AGAIN_PER_MILLE + OTHER_PAYLOAD_PER_MILLE:
            other = replace(report, milli=(report.milli or 0) + 500)
            if rng.random() < 0.3:  # noqa: PLR2004
                other = replace(report, reference=self._stranger(rng, report.partner))
            self._wait(
                (_Draft(Case.OTHER_PAYLOAD, other),), slot + timedelta(hours=rng.randint(1, 60))
            )
        self._wait(cluster, slot)

    def _add_rides_before_consent(self, person: Person) -> None:
        grants = [change for change in person.changes if change.kind is ChangeKind.GRANT]
        rides = [habit for habit in person.habits if habit.milli[1]]
        if not grants or not rides:
            return
        rng = self._rng("before", person.number)
        joined = self._day_of(grants[0])
        for _ in range(2):
            day = self._days[joined] - timedelta(days=rng.randint(1, 9))
            report = self._ride(rng, day, person, rng.choice(rides))
            self._wait((_Draft(Case.BEFORE_CONSENT, report),), _at(self._days[joined], MIDDAY))

    def _add_bank_runs(self) -> None:
        """Statements come in one batch; so does the run that somebody starts a second time."""
        rng = self._rng("bank", 0)
        references = [
            person.reference(BANK.partner) for person in self._people if person.is_customer
        ]
        strangers = [self._stranger(rng, BANK.partner) for _ in range(STATEMENTS_OF_STRANGERS)]
        for percent, scenario in ((20, CARD), (40, STATEMENT), (45, STATEMENT)):
            day = self._days[len(self._days) * percent // 100]
            for position, reference in enumerate([*references, *strangers]):
                at = _at(day, time(7, 30)) + timedelta(seconds=position)
                report = self._report(*scenario, at, reference, None)
                self._wait((_Draft(Case.BANK_RUN, report),), _at(day, MIDDAY))

    def _add_strangers(self, number: int) -> None:
        rng = self._rng("strangers", number)
        for _ in range(STRANGERS_A_DAY):
            self._wait_on_time(Case.STRANGER, self._strangers_ride(rng, number))

    def _add_mistakes(self, number: int) -> None:
        """Each kind of mistake happens every few days, on different days."""
        rng = self._rng("mistakes", number)
        for every, add in (
            (3, self._add_wrong_key),
            (7, self._add_old_signature),
            (8, self._add_changed_body),
            (9, self._add_other_source),
            (4, self._add_too_old),
            (4, self._add_future),
            (5, self._add_unknown_type),
            (4, self._add_negative),
            (8, self._add_too_fine),
            (3, self._add_no_distance),
            (5, self._add_no_offset),
            (6, self._add_two_payloads),
        ):
            # The first of each on one of the first days, so that a short month has them all.
            if (number - 1) % every == 0:
                add(rng, number)

    def _add_wrong_key(self, rng: random.Random, number: int) -> None:
        """A sender that finds its key refused corrects it and sends everything again."""
        reports = [self._known_ride(rng, number) for _ in range(3)]
        self._wait(
            tuple(_Draft(Case.WRONG_KEY, report) for report in reports),
            _at(self._days[number], NIGHT),
        )
        for report in reports[:2]:
            self._wait(
                (_Draft(Case.LATE, report),), _at(self._days[number], NIGHT) + timedelta(hours=2)
            )

    def _add_old_signature(self, rng: random.Random, number: int) -> None:
        self._wait_on_time(Case.OLD_SIGNATURE, self._known_ride(rng, number))

    def _add_changed_body(self, rng: random.Random, number: int) -> None:
        self._wait_on_time(Case.CHANGED_BODY, self._known_ride(rng, number))

    def _add_other_source(self, rng: random.Random, number: int) -> None:
        self._wait_on_time(Case.OTHER_SOURCE, self._known_ride(rng, number), source=BANK.source)

    def _add_too_old(self, rng: random.Random, number: int) -> None:
        report = self._known_ride(rng, number)
        old = report.occurred_at - timedelta(days=rng.randint(31, 70))
        slot = self._slot(report.occurred_at)
        self._wait((_Draft(Case.TOO_OLD, replace(report, occurred_at=old)),), slot)

    def _add_future(self, rng: random.Random, number: int) -> None:
        report = self._known_ride(rng, number)
        coming = _at(self._days[number], NIGHT) + timedelta(hours=rng.randint(2, 40))
        slot = self._slot(report.occurred_at)
        self._wait((_Draft(Case.FUTURE, replace(report, occurred_at=coming)),), slot)

    def _add_unknown_type(self, rng: random.Random, number: int) -> None:
        kind = rng.choice(("carbon.teleport.v1", "carbon.shared-bike.v1", "carbon.metro.v2"))
        self._wait_on_time(Case.UNKNOWN_TYPE, self._known_ride(rng, number), type=kind)

    def _add_negative(self, rng: random.Random, number: int) -> None:
        data = {"distance_km": -rng.randint(1, 20)}
        self._wait_on_time(Case.NEGATIVE, self._known_ride(rng, number), data=data)

    def _add_too_fine(self, rng: random.Random, number: int) -> None:
        data = {"distance_km": 7.1234}
        self._wait_on_time(Case.TOO_FINE, self._known_ride(rng, number), data=data)

    def _add_no_distance(self, rng: random.Random, number: int) -> None:
        """A gate that missed where a ride ended finds out later, and sometimes tells it twice."""
        ride = self._known_ride(rng, number)
        self._wait_on_time(Case.NO_DISTANCE, replace(ride, milli=None))
        slot = self._slot(ride.occurred_at)
        for suffix in ("-end", "-end2")[: rng.randint(1, 2)]:
            slot += timedelta(hours=rng.randint(1, 30))
            completing = replace(ride, event_id=f"{ride.event_id}{suffix}", completes=ride.event_id)
            self._wait((_Draft(Case.COMPLETION, completing),), slot)

    def _add_no_offset(self, rng: random.Random, number: int) -> None:
        report = self._known_ride(rng, number)
        text = f"{report.occurred_at.astimezone(LEDGER_ZONE):%Y-%m-%dT%H:%M:%S}"
        self._wait_on_time(Case.NO_OFFSET, report, time=text)

    def _add_two_payloads(self, rng: random.Random, number: int) -> None:
        report = self._known_ride(rng, number)
        other = replace(report, milli=(report.milli or 0) + 700)
        first, second = _Draft(Case.ON_TIME, report), _Draft(Case.TWO_PAYLOADS, other)
        self._wait((first, second), self._slot(report.occurred_at))

    # ---------------------------------------------------------------------------- Single reports

    def _ride(self, rng: random.Random, day: date, person: Person, habit: Habit) -> Report:
        milli = rng.randint(*habit.milli) if habit.milli[1] else None
        if milli and habit.scenario in COUNTED:
            milli -= milli % 1000
        return self._report(
            habit.scenario,
            habit.partner,
            _ride_time(rng, day, habit.hours),
            person.reference(habit.partner),
            milli,
        )

    def _known_ride(self, rng: random.Random, number: int) -> Report:
        """Return a plausible ride of somebody who consented to it."""
        person = self._people[0]
        habit = Habit(
            *rng.choice((METRO_RIDE, BUS_RIDE)), (1, 1), (1, 1), (2_000, 9_000), Hours.DAY
        )
        return self._ride(rng, self._days[number], person, habit)

    def _strangers_ride(self, rng: random.Random, number: int) -> Report:
        scenario, partner = rng.choice((METRO_RIDE, BUS_RIDE, BIKE_RIDE))
        at = _ride_time(rng, self._days[number], Hours.DAY)
        reference = self._stranger(rng, partner)
        return self._report(scenario, partner, at, reference, rng.randint(800, 9_000))

    def _report(
        self, scenario: str, partner: str, at: datetime, reference: str, milli: int | None
    ) -> Report:
        event_id = self._event_id(partner, scenario, at)
        return Report(partner, event_id, scenario, at, reference, milli)

    def _event_id(self, partner: str, scenario: str, at: datetime) -> str:
        """Return an id as this partner makes them."""
        day = f"{at.astimezone(LEDGER_ZONE):%Y%m%d}"
        prefix = {
            METRO.partner: f"MTR-{day}-",
            SOUTHERN_METRO.partner: f"s{day}.",
            BIKE.partner: "ride_",
            BANK.partner: f"{scenario}-{day[:6]}-",
        }.get(partner, f"{scenario}.")
        self._numbers[partner] += 1
        number = self._numbers[partner]
        if partner == BIKE.partner:
            return f"{prefix}{random.Random(f'{self._seed}/{number}').getrandbits(64):016x}"  # noqa: S311
        return f"{prefix}{number:06d}"

    def _stranger(self, rng: random.Random, partner: str) -> str:
        return f"{REFERENCE_PREFIXES[partner]}-{rng.randint(90_000, 99_999)}"

    # -------------------------------------------------------------------------------- Deliveries

    def _wait_on_time(self, case: Case, report: Report, **changes: Any) -> None:
        draft = _Draft(case, report, tuple(changes.items()))
        self._wait((draft,), self._slot(report.occurred_at))

    def _wait(self, cluster: _Cluster, at: datetime) -> None:
        """Have the cluster sent with the first report at or after an instant, if there is one."""
        slot = next((each for each in self._reports if each >= at), None)
        if slot is not None:
            self._waiting[slot].append(cluster)

    def _slot(self, occurred_at: datetime) -> datetime:
        at = occurred_at + REPORTING_LAG
        return next((each for each in self._reports if each >= at), self._reports[-1])

    def _steps(self) -> Iterator[Step]:
        for number, day in enumerate(self._days):
            if number:
                yield Step(_at(day, CLOSING), closes_day=True)
            actions = tuple(self._actions(number))
            if actions:
                at = _at(day, ACTIONS)
                self._oracle.begin(at)
                for action in actions:
                    self._oracle.act(action)
                yield Step(at, actions=actions)
            for slot in (MIDDAY, NIGHT):
                yield from self._report_step(_at(day, slot))
        at = self._reports[-1]
        for _ in range(EXTRA_REPORTS_MAX):
            at += EXTRA_REPORT_EVERY
            yield from self._report_step(at)
        assert not any(self._waiting.values()), "some events never found their turn"

    def _report_step(self, at: datetime) -> Iterator[Step]:
        self._oracle.begin(at)
        waiting = sorted(self._waiting.pop(at, []), key=_sending_order)
        following = min((each for each in self._reports if each > at), default=None)
        following = following or at + EXTRA_REPORT_EVERY
        clusters: list[tuple[Send, ...]] = []
        for cluster in waiting:
            try:
                clusters.append(tuple(self._send(draft) for draft in cluster))
            except NotYetError:
                self._waiting[following].append(cluster)
        if clusters:
            signing = Signing.FORMER_KEY if at < self._rotation else Signing.GOOD
            deliveries = list(_deliveries(clusters, signing))
            self._rng("order", at.isoformat()).shuffle(deliveries)
            yield Step(at, deliveries=tuple(deliveries))

    def _send(self, draft: _Draft) -> Send:
        verdict = self._oracle.judge(draft.case, draft.report)
        case = draft.case
        if case in AGAIN and not verdict.is_repeat:
            case = Case.ON_TIME  # the one that came to be sent first
        elif case not in AGAIN | {Case.OTHER_PAYLOAD} and verdict.is_repeat:
            case = Case.AGAIN_SOON
        event = _cloud_event(draft.report) | dict(draft.changes)
        return Send(case, draft.report.key, event, verdict.refusal, verdict.is_repeat)

    @property
    def _rotation(self) -> datetime:
        """When the rotating partner begins to sign with its new key."""
        return _at(self._days[len(self._days) // 2], time(0))

    # ------------------------------------------------------------------------------------ Actions

    def _actions(self, number: int) -> Iterator[Action]:
        for person in self._people:
            for change in person.changes:
                if self._day_of(change) == number:
                    yield from _actions_of(person, change)

    def _day_of(self, change: Change) -> int:
        return len(self._days) * change.percent // 100

    def _rng(self, *what: object) -> random.Random:
        return random.Random(f"{self._seed}/{'/'.join(map(str, what))}")  # noqa: S311 - repeatable


AGAIN: Final = frozenset({Case.AGAIN_IN_BATCH, Case.AGAIN_SOON, Case.AGAIN_LATER})


def _actions_of(person: Person, change: Change) -> Iterator[Action]:
    if change.kind in {ChangeKind.OPEN, ChangeKind.CLOSE}:
        yield Action(person, change.kind)
        return
    for scenario, partner in person.consents:
        if change.partner in {"", partner} and change.scenario in {"", scenario}:
            yield Action(person, change.kind, scenario, partner)


def _deliveries(clusters: Sequence[tuple[Send, ...]], signing: Signing) -> Iterator[Delivery]:
    """Cut what is sent at one time into requests: what is signed wrongly goes by itself."""
    by_partner: defaultdict[str, list[tuple[Send, ...]]] = defaultdict(list)
    for cluster in clusters:
        partner = cluster[0].key.partner
        if cluster[0].case in SIGNATURE_CASES:
            yield _delivery(partner, cluster, _WRONG_SIGNINGS.get(cluster[0].case, signing))
        elif cluster[0].case in _SENT_ALONE:
            yield _delivery(partner, cluster, signing)
        else:
            by_partner[partner].append(cluster)
    for partner, waiting in by_partner.items():
        batch: list[Send] = []
        for cluster in waiting:
            if len(batch) + len(cluster) > EVENTS_PER_DELIVERY_MAX.get(
                partner, EVENTS_PER_SMALL_DELIVERY
            ):
                yield _delivery(partner, batch, signing)
                batch = []
            batch += cluster
        yield _delivery(partner, batch, signing)


# The others that are refused come among good ones.
_SENT_ALONE: Final = frozenset({Case.FUTURE, Case.NO_OFFSET, Case.TOO_FINE})
_WRONG_SIGNINGS: Final = {
    Case.WRONG_KEY: Signing.WRONG_KEY,
    Case.OLD_SIGNATURE: Signing.STALE,
    Case.CHANGED_BODY: Signing.CHANGED_BODY,
}


def _delivery(partner: str, sends: Sequence[Send], signing: Signing) -> Delivery:
    refusals = [send.refusal for send in sends if send.refusal is not None]
    status = 202
    if any(send.case in SIGNATURE_CASES for send in sends):
        status = 401
    elif refusals:
        status = 207 if len(sends) > 1 else STATUSES.get(refusals[0], REFUSED_STATUS)
    return Delivery(partner, tuple(sends), len(sends) > 1, signing, status)


def _sending_order(cluster: _Cluster) -> tuple[bool, datetime, str]:
    """By occurrence; what is out of order comes after what occurred later."""
    first = cluster[0]
    return first.case is Case.OUT_OF_ORDER, first.report.occurred_at, first.report.event_id


def _cloud_event(report: Report) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if report.milli is not None:
        # A JSON number; with three decimals it arrives as it is written here.
        whole, rest = divmod(report.milli, 1000)
        quantity = report.milli / 1000 if rest else whole
        data = {QUANTITIES[report.scenario]: quantity, **_EXTRAS.get(report.scenario, {})}
    elif report.scenario in QUANTITIES:
        data = dict(_EXTRAS.get(report.scenario, {}))
    if report.completes:
        data["completes"] = report.completes
    return {
        "specversion": "1.0",
        "id": report.event_id,
        "source": PARTNERS[report.partner].source,
        "type": f"carbon.{report.scenario}.v1",
        "time": _TIME_FORMATS.get(report.partner, format_instant)(report.occurred_at),
        "subject": report.reference,
        "data": data,
    }


# What was not asked for is dropped at the door.
_EXTRAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "metro": {"line": "2"},
    "shared-bike": {"bike": "b-1207"},
}
_TIME_FORMATS: Final[Mapping[str, Callable[[datetime], str]]] = {
    METRO.partner: lambda at: at.astimezone(LEDGER_ZONE).isoformat(timespec="seconds"),
    SOUTHERN_METRO.partner: format_instant,
    BIKE.partner: lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    BANK.partner: lambda at: at.astimezone(LEDGER_ZONE).isoformat(timespec="milliseconds"),
}


def _ride_time(rng: random.Random, day: date, hours: Hours) -> datetime:
    if hours is Hours.RUSH:
        hour = rng.choice((7, 8, 8, 9, 17, 18, 18, 19, 21))
    else:
        hour = rng.randint(7, 20)
    return _at(day, time(hour, rng.randint(0, 59), rng.randint(0, 59)))


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LEDGER_ZONE)
