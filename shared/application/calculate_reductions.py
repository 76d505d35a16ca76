"""Measure queued events by the methodology in force when they occurred, and find their accounts."""

from collections.abc import Callable, Mapping

from shared.application.ports import (
    AccountPostings,
    Consents,
    Link,
    PostingQueue,
    ReportedEvent,
)
from shared.domain.catalogue import Catalogue
from shared.domain.crediting import Posting
from shared.domain.errors import CarbonAccountError
from shared.domain.points_policy import PointsPolicies

POSTINGS_PER_MESSAGE_MAX = 25


def calculate_reductions(
    consents: Consents,
    catalogue: Catalogue,
    policies: PointsPolicies,
    queue: PostingQueue,
    *,
    events: Mapping[str, ReportedEvent],
    new_salt: Callable[[], str],
) -> frozenset[str]:
    """Post each event's reduction to its account; return the keys of those that must come again.

    `events` is by message. An event whose reference nobody is linked to is posted to nobody, so
    that its outcome is recorded where all outcomes are. One that cannot be looked up or measured
    now comes again by itself, and does not hold up its neighbours.
    """
    accounts: dict[Link, str | None] = {}
    grouped: dict[str | None, list[tuple[str, Posting]]] = {}
    again: set[str] = set()
    for message, event in events.items():
        link = Link(event.cause.partner, event.reference_hash)
        try:
            posting = _measure(catalogue, policies, event, new_salt())
            if link not in accounts:
                accounts[link] = _account_of(consents, link)
        except CarbonAccountError:
            again.add(message)
            continue
        grouped.setdefault(accounts[link], []).append((message, posting))
    batches: list[AccountPostings] = []
    messages: list[tuple[str, ...]] = []
    for account_id, measured in grouped.items():
        for start in range(0, len(measured), POSTINGS_PER_MESSAGE_MAX):
            chunk = measured[start : start + POSTINGS_PER_MESSAGE_MAX]
            batches.append(AccountPostings(account_id, tuple(posting for _, posting in chunk)))
            messages.append(tuple(message for message, _ in chunk))
    failed = queue.send(batches)
    return frozenset(again.union(*(messages[position] for position in failed)))


def _account_of(consents: Consents, link: Link) -> str | None:
    """A cheap read finds nearly every link; that there is none is only believed when certain."""
    found = consents.linked_account(link, consistent=False)
    return found or consents.linked_account(link, consistent=True)


def _measure(
    catalogue: Catalogue, policies: PointsPolicies, event: ReportedEvent, salt: str
) -> Posting:
    behaviour = event.behaviour
    methodology = catalogue.in_force(behaviour.scenario, behaviour.occurred_at)
    measurement = methodology.measure(methodology.read_inputs(behaviour.inputs))
    return Posting(
        cause=event.cause,
        behaviour=behaviour,
        payload_digest=event.payload_digest,
        measurement=measurement,
        methodology=methodology.reference,
        label=methodology.label_for(measurement.missing),
        caps=tuple(rule.cap for rule in methodology.caps),
        salt=salt,
        exclusive_with=methodology.exclusive_with,
        completes=event.completes,
        points=policies.terms(behaviour.scenario, behaviour.occurred_at),
    )
