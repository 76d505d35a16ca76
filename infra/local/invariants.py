"""What must be true of a ledger at every moment, one function for each promise."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from infra.local.findings import Finding, Invariant, account_row, compare, entry_row
from infra.local.ledger import Ledger, StoredLine
from infra.local.promises import DOCUMENT_INVARIANTS
from shared.adapters.catalogue import catalogue, notices
from shared.adapters.points import points_policies
from shared.adapters.quiz import quiz_policies
from shared.adapters.totals import GATES
from shared.domain.account import CHAIN_START, Account, AccountState
from shared.domain.booking import book
from shared.domain.caps import COUNT_MAX, CapPeriod
from shared.domain.consent import (
    PLATFORM,
    ActiveConsent,
    ConsentAction,
    ConsentHistory,
    ConsentKey,
    ConsentRecord,
)
from shared.domain.entry import CLAIMED, AmendmentKind, Cause, Entry
from shared.domain.errors import InvalidRequestError, MethodologyNotFoundError
from shared.domain.flows import (
    GIVEN,
    HELD,
    POINTS_GIVEN,
    POINTS_HELD,
    Flows,
    add_flows,
    flows_of,
    is_balanced,
)
from shared.domain.instants import day_start, format_instant, ledger_day
from shared.domain.lots import Fate, trace
from shared.domain.measurement import NO_SPREAD, NOTHING, EvidenceGrade, Measurement, Sum
from shared.domain.merkle import merkle_root
from shared.domain.methodology import Methodology
from shared.domain.movement import Movement, MovementKind, key_of
from shared.domain.points import PointsEarned
from shared.domain.quiz import earned_points, quiz_day
from shared.domain.totals import (
    SEAL_CHAIN_START,
    CountedEntry,
    Leaf,
    TotalsKey,
    counted_line,
    merge_sums,
)

# A function takes the time when it starts and commits a moment later, so two that race may be
# committed in the other order than their times have; never by more than they may run.
RACE_MAX: Final = timedelta(seconds=60)


# ------------------------------------------------------------------------------------------- Rows


def _rows_are_sound(ledger: Ledger) -> Iterator[Finding]:
    for unsound in ledger.unsound:
        yield Finding(unsound.row, unsound.attribute, unsound.expected, unsound.found)


# --------------------------------------------------------------------------------------- Accounts


def _balances_are_the_fold(ledger: Ledger) -> Iterator[Finding]:
    """What an account holds is what its lines make of an empty one, line by line."""
    for account_id in sorted({*ledger.accounts, *ledger.by_account}):
        account = ledger.accounts.get(account_id)
        row = account_row(account_id)
        if account is None:
            yield Finding(row, "account_key", "an account", "entries only")
            continue
        folded = Account(account_id, account.opened_at)
        try:
            for stored in ledger.by_account.get(account_id, []):
                folded = book(folded, stored.line)
        except AssertionError:
            yield Finding(row, "holdings", "nothing below zero", "a line that takes too much")
            continue
        yield from compare(
            row,
            total=(folded.total, account.total),
            last_booked_at=(folded.last_booked_at, account.last_booked_at),
            moved_mg=(folded.moved_mg, account.moved_mg),
            held_mg=(folded.held_mg, account.held_mg),
            points=(folded.points, account.points),
        )


def _seq_has_no_gap(ledger: Ledger) -> Iterator[Finding]:
    for account_id, account in sorted(ledger.accounts.items()):
        lines = [stored.line for stored in ledger.by_account.get(account_id, [])]
        for expected, line in enumerate(lines, start=1):
            if line.seq != expected:
                yield Finding(entry_row(key_of(line)), "seq", expected, line.seq)
                break
        for earlier, later in pairwise(lines):
            if later.booked_at < earlier.booked_at:
                row = entry_row(key_of(later))
                wanted = f"not before {format_instant(earlier.booked_at)}"
                yield Finding(row, "decided_at", wanted, later.booked_at)
        yield from compare(account_row(account_id), seq=(len(lines), account.seq))


def _chain_verifies(ledger: Ledger) -> Iterator[Finding]:
    for account_id, account in sorted(ledger.accounts.items()):
        previous = CHAIN_START
        for stored in ledger.by_account.get(account_id, []):
            yield from compare(
                entry_row(key_of(stored.line)),
                previous_hash=(previous, stored.line.previous_hash),
                hash=(stored.line.hash, stored.stored_hash),
            )
            previous = stored.stored_hash
        yield from compare(account_row(account_id), chain_head=(previous, account.chain_head))


# ------------------------------------------------------------------------------------------ Fates


def _one_gram_one_fate(ledger: Ledger) -> Iterator[Finding]:
    """Each milligram of each lot has one fate, and what is left is what can be spent."""
    for account_id, account in sorted(ledger.accounts.items()):
        lots = trace(stored.line for stored in ledger.by_account.get(account_id, []))
        row = account_row(account_id)
        yield from compare(row, available_mg=(lots.available_mg, account.available_mg))
        held_mg = 0
        for lot in lots.lots:
            fates = lot.fates()
            held_mg += fates.get(Fate.ON_HOLD, 0)
            yield from compare(
                entry_row(key_of(lot.line)),
                fates=(lot.backing.reduction_mg, sum(fates.values())),
            )
        yield from compare(row, held_mg=(held_mg, account.held_mg))


def _issued_is_held_or_ended(ledger: Ledger) -> Iterator[Finding]:
    """What was issued to all is held by somebody or has found its fate; so say the days too."""
    flows = add_flows(flows_of(stored.line) for stored in ledger.lines.values())
    accounts = ledger.accounts.values()
    held_mg = sum(each.available_mg + each.held_mg for each in accounts)
    points = sum(each.points.amount + each.points.held - each.points.debt for each in accounts)
    yield from compare(
        "all accounts",
        flows=(True, is_balanced(flows)),
        held_mg=(flows.get(HELD, 0), held_mg),
        points_held=(flows.get(POINTS_HELD, 0), points),
        given_mg=(0, flows.get(GIVEN, 0)),
        points_given=(0, flows.get(POINTS_GIVEN, 0)),
    )
    yield from compare("all days", flows=(flows, ledger.days_flows))


def _points_follow_the_policy(ledger: Ledger) -> Iterator[Finding]:
    """Each credit earned what the policy of its day offers, as far as the caps left room."""
    for account_id, account in sorted(ledger.accounts.items()):
        earned = PointsEarned()
        for stored in ledger.by_account.get(account_id, []):
            entry = stored.line
            if isinstance(entry, Movement):
                if entry.kind is MovementKind.EARNED:
                    earned, findings = _answer_earned(entry, earned)
                    yield from findings
                continue
            if _is_lowered(entry):
                continue
            terms = points_policies().terms(entry.behaviour.scenario, entry.behaviour.occurred_at)
            day = ledger_day(entry.behaviour.occurred_at)
            offered = 0
            if terms is not None:
                before = entry.original.points if entry.original else 0
                offered = terms.for_completion(entry.standing_mg, before)
                offered = min(offered, earned.room(terms, day))
            yield from compare(entry_row(key_of(entry)), points=(offered, entry.points))
            earned = earned.counted(entry.points, day)
        yield from compare(account_row(account_id), points_earned=(earned, account.points_earned))


def _answer_earned(line: Movement, earned: PointsEarned) -> tuple[PointsEarned, list[Finding]]:
    """What an answer earned counts for the same caps."""
    day, points = quiz_day(line), earned_points(line)
    terms = quiz_policies().terms(day_start(day), day)
    offered = min(terms.for_credit(0), earned.room(terms, day)) if terms else 0
    findings = list(compare(entry_row(line.key), points=(offered, points)))
    return earned.counted(points, day), findings


def _is_lowered(entry: Entry) -> bool:
    """A correction rewards nothing, and a reversal takes back what its behaviour had earned."""
    kinds = {AmendmentKind.CORRECTION, AmendmentKind.REVERSAL}
    return entry.original is not None and entry.original.kind in kinds


def _accounts_are_pointed_at(ledger: Ledger) -> Iterator[Finding]:
    """An open account has one subject, a closed one none; nothing points at what is not there."""
    for account_id in sorted({*ledger.accounts, *ledger.subjects}):
        account = ledger.accounts.get(account_id)
        wanted = 1 if account is not None and account.is_open else 0
        row = account_row(account_id)
        yield from compare(row, state=(wanted, ledger.subjects.get(account_id, 0)))
        if account is not None:
            yield from _version_is_possible(ledger, account)
    for account_id in sorted(ledger.footprints):
        account = ledger.accounts.get(account_id)
        if account is None or not account.is_open:
            yield Finding(f"footprint#{account_id}", "account_key", "an open account", "none")


def _version_is_possible(ledger: Ledger, account: Account) -> Iterator[Finding]:
    """Each commit raises the version by one: those of entries, and those of consents."""
    lines = [stored.line for stored in ledger.by_account.get(account.account_id, [])]
    records = ledger.records.get(account.account_id, [])
    commits_min = len({each.booked_at for each in lines})
    changes = len(records)
    if account.state is AccountState.CLOSED:
        # Closing withdraws all that is left in one commit.
        last = records[-1].at if records else None
        changes += 1 - sum(each.at == last for each in records if _is_withdrawal(each))
    lowest, highest = 1 + changes + commits_min, 1 + len(records) + 1 + len(lines)
    if not lowest <= account.version <= highest:
        wanted = f"from {lowest} to {highest}"
        yield Finding(account_row(account.account_id), "version", wanted, account.version)
    firsts = [each.at for each in records[:1]] + [each.booked_at for each in lines[:1]]
    if firsts and account.opened_at > min(firsts) + RACE_MAX:
        wanted = f"not after {format_instant(min(firsts))}"
        yield Finding(account_row(account.account_id), "opened_at", wanted, account.opened_at)


def _is_withdrawal(record: ConsentRecord) -> bool:
    return record.action is ConsentAction.WITHDRAWN


# ---------------------------------------------------------------------------------------- Amounts


def _reduction_is_recomputable(ledger: Ledger) -> Iterator[Finding]:
    for cause, stored in sorted(ledger.entries.items()):
        entry = stored.entry
        methodology = _methodology(entry.methodology)
        if methodology is None or methodology.scenario != entry.behaviour.scenario:
            yield Finding(entry_row(cause), "methodology", "a released one", entry.methodology)
            continue
        if not _is_lowered(entry) and not methodology.in_force(entry.behaviour.occurred_at):
            yield Finding(
                entry_row(cause), "methodology", "the one in force then", entry.methodology
            )
        try:
            measured = methodology.measure(methodology.read_inputs(entry.behaviour.inputs))
        except InvalidRequestError as error:
            yield Finding(entry_row(cause), "inputs", "the methodology's", error.detail)
            continue
        original = entry.original
        credited_mg = measured.reduction_mg
        if original is not None and original.kind is AmendmentKind.COMPLETION:
            # Never taken back, though what came in was less.
            credited_mg = max(credited_mg, original.reduction_mg)
        if original is not None and original.kind is AmendmentKind.REVERSAL:
            yield from compare(
                entry_row(cause),
                reduction_mg=(-original.reduction_mg, entry.reduction_mg),
                spread=(NO_SPREAD, entry.spread),
                grade=(original.grade, entry.grade),
                missing=((), entry.missing),
                points=(-original.points, entry.points),
            )
            continue
        yield from compare(
            entry_row(cause),
            reduction_mg=(credited_mg, entry.standing_mg),
            spread=(measured.spread_around(credited_mg), entry.spread),
            grade=(_grade_of(entry, measured), entry.grade),
            missing=(measured.missing, entry.missing),
            label=(methodology.label_for(measured.missing), entry.label),
        )


def _grade_of(entry: Entry, measured: Measurement) -> EvidenceGrade:
    """What stands on its user's word alone has the lowest grade."""
    return EvidenceGrade.REPORTED if entry.reason == CLAIMED else measured.grade


