"""Plays a plan against a stack, through its public routes only, and compares what became of it."""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol

from infra.local.http_client import Answer
from infra.local.partner import BATCH, SINGLE, Partner
from infra.seed.partners import Keys
from infra.seed.people import ChangeKind
from infra.seed.plan import Action, Case, Delivery, EventKey, Fate, Plan, Send, Signing, Step
from shared.adapters.catalogue import notices

CLOSE_DAY: Final = "close_day"
SENDERS: Final = 4
# As long as a partner goes on sending what could not be taken, with growing pauses.
ATTEMPTS_MAX: Final = 8
PAUSE_S: Final = 0.2
PAUSE_S_MAX: Final = 2.0
TRY_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
# A message whose handling broke off comes back after its queue's visibility timeout, 180 s.
DRAIN_S_MAX: Final = 400.0
# Older than any tolerance.
STALE_BY: Final = timedelta(minutes=20)


class Stage(Protocol):
    """What a plan needs of a stack."""

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer: ...

    def token(self, subject: str) -> str: ...

    def now(self) -> datetime: ...

    def set_clock(self, instant: datetime | None) -> None: ...

    def drain(self, timeout_s: float) -> None: ...

    def fire(self, schedule: str) -> Any: ...


class Outcome(NamedTuple):
    """What a partner is told about one of its events; None where there is no outcome."""

    outcome: str | None = None
    reason: str | None = None
    reduction_mg: int | None = None
    conflicts: int = 0


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where the stack did something else than it should."""

    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, found {self.found}"


class Player:
    """Plays one plan on one stage. `mismatches` collects what went otherwise."""

    def __init__(self, stage: Stage, plan: Plan, keys: Keys) -> None:
        self.mismatches: list[Mismatch] = []
        self._stage = stage
        self._plan = plan
        self._partners = {name: [Partner(name, key) for key in keys[name]] for name in keys}
        # Nobody's: what is signed with it is refused.
        self._wrong_key = Partner("nobody", next(iter(keys.values()))[0][:-8] + "AAAAAAA=")
        self._notices = {name: notice.version for name, notice in notices().items()}
        self._tokens: dict[str, str] = {}

    def first_open_step(self) -> int:
        """Return the step to go on with: all before it was played to its end.

        A step's deliveries are only sent when all before it is decided, so its first outcome tells
        that the steps before it are done. What is sent again adds nothing.
        """
        probes = [
            (number, send.key)
            for number, step in enumerate(self._plan.steps)
            if (send := _first_new(step)) is not None
        ]
        done = 0
        # Halving would do, but a store that was put back to an earlier day is only known whole.
        for number, key in probes:
            if self.outcome(key).outcome is None:
                break
            done = number
        return done

    def is_played(self) -> bool:
        """Tell whether the last report that says something new was dealt with, and all after it."""
        for step in reversed(self._plan.steps):
            keys = [send.key for send in step.sends if send.key in self._plan.fates]
            if any(self.outcome(key) != _expected(self._plan.fates[key]) for key in keys):
                return False
            if _first_new(step) is not None:
                return True
        return True

    def play(self, first: int = 0, on_step: Callable[[Step], None] | None = None) -> None:
        """Play the steps from a number on, and return to the machine's time.

        Steps wait for one another; what belongs to one step goes out in parallel. `on_step` is
        called as each begins.
        """
        # What an earlier, interrupted play has left on its way belongs before all of this.
        self._stage.drain(DRAIN_S_MAX)
        with ThreadPoolExecutor(SENDERS) as senders:
            for step in self._plan.steps[first:]:
                if on_step is not None:
                    on_step(step)
                self._play_step(step, senders)
        # Not where a play breaks off: what is still on its way belongs to the time of its step.
        self._stage.set_clock(None)

    def outcomes(self, on_outcome: Callable[[], None] | None = None) -> dict[EventKey, Outcome]:
        """Ask for the outcome of every event as its partner, and compare it with what it should be.

        Events that were never acknowledged must have none.
        """
        keys = [*self._plan.fates, *self._plan.unacknowledged]

        def ask(key: EventKey) -> Outcome:
            outcome = self.outcome(key)
            if on_outcome is not None:
                on_outcome()
            return outcome

        with ThreadPoolExecutor(SENDERS) as askers:
            found = dict(zip(keys, askers.map(ask, keys), strict=True))
        for key, outcome in found.items():
            self._compare(
                f"{key.partner} {key.event_id}", _expected(self._plan.fates.get(key)), outcome
            )
        return found

    def compare_accounts(self) -> None:
        """Compare every open account with what it should hold."""
        for subject, balance_mg in self._plan.balances_mg.items():
            answer = self.get(subject, "/v1/me/account")
            wanted = (balance_mg, self._plan.entries[subject])
            self._compare(
                f"account of {subject}", wanted, (answer["reduction_mg"], answer["entries"])
            )

    def outcome(self, key: EventKey) -> Outcome:
        """Ask as the partner what became of an event."""
        path = f"/v1/partners/{key.partner}/events/{key.event_id}"

        def ask() -> Answer:
            sender = self._partners[key.partner][0]
            headers = sender.outcome_headers(key.event_id, self._stage.now())
            return self._stage.request("GET", path, headers=headers)

        answer = self._patiently(ask)
        if answer.status == 404:  # noqa: PLR2004
            return Outcome()
        if answer.status != 200:  # noqa: PLR2004
            return Outcome(outcome=f"HTTP {answer.status}")
        body = answer.json()
        return Outcome(
            body["outcome"], body.get("reason"), body.get("reduction_mg"), len(body["conflicts"])
        )

    def get(self, subject: str | None, path: str) -> Any:
        """Return the JSON of a GET, as a user or as anybody."""
        token = self._token(subject) if subject else None
        answer = self._patiently(lambda: self._stage.request("GET", path, token=token))
        return answer.json()

    def _play_step(self, step: Step, senders: ThreadPoolExecutor) -> None:
        self._stage.set_clock(step.at)
        if step.closes_day:
            self._stage.fire(CLOSE_DAY)
        for action in step.actions:
            self._act(action)
        _consume(senders.map(self._deliver, step.deliveries))
        if step.deliveries:
            self._stage.drain(DRAIN_S_MAX)

    # ------------------------------------------------------------------------------------- Users

    def _act(self, action: Action) -> None:
        """Do what a user does. What was done already, before a restart, answers differently."""
        subject = action.person.subject
        consent = f"/v1/me/consents/{action.scenario}/{action.partner}"
        method, path, allowed = {
            ChangeKind.OPEN: ("POST", "/v1/me/account", {200, 201}),
            ChangeKind.CLOSE: ("DELETE", "/v1/me/account", {200, 204, 404}),
            ChangeKind.GRANT: ("PUT", consent, {200}),
            ChangeKind.WITHDRAW: ("DELETE", consent, {200, 204}),
        }[action.kind]

        def act() -> Answer:
            body = self._grant_body(action) if action.kind is ChangeKind.GRANT else None
            return self._stage.request(method, path, token=self._token(subject), body=body)

        answer = self._patiently(act)
        if answer.status not in allowed:
            what = f"{subject} wants to {action.kind} {action.scenario} {action.partner}".rstrip()
            self._note(what, sorted(allowed), f"{answer.status} {_code_of(answer)}")

    def _grant_body(self, action: Action) -> Mapping[str, str]:
        sender = self._partners[action.partner][0]
        reference = action.person.reference(action.partner)
        return {
            "notice_version": self._notices[action.scenario],
            "partner_link_token": sender.link_token(reference, self._stage.now()),
        }

    def _token(self, subject: str) -> str:
        if subject not in self._tokens:
            self._tokens[subject] = self._stage.token(subject)
        return self._tokens[subject]

    # ----------------------------------------------------------------------------------- Partners

    def _deliver(self, delivery: Delivery) -> None:
        path = f"/v1/partners/{delivery.partner}/events"

        def send() -> Answer:
            body, headers = self._signed(delivery)
            return self._stage.request("POST", path, headers=headers, body=body)

        answer = self._patiently(send)
        named = f"delivery of {delivery.partner} with {delivery.sends[0].key.event_id}"
        if answer.status != delivery.status:
            self._note(named, delivery.status, f"{answer.status} {_code_of(answer)}")
            return
        for send_, found in zip(delivery.sends, _refusals(delivery, answer), strict=True):
            self._compare(f"{named}: {send_.key.event_id}", send_.refusal, found)

    def _signed(self, delivery: Delivery) -> tuple[bytes, dict[str, str]]:
        events = [dict(send.event) for send in delivery.sends]
        body = _dump(events if delivery.is_batch else events[0])
        now = self._stage.now()
        keys = self._partners[delivery.partner]
        sender = keys[0]
        if delivery.signing is Signing.FORMER_KEY:
            sender = keys[-1]
        elif delivery.signing is Signing.WRONG_KEY:
            sender = self._wrong_key
        elif delivery.signing is Signing.STALE:
            now -= STALE_BY
        headers = {"content-type": BATCH if delivery.is_batch else SINGLE, **sender.sign(body, now)}
        if delivery.signing is Signing.CHANGED_BODY:
            body = body.replace("distance_km", "distance_mi")
        return body.encode(), headers

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer that is one, at most ATTEMPTS_MAX times."""
        for attempt in range(ATTEMPTS_MAX):
            answer = ask()
            if answer.status not in TRY_AGAIN:
                break
            time.sleep(min(PAUSE_S_MAX, PAUSE_S * 2**attempt))
        return answer

    def _compare(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self._note(what, expected, found)

    def _note(self, what: str, expected: object, found: object) -> None:
        self.mismatches.append(Mismatch(what, expected, found))


def _first_new(step: Step) -> Send | None:
    """Return an event that has its outcome from this step, if there is one."""
    for send in step.sends:
        if send.refusal is None and not send.is_repeat and send.case is not Case.TWO_PAYLOADS:
            return send
    return None


def _expected(fate: Fate | None) -> Outcome:
    if fate is None:
        return Outcome()
    return Outcome(fate.outcome, fate.reason, fate.reduction_mg, fate.conflicts)


def _refusals(delivery: Delivery, answer: Answer) -> Sequence[str | None]:
    """Return the problem code of each event of a request, None for what was accepted."""
    body = answer.json()
    if "results" not in body:
        return [body.get("code")] * len(delivery.sends)
    return [result.get("problem", {}).get("code") for result in body["results"]]


def _code_of(answer: Answer) -> str:
    try:
        return str(answer.json().get("code", ""))
    except (ValueError, AttributeError):
        return ""


def _consume(results: Iterable[None]) -> None:
    """Wait for all, and let the first error out."""
    for _ in results:
        pass


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
