"""`python -m infra.local demo`: a sample month through the webhook, and what became of all of it.

Partners, users and events are made up; everything else is the stack as it is deployed. Each
acknowledged event is asked for by its partner and compared with what should have become of it, and
then the whole store is checked. Anything that is not as it should be makes the exit code 1.
"""

import argparse
import signal
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.local.check import CheckReport, look_until_settled, print_report, run_check
from infra.local.clock import StackClock
from infra.local.errors import LocalError
from infra.local.files import read_json, write_json
from infra.local.places import DEFAULT_STATE, StateDir
from infra.local.player import Mismatch, Outcome, Player
from infra.local.running import RunningStack
from infra.local.stack import LocalStack, Ports
from infra.local.worth import Worth, play_worth
from infra.seed.partners import seed_partners
from infra.seed.people import PEOPLE
from infra.seed.plan import Case, EventKey, Plan, Send, Step
from infra.seed.sample_month import DAYS, SEED, sample_month
from shared.domain.crediting import RefusalReason
from shared.domain.instants import LEDGER_ZONE

# Which month the store was filled with; a later start goes on with the same one.
SEEDED_FILE: Final = "sample-month.json"
PLAYING: Final = "playing"
DAYS_MIN: Final = 4
MISMATCHES_SHOWN_MAX: Final = 30
STATEMENT_LINES: Final = 8
PLAIN_WIDTH: Final = 132
MG_PER_KG: Final = 1_000_000
PORTS: Final = Ports()

ADDS_NOTHING: Final = "adds nothing"
REFUSED: Final = "refused"
MISSING: Final = "no outcome"
COLUMNS: Final = (
    "credited",
    "not_consented",
    "outside_consent",
    "cap_reached",
    "excluded",
    "nothing_to_complete",
    ADDS_NOTHING,
    REFUSED,
)


@dataclass(frozen=True, slots=True)
class Result:
    """What was played, what became of it, and whether it is as it should be."""

    plan: Plan
    outcomes: Mapping[EventKey, Outcome]
    mismatches: Sequence[Mismatch]
    worth: Worth
    report: CheckReport

    @property
    def holds(self) -> bool:
        return not self.mismatches and self.report.holds

    def counts(self) -> Counter[tuple[Case, str]]:
        """Return how many events sent as what have ended as what; each send counts once."""
        return Counter((send.case, self._column(send)) for send in self.plan.sends)

    def summary(self) -> str:
        """Return the line that says it all."""
        ended = Counter[str]()
        for (_, column), count in self.counts().items():
            ended[column] += count
        rejected = sum(ended[reason] for reason in RefusalReason)
        invariants = "invariants hold" if self.report.holds else "INVARIANTS BROKEN"
        return (
            f"demo: {ended.total()} sent, {ended['credited']} credited, {rejected} rejected, "
            f"{ended[ADDS_NOTHING]} known already, {ended[REFUSED]} refused at the door, "
            f"{ended[MISSING]} without outcome, {len(self.mismatches)} mismatches, {invariants}"
        )

    def _column(self, send: Send) -> str:
        if send.refusal is not None:
            return REFUSED
        if send.is_repeat:
            return ADDS_NOTHING
        outcome = self.outcomes[send.key]
        return outcome.reason or outcome.outcome or MISSING


def main(arguments: Sequence[str]) -> int:
    """Start a stack, play the month, print what became of it; return 1 unless all is right."""
    options = _parser().parse_args(arguments)
    console = make_console()
    stack = LocalStack(
        options.state_dir,
        Ports(options.port, options.endpoint_port, options.dynamodb_port),
        store=options.store,
    )
    resume_clock(options.state_dir)
    with stack:
        result = present(stack, options.state_dir, console, days=options.days)
        if options.serve:
            greet(stack, result.plan, console)
            _wait_for_signal()
    return 0 if result.holds else 1