def _amendments_follow(ledger: Ledger) -> Iterator[Finding]:
    """Each amendment has found what the entry before it left, and a completion its event."""
    for cause, stored in sorted(ledger.entries.items()):
        entry, row = stored.entry, entry_row(cause)
        if not entry.cause.amendment:
            yield from compare(row, original=(None, entry.original))
            continue
        if entry.original is None:
            yield Finding(row, "original", "what stood before", "nothing")
            continue
        before = Cause(entry.cause.partner, entry.cause.event_id, entry.cause.amendment - 1)
        earlier = ledger.entries.get(before.key)
        if earlier is None or earlier.entry.account_id != entry.account_id:
            yield Finding(row, "original", f"an entry {before.key} of this account", "none")
            continue
        behaviour = earlier.entry.behaviour
        yield from compare(
            row,
            original=(earlier.entry.amended(entry.original.kind), entry.original),
            scenario=(behaviour.scenario, entry.behaviour.scenario),
            occurred_key=(behaviour.occurred_at, entry.behaviour.occurred_at),
            consent_number=(earlier.entry.consent_number, entry.consent_number),
        )
    amended = Counter(ledger.completions.values())
    for cause, stored in sorted(ledger.entries.items()):
        original = stored.entry.original
        completes = original is not None and original.kind is AmendmentKind.COMPLETION
        yield from compare(entry_row(cause), completion=(int(completes), amended.pop(cause, 0)))
    for cause in sorted(amended):
        yield Finding(entry_row(cause), "completion", "an amendment", "none")


