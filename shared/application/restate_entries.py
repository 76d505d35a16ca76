"""Work out again what one methodology measured by another, and post the differences.

Nothing is changed here. A correction is an entry like any other, committed with its account in the
open day, and it counts only if what it was worked out from still stands then. So a page may be
repeated, and a broken restatement begun again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.application.ports import AccountPostings, MeasuredEntries, PostingQueue
from shared.domain.canonical import digest
from shared.domain.catalogue import Catalogue
from shared.domain.crediting import Posting
from shared.domain.entry import AMENDMENTS_MAX, CLAIMED, Entry
from shared.domain.errors import BusyError, InvalidRequestError
from shared.domain.measurement import Measurement, claimed
from shared.domain.methodology import Methodology, Use

ROWS_PER_PAGE = 1000
POSTINGS_PER_MESSAGE_MAX = 25


@dataclass(frozen=True, slots=True)
class RestatedPage:
    """What one page of the ledger comes to; amounts are in milligrams of CO2e.

    `unmeasurable` counts entries whose inputs the replacement does not take, and those that were
    amended as often as may be. `next_key` is None at the ledger's end.
    """

    corrected: int
    unchanged: int
    unmeasurable: int
    raised_mg: int
    lowered_mg: int
    accounts: tuple[str, ...]
    next_key: str | None


def restate_entries(
    entries: MeasuredEntries,
    catalogue: Catalogue,
    queue: PostingQueue,
    *,
    replaced: str,
    replacement: str,
    is_dry_run: bool,
    after: str | None,
    new_salt: Callable[[], str],
) -> RestatedPage:
    """Compare one page of entries; unless it is a dry run, post their corrections.

    Raises MethodologyNotFoundError, InvalidRequestError when the two do not measure the same
    scenario for credit, and BusyError when not all could be posted: the page must then come again.
    """
    _require_comparable(catalogue.named(replaced), by=catalogue.named(replacement))
    methodology = catalogue.named(replacement)
    found, next_key = entries.measured_by(replaced, limit=ROWS_PER_PAGE, after=after)
    corrections: dict[str, list[Posting]] = {}
    differences: list[int] = []
    unchanged = unmeasurable = 0
    for entry in found:
        if entry.is_reversal:
            continue  # Nothing of it stands.
        if entries.entry(entry.cause.next_amendment) is not None:
            continue  # It was amended, and the amendment comes on its own.
        measurement = _measure(methodology, entry)
        if measurement is None:
            unmeasurable += 1
        elif _is_unchanged(entry, measurement, methodology):
            unchanged += 1
        else:
            posting = _correction(entry, measurement, methodology, new_salt())
            corrections.setdefault(entry.account_id, []).append(posting)
            differences.append(measurement.reduction_mg - entry.standing_mg)
    if not is_dry_run and queue.send(_batches(corrections)):
        raise BusyError
    return RestatedPage(
        corrected=len(differences),
        unchanged=unchanged,
        unmeasurable=unmeasurable,
        raised_mg=sum(each for each in differences if each > 0),
        lowered_mg=-sum(each for each in differences if each < 0),
        accounts=tuple(sorted(corrections)),
        next_key=next_key,
    )


def _require_comparable(replaced: Methodology, *, by: Methodology) -> None:
    if replaced.reference == by.reference:
        raise InvalidRequestError("A methodology is not restated by itself.")
    if {replaced.use, by.use} != {Use.CREDIT} or replaced.scenario != by.scenario:
        raise InvalidRequestError("Both must be for credit, and of the same scenario.")


def _measure(methodology: Methodology, entry: Entry) -> Measurement | None:
    """Unknown remains unknown: where an input is missing or implausible now, nothing is made up."""
    if entry.cause.amendment >= AMENDMENTS_MAX:
        return None
    try:
        measured = methodology.measure(methodology.read_inputs(entry.behaviour.inputs))
    except InvalidRequestError:
        return None
    # Another methodology does not make a user's word better evidence.
    return claimed(measured) if entry.reason == CLAIMED else measured


def _is_unchanged(entry: Entry, measurement: Measurement, methodology: Methodology) -> bool:
    standing = (entry.standing_mg, entry.spread, entry.grade, entry.missing, entry.label)
    return standing == (*measurement, methodology.label_for(measurement.missing))


def _correction(
    entry: Entry, measurement: Measurement, methodology: Methodology, salt: str
) -> Posting:
    cause = entry.cause.next_amendment
    facts = {
        "cause": cause.key,
        "replaced": entry.methodology,
        "replacement": methodology.reference,
    }
    return Posting(
        cause=cause,
        behaviour=entry.behaviour,
        payload_digest=digest(facts),
        measurement=measurement,
        methodology=methodology.reference,
        label=methodology.label_for(measurement.missing),
        caps=(),
        salt=salt,
        corrects=entry.methodology,
        reason=entry.reason,
    )


def _batches(corrections: Mapping[str, Sequence[Posting]]) -> Sequence[AccountPostings]:
    return [
        AccountPostings(account_id, tuple(postings[start : start + POSTINGS_PER_MESSAGE_MAX]))
        for account_id, postings in corrections.items()
        for start in range(0, len(postings), POSTINGS_PER_MESSAGE_MAX)
    ]