def make_console() -> Console:
    """Return a console that is plain and wide where nobody looks on."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=PLAIN_WIDTH)


def present(
    stack: RunningStack, state_dir: Path, console: Console, *, days: int | None = None
) -> Result:
    """Play the month, or what is left of it, and print what became of it."""
    result = play(stack, state_dir, console, days=days)
    _print_cases(result, console)
    _print_scenarios(result, console)
    _print_statement(stack, result.plan, console)
    _print_sealed_day(stack, result.plan, console)
    _print_worth(result.worth, console)
    _print_reconciliation(result.report, console)
    print_report(result.report, console)
    for mismatch in result.mismatches[:MISMATCHES_SHOWN_MAX]:
        console.print(f"MISMATCH {mismatch}", style="bold red", markup=False, soft_wrap=True)
    if len(result.mismatches) > MISMATCHES_SHOWN_MAX:
        console.print(f"... and {len(result.mismatches) - MISMATCHES_SHOWN_MAX} more", style="red")
    style = "bold green" if result.holds else "bold red"
    console.print(result.summary(), style=style, markup=False, soft_wrap=True)
    return result


def play(
    stack: RunningStack, state_dir: Path, console: Console, *, days: int | None = None
) -> Result:
    """Play what is not played yet; return what became of everything."""
    keys = seed_partners(
        stack.clients, stack.outputs["PartnersTable"], stack.parameters["PartnerSecretPrefix"]
    )
    plan = seeded_plan(state_dir, days)
    player = Player(stack, plan, keys)
    if not player.is_played():
        _play_rest(player, plan, state_dir / SEEDED_FILE, console)
    asked = len(plan.fates) + len(plan.unacknowledged)
    with _progress(console, "outcomes asked for", asked) as show:
        counter = _Counter(show)
        outcomes = player.outcomes(counter.count)
    player.compare_accounts()
    worth = play_worth(stack, state_dir)
    report = look_until_settled(lambda: run_check(stack.clients("dynamodb"), stack.outputs))
    mismatches = (*player.mismatches, *worth.mismatches)
    return Result(plan, outcomes, mismatches, worth, report)


def _play_rest(player: Player, plan: Plan, seeded_file: Path, console: Console) -> None:
    """Play what is left, noting down where it is."""
    seeded = read_json(seeded_file)
    days = (plan.last_day - plan.first_day).days + 1
    with _progress(console, "days played", days) as show:

        def begin(step: Step) -> None:
            write_json(seeded_file, {**seeded, PLAYING: step.at.isoformat()})
            show((step.at.astimezone(LEDGER_ZONE).date() - plan.first_day).days)

        player.play(player.first_open_step(), begin)
        show(days)
    write_json(seeded_file, {key: value for key, value in seeded.items() if key != PLAYING})


def resume_clock(state_dir: Path) -> None:
    """Set the clock of a stack that is about to start to where a broken-off play was.

    What was queued then is handled as soon as the stack is up, and belongs to that time.
    """
    seeded = read_json(state_dir / SEEDED_FILE) or {}
    if PLAYING in seeded:
        StackClock(StateDir(state_dir).clock).set(datetime.fromisoformat(seeded[PLAYING]))


def seeded_plan(state_dir: Path, days: int | None) -> Plan:
    """Return the month of this store: the one it was filled with, or one that ends yesterday.

    Yesterday, because a month must not book into the future; its last day stays open.
    """
    path = state_dir / SEEDED_FILE
    seeded = read_json(path)
    if seeded is None:
        yesterday = datetime.now(LEDGER_ZONE).date() - timedelta(days=1)
        seeded = {"last_day": yesterday.isoformat(), "days": days or DAYS, "seed": SEED}
        write_json(path, seeded)
    elif days not in {None, seeded["days"]}:
        raise LocalError(
            f"This store was filled with a month of {seeded['days']} days. "
            "`python -m infra.local reset` empties it, or choose another --state-dir."
        )
    last_day = date.fromisoformat(seeded["last_day"])
    return sample_month(last_day, days=seeded["days"], seed=seeded["seed"])


def greet(stack: RunningStack, plan: Plan, console: Console) -> None:
    """Print the address, a token, and four requests that work."""
    shown = PEOPLE[0]
    sealed = plan.last_day - timedelta(days=1)
    console.print(
        f"\nThe API is at {stack.base_url}/v1 - its documentation: {stack.base_url}/v1/docs"
    )
    console.print(f"A token of {shown.name}'s, for eight hours, and four requests to begin with:\n")
    authorization = '-H "Authorization: Bearer $TOKEN"'
    json_body = "-H 'Content-Type: application/json'"
    ride = '{"scenario": "metro", "inputs": {"distance_km": 10}}'
    for line in (
        f"TOKEN={stack.token(shown.subject)}",
        f"curl -sS {authorization} '{stack.base_url}/v1/me/account'",
        f"curl -sS {authorization} '{stack.base_url}/v1/me/entries?limit=3'",
        f"curl -sS '{stack.base_url}/v1/totals/days/{sealed}'",
        f"curl -sS '{stack.base_url}/v1/comparisons' {json_body} -d '{ride}'",
    ):
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"\nThe account page: {stack.base_url}/app")
    console.print("Ctrl-C stops it.")


# ----------------------------------------------------------------------------------------- Tables


# Reasons as they fit above a column.
_SHORT: Final = {
    "not_consented": "no consent",
    "outside_consent": "too early",
    "cap_reached": "capped",
    "nothing_to_complete": "complete",
}


def _print_cases(result: Result, console: Console) -> None:
    counts = result.counts()
    columns = [*COLUMNS]
    if any(column == MISSING for _, column in counts):
        columns.append(MISSING)
    headings = [_SHORT.get(column, column) for column in columns]
    table = _table(console, "What was sent, and what became of it", "sent as", "sent", *headings)
    for case in Case:
        cells = [counts[case, column] for column in columns]
        if any(cells):
            table.add_row(case, str(sum(cells)), *_cells(cells))
    totals = [sum(counts[case, column] for case in Case) for column in columns]
    table.add_section()
    table.add_row("all", str(sum(totals)), *_cells(totals))
    console.print(table)


def _print_scenarios(result: Result, console: Console) -> None:
    counts, amounts = Counter[str](), Counter[str]()
    for key, fate in result.plan.fates.items():
        amount_mg = result.outcomes[key].reduction_mg
        if amount_mg is not None:
            counts[fate.scenario] += 1
            amounts[fate.scenario] += amount_mg
    table = _table(console, "Totals by scenario", "scenario", "credited", "kg CO2e")
    for scenario in sorted(counts):
        table.add_row(scenario, str(counts[scenario]), _kg(amounts[scenario]))
    table.add_section()
    table.add_row("all", str(counts.total()), _kg(amounts.total()))
    console.print(table)


def _print_statement(stack: RunningStack, plan: Plan, console: Console) -> None:
    person = PEOPLE[0]
    token = stack.token(person.subject)
    account = _get(stack, "/v1/me/account", token)
    page = _get(stack, f"/v1/me/entries?limit={STATEMENT_LINES}", token)
    month = f"from={plan.first_day}&to={plan.last_day}"
    totals = _get(stack, f"/v1/me/totals?granularity=month&{month}", token)
    balance = f"{account['entries']} entries, {_kg(account['reduction_mg'])} kg CO2e"
    title = f"{person.name}'s statement: {balance}"
    table = _table(
        console,
        title,
        *("occurred", "scenario", "partner", "inputs", "kg CO2e", "from", "to", "grade", "label"),
    )
    for entry in page["entries"]:
        inputs = " ".join(f"{name}={value}" for name, value in sorted(entry["inputs"].items()))
        table.add_row(
            _local(entry["occurred_at"]),
            entry.get("amends", entry["scenario"]),
            entry["partner"],
            inputs or (f"without {' '.join(entry['missing'])}" if entry["missing"] else "-"),
            _kg(entry["reduction_mg"]),
            _kg(entry["low_mg"]),
            _kg(entry["high_mg"]),
            str(entry["evidence_grade"]),
            entry["label"],
        )
    table.add_section()
    for period in totals["periods"]:
        total = period["total"]
        table.add_row(
            f"{period['period']}",
            f"{total['count']} entries",
            *("", ""),
            *(_kg(total[name]) for name in ("reduction_mg", "low_mg", "high_mg")),
            "/".join(total["evidence_mg"]),
            total["label"],
        )
    console.print(table)


def _print_sealed_day(stack: RunningStack, plan: Plan, console: Console) -> None:
    day = _get(stack, f"/v1/totals/days/{plan.last_day - timedelta(days=1)}")
    table = _table(console, f"The sealed day {day['day']}", "what", "entries", "kg CO2e")
    for kind in ("by_scenario", "by_partner"):
        for name, each in sorted(day[kind].items()):
            table.add_row(name, str(each["count"]), _kg(each["reduction_mg"]))
        table.add_section()
    table.add_row("all", str(day["total"]["count"]), _kg(day["total"]["reduction_mg"]))
    console.print(table)
    for name in ("root", "previous_seal", "seal"):
        if name in day:
            console.print(f"  {name:<14} {day[name]}", markup=False, soft_wrap=True)


def _print_worth(worth: Worth, console: Console) -> None:
    table = _table(console, "What the grams were worth", "who", "deed", "result")
    for deed in worth.deeds:
        table.add_row(deed.who, deed.what, deed.result)
    console.print(table)


def _print_reconciliation(report: CheckReport, console: Console) -> None:
    sums = report.reconciliation
    table = _table(console, "Reconciliation: three ways to one sum", "what", "entries", "kg CO2e")
    table.add_row("ledger entries", str(sums.entries.count), _kg(sums.entries.reduction_mg))
    table.add_row("account balances", str(sums.balances.count), _kg(sums.balances.reduction_mg))
    days = sums.sealed + sums.live
    named = f"{sums.sealed_days} sealed days + open days"
    table.add_row(named, str(days.count), _kg(days.reduction_mg))
    table.add_row("  of which open", str(sums.live.count), _kg(sums.live.reduction_mg))
    console.print(table)


def _table(console: Console, title: str, *columns: str) -> Table:
    frame = box.ROUNDED if console.is_terminal else box.ASCII
    table = Table(title=title, box=frame, title_justify="left")
    words = {"sent as", "scenario", "what", "occurred", "booked", "partner", "inputs", "label"}
    words |= {"who", "deed", "result"}
    for column in columns:
        heading = column.replace("_", " ")
        table.add_column(heading, justify="left" if column in words else "right")
    return table


def _cells(counts: Sequence[int]) -> list[str]:
    return [str(count) if count else "" for count in counts]


def _kg(amount_mg: int) -> str:
    """Return milligrams as kilograms, to the milligram."""
    kilograms, milligrams = divmod(abs(amount_mg), MG_PER_KG)
    return f"{'-' if amount_mg < 0 else ''}{kilograms}.{milligrams:06d}"


def _local(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(LEDGER_ZONE):%Y-%m-%d %H:%M}"


def _get(stack: RunningStack, path: str, token: str | None = None) -> Any:
    answer = stack.request("GET", path, token=token)
    if answer.status != 200:  # noqa: PLR2004
        raise LocalError(f"GET {path} answered {answer.status}: {answer.body.decode()}")
    return answer.json()


# --------------------------------------------------------------------------------------- Progress


class _Counter:
    """Counts from several threads."""

    def __init__(self, show: Callable[[int], None]) -> None:
        self._show = show
        self._count = 0
        self._lock = threading.Lock()

    def count(self) -> None:
        with self._lock:
            self._count += 1
            self._show(self._count)


@contextmanager
def _progress(console: Console, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show progress as a bar, or, where nobody looks on, in a few lines."""
    if not console.is_terminal:
        yield _plain_progress(console, what, total)
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


def _plain_progress(console: Console, what: str, total: int) -> Callable[[int], None]:
    shown: defaultdict[int, bool] = defaultdict(bool)

    def show(done: int) -> None:
        quarter = done * 4 // total
        if quarter and not shown[quarter]:
            shown[quarter] = True
            console.print(f"{done} of {total} {what}")

    return show


def _wait_for_signal() -> None:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    stopping.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local demo", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=DEFAULT_STATE)
    parser.add_argument("--store", choices=["memory", "durable"], default="memory")
    parser.add_argument("--port", type=int, default=PORTS.http, help="of the API")
    parser.add_argument("--endpoint-port", type=int, default=PORTS.endpoint)
    parser.add_argument("--dynamodb-port", type=int, default=PORTS.dynamodb)
    parser.add_argument(
        "--days", type=_days, help=f"of the month, from {DAYS_MIN} to {DAYS}; {DAYS} if not given"
    )
    parser.add_argument("--serve", action="store_true", help="go on serving until Ctrl-C")
    return parser


def _days(text: str) -> int:
    days = int(text)
    if not DAYS_MIN <= days <= DAYS:
        raise argparse.ArgumentTypeError(f"from {DAYS_MIN} to {DAYS}")
    return days


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