def _methodology(reference: str) -> Methodology | None:
    methodology_id, _, version = reference.partition("@")
    try:
        return catalogue().get(methodology_id, version)
    except MethodologyNotFoundError:
        return None


def _caps_hold(ledger: Ledger) -> Iterator[Finding]:
    """No account has more credits in a day or month than allowed, and its counters say so too."""
    for account_id, account in sorted(ledger.accounts.items()):
        counts: Counter[tuple[str, CapPeriod, int]] = Counter()
        for stored in ledger.by_account.get(account_id, []):
            entry = stored.line
            if isinstance(entry, Movement) or entry.cause.amendment:
                continue
            methodology = _methodology(entry.methodology)
            for rule in methodology.caps if methodology else ():
                day = ledger_day(entry.behaviour.occurred_at)
                scenario = entry.behaviour.scenario
                bucket = (scenario, rule.cap.period, rule.cap.period.number(day))
                counts[bucket] += 1
                if counts[bucket] == rule.cap.count + 1:
                    wanted = f"at most {rule.cap.count} of {scenario} a {rule.cap.period}"
                    yield Finding(entry_row(entry.cause.key), "cap", wanted, "one more")
        yield from _counters_are_right(account, counts)


def _counters_are_right(
    account: Account, counts: Mapping[tuple[str, CapPeriod, int], int]
) -> Iterator[Finding]:
    windows = account.caps.windows
    for (scenario, period), window in sorted(windows.items()):
        for position, found in enumerate(window.counts):
            index = window.first + position
            wanted = min(counts.get((scenario, period, index), 0), COUNT_MAX)
            if wanted != found:
                named = f"{scenario} in {period} {index}"
                yield Finding(
                    account_row(account.account_id),
                    "caps",
                    f"{wanted} of {named}",
                    f"{found} of {named}",
                )
    for (scenario, period, index), count in sorted(counts.items()):
        known = windows.get((scenario, period))
        if known is None or index >= known.first + len(known.counts):
            named = f"{count} of {scenario} in {period} {index}"
            yield Finding(account_row(account.account_id), "caps", named, "none")


