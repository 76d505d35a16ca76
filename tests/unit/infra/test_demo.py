"""The demo's own parts: which month a store has, where it goes on, and when it fails."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local import demo
from infra.local.check import CheckReport, Line, Reconciliation
from infra.local.clock import StackClock
from infra.local.errors import LocalError
from infra.local.files import read_json, write_json
from infra.local.findings import Finding
from infra.local.places import StateDir
from infra.local.player import Mismatch, Outcome
from infra.local.worth import Worth
from infra.seed.plan import Case, EventKey, Plan
from shared.domain.instants import LEDGER_ZONE
from shared.domain.measurement import Sum

NOTHING = Reconciliation(Sum(), Sum(), Sum(), Sum(), 0)
GOOD = CheckReport((Line("it holds", 1, "rows", ()),), NOTHING)
BAD = CheckReport((Line("it holds", 1, "rows", (Finding("row", "seq", 1, 2),)),), NOTHING)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return demo.seeded_plan(tmp_path, 4)


def as_planned(plan: Plan) -> dict[EventKey, Outcome]:
    outcomes = {
        key: Outcome(fate.outcome, fate.reason, fate.reduction_mg, fate.conflicts)
        for key, fate in plan.fates.items()
    }
    return outcomes | dict.fromkeys(plan.unacknowledged, Outcome())


def test_a_month_ends_yesterday_so_that_nothing_is_booked_into_the_future(plan: Plan):
    today = datetime.now(LEDGER_ZONE).date()

    assert plan.last_day in {today - timedelta(days=1), today - timedelta(days=2)}


def test_a_store_keeps_its_month(tmp_path: Path):
    write_json(tmp_path / demo.SEEDED_FILE, {"last_day": "2026-03-31", "days": 5, "seed": 7})

    assert demo.seeded_plan(tmp_path, None) == demo.seeded_plan(tmp_path, 5)
    assert demo.seeded_plan(tmp_path, None).last_day.isoformat() == "2026-03-31"
    with pytest.raises(LocalError, match="5 days"):
        demo.seeded_plan(tmp_path, 30)


def test_a_stack_goes_on_at_the_time_at_which_its_play_broke_off(tmp_path: Path):
    clock = StackClock(StateDir(tmp_path).clock)
    demo.resume_clock(tmp_path)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)

    write_json(tmp_path / demo.SEEDED_FILE, {demo.PLAYING: "2026-03-10T12:40:00+08:00"})
    demo.resume_clock(tmp_path)

    assert abs(clock.now() - datetime(2026, 3, 10, 4, 40, tzinfo=UTC)) < timedelta(minutes=1)


def test_all_is_well_when_everything_is_as_it_should_be(plan: Plan, tmp_path: Path):
    result = demo.Result(plan, as_planned(plan), (), Worth(), GOOD)

    assert result.holds
    assert result.summary().endswith("0 without outcome, 0 mismatches, invariants hold")
    assert read_json(tmp_path / demo.SEEDED_FILE)["days"] == 4


def test_each_send_is_counted_once(plan: Plan):
    counts = demo.Result(plan, as_planned(plan), (), Worth(), GOOD).counts()

    sent = Counter(send.case for send in plan.sends)
    for case in Case:
        assert sum(counts[case, column] for column in demo.COLUMNS) == sent[case]


def test_an_event_without_outcome_is_in_the_summary(plan: Plan):
    outcomes = as_planned(plan)
    outcomes[next(key for key, fate in plan.fates.items() if fate.reason is None)] = Outcome()

    assert "1 without outcome" in demo.Result(plan, outcomes, (), Worth(), GOOD).summary()


def test_a_mismatch_or_a_broken_invariant_is_a_failure(plan: Plan):
    outcomes = as_planned(plan)
    mismatch = Mismatch("metro-demo 1", Outcome("credited"), Outcome())

    assert not demo.Result(plan, outcomes, (mismatch,), Worth(), GOOD).holds
    broken = demo.Result(plan, outcomes, (), Worth(), BAD)
    assert not broken.holds
    assert broken.summary().endswith("INVARIANTS BROKEN")


@pytest.mark.parametrize("days", ["3", "31"])
def test_a_month_has_four_to_thirty_days(days: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        demo.main(["--days", days])
    assert "from 4 to 30" in capsys.readouterr().err
