"""Compare one of the subject's own entries with what other rules would make of it."""

from shared.application.get_entry import get_entry
from shared.application.ports import Accounts, Statement
from shared.domain.catalogue import Catalogue
from shared.domain.comparison import RuleResult, compare
from shared.domain.entry import Entry


def compare_entry(
    accounts: Accounts,
    statement: Statement,
    catalogue: Catalogue,
    *,
    subject_hash: str,
    public_id: str,
) -> tuple[Entry, tuple[RuleResult, ...]]:
    """Return the entry and the results; the rule that governs is the version it was booked under.

    Raises AccountNotFoundError, EntryNotFoundError for another's entry too, and BusyError.
    """
    entry = get_entry(accounts, statement, subject_hash=subject_hash, public_id=public_id)
    behaviour = entry.behaviour
    governing = catalogue.named(entry.methodology)
    others = catalogue.comparisons(behaviour.scenario)
    return entry, compare(governing, others, behaviour.inputs)