# --------------------------------------------------------------------------------------- Consents


def _consent_covers(ledger: Ledger) -> Iterator[Finding]:
    """Every entry names a grant for its scenario and partner that covers when it occurred."""
    spans = {
        (account_id, span.number): span
        for account_id, records in ledger.records.items()
        for span in _spans(records)
    }
    for cause, stored in sorted(ledger.entries.items()):
        entry = stored.entry
        span = spans.get((entry.account_id, entry.consent_number))
        row = entry_row(cause)
        if span is None or span.key != (entry.behaviour.scenario, entry.cause.partner):
            yield Finding(row, "consent_number", "a grant of this", entry.consent_number)
            continue
        if entry.behaviour.occurred_at < span.since:
            wanted = f"since {format_instant(span.since)}"
            yield Finding(row, "consent", wanted, "an earlier occurrence")
        if _is_lowered(entry):
            # It adds nothing that was collected: it works out again what was, or takes it back.
            continue
        if entry.booked_at < span.since or (
            span.until is not None and entry.booked_at > span.until
        ):
            until = format_instant(span.until) if span.until else "now"
            wanted = f"from {format_instant(span.since)} to {until}"
            yield Finding(row, "decided_at", wanted, entry.booked_at)


@dataclass(frozen=True, slots=True)
class _Span:
    """A grant and its time in force; `until` is None while it still is."""

    key: ConsentKey
    number: int
    since: datetime
    until: datetime | None


def _spans(records: Iterable[ConsentRecord]) -> list[_Span]:
    """Return every grant of an account's history, ended by the next record of the same key."""
    spans: list[_Span] = []
    current: dict[ConsentKey, ConsentRecord] = {}
    for record in records:
        granted = current.pop(record.key, None)
        if granted is not None:
            spans.append(_Span(granted.key, granted.number, granted.at, record.at))
        if not _is_withdrawal(record):
            current[record.key] = record
    spans += (_Span(each.key, each.number, each.at, None) for each in current.values())
    return spans


def _consent_history_verifies(ledger: Ledger) -> Iterator[Finding]:
    """The records are chained without gap, and the account stands where they lead."""
    for account_id in sorted({*ledger.accounts, *ledger.records}):
        records = ledger.records.get(account_id, [])
        account = ledger.accounts.get(account_id)
        if account is None:
            yield Finding(account_row(account_id), "account_key", "an account", "records only")
            continue
        history = ConsentHistory()
        active: dict[ConsentKey, ActiveConsent] = {}
        for record in records:
            row = f"{account_row(account_id)} consent#{record.number:06d}"
            yield from compare(
                row,
                number=(history.length + 1, record.number),
                previous_digest=(history.head, record.previous_digest),
            )
            yield from _notice_is_known(row, record)
            history = ConsentHistory(record.number, record.digest)
            active.pop(record.key, None)
            if not _is_withdrawal(record):
                active[record.key] = ActiveConsent(record.at, record.number, record.notice_version)
        yield from compare(
            account_row(account_id),
            consent_count=(history.length, account.consent_history.length),
            consent_head=(history.head, account.consent_history.head),
            consents=(_texts(active), _texts(account.consents)),
        )


def _notice_is_known(row: str, record: ConsentRecord) -> Iterator[Finding]:
    notice = notices().get(record.key.scenario)
    if _is_withdrawal(record):
        yield from compare(row, notice_digest=("", record.notice_digest))
    elif notice is not None and notice.version == record.notice_version:
        yield from compare(row, notice_digest=(notice.digest, record.notice_digest))


def _texts(consents: Mapping[ConsentKey, ActiveConsent]) -> list[str]:
    return sorted(
        f"{key.scenario} {key.partner} since {format_instant(each.since)}"
        f" #{each.number} {each.notice_version}"
        for key, each in consents.items()
    )


def _links_are_consented(ledger: Ledger) -> Iterator[Finding]:
    """A link stands in both directions, and only where a consent with the partner is active."""
    wanted = {
        (account_id, key.partner)
        for account_id, account in ledger.accounts.items()
        for key in account.consents
        if key.partner != PLATFORM
    }
    for account_id, partner in sorted({*wanted, *ledger.account_links}):
        row = f"{account_row(account_id)} link#{partner}"
        link = ledger.account_links.get((account_id, partner))
        if link is None:
            yield Finding(row, "record", "a link", "none")
        elif (account_id, partner) not in wanted:
            yield Finding(row, "record", "no link without consent", "one")
        else:
            yield from compare(row, account_id=(account_id, ledger.links.get(link)))
    for link, account_id in sorted(ledger.links.items(), key=lambda each: each[1]):
        if ledger.account_links.get((account_id, link.partner)) != link:
            row = f"link#{link.partner} of {account_row(account_id)}"
            yield Finding(row, "account_id", "an account with this link", account_id)


# --------------------------------------------------------------------------------------- Outcomes


def _conflicts_have_outcomes(ledger: Ledger) -> Iterator[Finding]:
    for conflict in ledger.conflicts:
        row = f"{conflict.cause} conflict"
        standing = ledger.outcomes.get(conflict.cause)
        if standing is None:
            yield Finding(row, "cause", "an outcome", "none")
        elif standing[0] == conflict.payload_digest:
            yield Finding(row, "payload_digest", "another than the outcome's", "the same")


# ----------------------------------------------------------------------------------------- Totals


def _every_entry_is_counted(ledger: Ledger) -> Iterator[Finding]:
    """Each line has one leaf, in its ledger day, or in a later one if that was closed."""
    by_hash = {stored.stored_hash: stored for stored in ledger.lines.values()}
    counted: dict[str, tuple[date, str]] = {}
    for run in ledger.counted_runs():
        row = f"day#{run.day} leaves#{run.shard}#{run.last}#{run.first}"
        for leaf in run.leaves:
            stored = by_hash.get(leaf.entry_hash)
            if stored is None:
                yield Finding(row, "leaves", "hashes of entries", leaf.entry_hash)
                continue
            yield from compare(row, leaves=(_leaf(stored), leaf))
            # A batch that was broken off and cut anew leaves a row that holds the same again.
            part = (run.day, run.shard)
            if counted.setdefault(leaf.entry_hash, part) != part:
                yield Finding(row, "leaves", "each line once", key_of(stored.line))
            yield from _day_is_right(ledger, row, stored, run.day)
    for key, stored in sorted(ledger.lines.items()):
        if stored.stored_hash not in counted:
            yield Finding(entry_row(key), "leaves", "a leaf in the totals", "none")


def _leaf(stored: StoredLine) -> Leaf:
    return counted_line(stored.line, "", stored.stored_hash).leaf


def _day_is_right(ledger: Ledger, row: str, stored: StoredLine, day: date) -> Iterator[Finding]:
    booked = stored.line.ledger_day
    if day < booked or (day > booked and booked not in ledger.gates):
        yield Finding(row, "bucket", f"{key_of(stored.line)} on day#{booked}", f"day#{day}")


def _counters_are_the_leaves(ledger: Ledger) -> Iterator[Finding]:
    booked_at = {each.stored_hash: each.line.booked_at for each in ledger.lines.values()}
    counted = _counted(ledger)
    leaves: defaultdict[tuple[date, str], set[Leaf]] = defaultdict(set)
    batches: Counter[tuple[date, str]] = Counter()
    for run in ledger.counted_runs():
        leaves[run.day, run.shard].update(run.leaves)
        batches[run.day, run.shard] += 1
    for (day, shard), part in sorted(ledger.parts.items()):
        own = leaves[day, shard]
        newest = max(
            (booked_at[leaf.entry_hash] for leaf in own if leaf.entry_hash in booked_at),
            default=None,
        )
        yield from compare(
            f"day#{day} shard#{shard}",
            sums=(_sums(own, counted), dict(part.sums)),
            flows=(_flows(own, counted), dict(part.flows)),
            booked_through=(newest, part.booked_through),
            # Each batch has put its leaves and raised the version; one that was broken off has
            # put its leaves only.
            version=(min(batches[day, shard], part.version), part.version),
        )


def _counted(ledger: Ledger) -> dict[str, CountedEntry]:
    """Return what the totals count of each line, by its hash."""
    return {
        each.stored_hash: counted_line(each.line, "", each.stored_hash)
        for each in ledger.lines.values()
    }


def _sums(leaves: Iterable[Leaf], counted: Mapping[str, CountedEntry]) -> dict[TotalsKey, Sum]:
    """Return what the leaves' lines add up to; a leaf without line is known by its amount."""
    return merge_sums(
        {
            leaf.key: counted[leaf.entry_hash].contribution
            if leaf.entry_hash in counted
            else Sum(1, leaf.reduction_mg)
        }
        for leaf in leaves
    )


def _flows(leaves: Iterable[Leaf], counted: Mapping[str, CountedEntry]) -> Flows:
    return add_flows(
        counted[leaf.entry_hash].flows for leaf in leaves if leaf.entry_hash in counted
    )


def _seals_verify(ledger: Ledger) -> Iterator[Finding]:
    """Each sealed day is what its leaves are, and chained to the day before."""
    counted = _counted(ledger)
    standing: Flows = {}
    leaves: defaultdict[date, set[Leaf]] = defaultdict(set)
    for run in ledger.counted_runs():
        leaves[run.day].update(run.leaves)
    previous_seal, expected_day = SEAL_CHAIN_START, min(ledger.sealed, default=None)
    for day, sealed in sorted(ledger.sealed.items()):
        row = f"day#{day} sealed"
        by_scenario: dict[str, Sum] = {}
        by_partner: dict[str, Sum] = {}
        by_movement: dict[str, Sum] = {}
        flows = _flows(leaves[day], counted)
        standing = add_flows([standing, flows])
        for key, each in sorted(_sums(leaves[day], counted).items()):
            if key.is_movement:
                by_movement[key.partner] = each
                continue
            by_scenario[key.scenario] = by_scenario.get(key.scenario, NOTHING) + each
            by_partner[key.partner] = by_partner.get(key.partner, NOTHING) + each
        total = sum(by_scenario.values(), NOTHING)
        yield from compare(
            row,
            bucket=(expected_day, day),
            day=(day, sealed.day),
            total=(total, sealed.total),
            by_scenario=(by_scenario, dict(sealed.by_scenario)),
            by_partner=(by_partner, dict(sealed.by_partner)),
            by_movement=(by_movement, dict(sealed.by_movement)),
            flows=(flows, dict(sealed.flows)),
            standing=(standing, dict(sealed.standing)),
            root=(merkle_root(sorted(leaf.entry_hash for leaf in leaves[day])), sealed.root),
            previous_seal=(previous_seal, sealed.previous_seal),
            gates=({f"{number:02d}" for number in range(GATES)}, ledger.gates.get(day, set())),
        )
        if sealed.sealed_at < day_start(day + timedelta(days=1)):
            yield Finding(row, "sealed_at", "after the day's end", sealed.sealed_at)
        previous_seal, expected_day = sealed.seal, day + timedelta(days=1)
    if ledger.sealed:
        through = ledger.sealed_through
        yield from compare("cursor cursor", sealed_through=(max(ledger.sealed), through))


def _days_are_the_entries(ledger: Ledger) -> Iterator[Finding]:
    """The same grams, added up in three ways."""
    days = ledger.sealed_sum + ledger.live_sum
    yield from compare("all days", total=(ledger.entries_sum, days))
    yield from compare("all accounts", total=(ledger.entries_sum, ledger.balances_sum))


INVARIANTS: Final = (
    Invariant("every row reads back as it was written", _rows_are_sound, lambda x: x.rows, "rows"),
    Invariant(
        "balances = fold of lines", _balances_are_the_fold, lambda x: len(x.accounts), "accounts"
    ),
    Invariant("seq has no gap", _seq_has_no_gap, lambda x: len(x.lines), "lines"),
    Invariant("hashes recompute and chain", _chain_verifies, lambda x: len(x.lines), "lines"),
    Invariant("one gram, one fate", _one_gram_one_fate, lambda x: len(x.lines), "lines"),
    Invariant(
        "issued = held + every fate", _issued_is_held_or_ended, lambda x: len(x.lines), "lines"
    ),
    Invariant(
        "points follow the policy", _points_follow_the_policy, lambda x: len(x.entries), "entries"
    ),
    Invariant(
        "an open account has its subject",
        _accounts_are_pointed_at,
        lambda x: len(x.accounts),
        "accounts",
    ),
    Invariant(
        "reductions recompute from inputs and methodology",
        _reduction_is_recomputable,
        lambda x: len(x.entries),
        "entries",
    ),
    Invariant(
        "amendments follow what stood before",
        _amendments_follow,
        lambda x: sum(bool(each.entry.cause.amendment) for each in x.entries.values()),
        "amendments",
    ),
    Invariant("no cap is passed", _caps_hold, lambda x: len(x.entries), "entries"),
    Invariant("consent covers every entry", _consent_covers, lambda x: len(x.entries), "entries"),
    Invariant(
        "consent histories chain",
        _consent_history_verifies,
        lambda x: sum(map(len, x.records.values())),
        "records",
    ),
    Invariant(
        "links stand for consents", _links_are_consented, lambda x: len(x.account_links), "links"
    ),
    Invariant(
        "conflicts have outcomes", _conflicts_have_outcomes, lambda x: len(x.conflicts), "conflicts"
    ),
    Invariant(
        "every line is counted once",
        _every_entry_is_counted,
        lambda x: sum(len(run.leaves) for run in x.counted_runs()),
        "leaves",
    ),
    Invariant(
        "counters = sums of leaves", _counters_are_the_leaves, lambda x: len(x.parts), "parts"
    ),
    Invariant("sealed days verify and chain", _seals_verify, lambda x: len(x.sealed), "days"),
    Invariant(
        "sum of days = sum of entries = sum of balances",
        _days_are_the_entries,
        lambda x: len(x.entries),
        "entries",
    ),
    *DOCUMENT_INVARIANTS,
)
