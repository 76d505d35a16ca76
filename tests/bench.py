"""`make bench`: the service numbers, each as a ratio to a floor or rival measured in the same run.

Absolute times of a shared machine mean nothing, so cold starts are processes run in turn with their
floor, and ratios are medians over the rounds. Units are counted from the requests themselves.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from rich.console import Console
from rich.table import Table

from shared.adapters import chance, clock
from shared.adapters.catalogue import catalogue
from shared.application.changing import ATTEMPTS_MAX
from shared.domain.account import open_account
from shared.domain.crediting import Posting, decide_credits
from shared.domain.entry import Behaviour, Cause
from shared.runtime.strict_json import read_json
from tests import page_figures
from tests.support.capacity import Meter
from tests.support.cloud import ENVIRONMENT, NOW, Cloud
from tests.support.features.redemptions import a_benefit, credit, publish
from tests.support.partners import METRO, METRO_SECRET, dump, link_token, metro_event, signed
from tests.support.redeeming import lost_races
from tests.support.suppliers import use_supplier
from tests.support.template import functions

ROOT = Path(__file__).parents[1]
ROUNDS = 5
EVENTS = 100
FLOOR = "pass"
# What a Lambda of this kind usually imports before it does anything.
USUAL = """
import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.batch import BatchProcessor
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from pynamodb.models import Model
Logger(), Metrics(), APIGatewayHttpResolver(enable_validation=True)
boto3.resource("dynamodb").Table("table")
"""
HANDLER = "import functions.{name}.handler"
# What the catalogue adds: reading its index, and one methodology when its first event comes.
CATALOGUE = """
from datetime import UTC, datetime
from shared.adapters.catalogue import catalogue
catalogue().in_force("metro", datetime(2026, 11, 10, tzinfo=UTC))
"""
CLIENT = """
from shared.adapters.dynamodb import _CONNECTION
_CONNECTION.client
"""


def main() -> None:
    argparse.ArgumentParser(prog="make bench", description=__doc__).parse_args()
    os.environ.update(ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "true"})
    from shared.runtime import telemetry

    telemetry.logger.setLevel("CRITICAL")
    console = Console(width=110)
    for title, rows in (
        ("Capacity units, counted from the requests", [*units(), *redemption_units()]),
        ("A stock of 20, bought by 20 at the same moment", stock()),
        (f"CPU per event, {EVENTS} events", warm()),
        (f"Cold start, CPU of the imports, median of {ROUNDS} rounds", cold()),
        (f"The account page, median of {page_figures.ROUNDS} loads", page_figures.rows()),
    ):
        table = Table(title=title, title_justify="left")
        table.add_column("what")
        table.add_column("figure", justify="right")
        table.add_column("against")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def units() -> list[tuple[str, str, str]]:
    """Count write and read units by the shape of a batch."""
    rows = []
    for title, events in (
        ("one credited event", 1),
        ("five events of one account in one message, per event", 5),
    ):
        with _world() as (cloud, meter):
            # The registry and the keys are cached for a minute; the first event fills the caches.
            _play(cloud, [metro_event("first", subject="rider-9")])
            with meter.counting() as used:
                _play(cloud, [metro_event(f"ride-{number}") for number in range(events)])
            rows.append(_units_row(title, used, events))
    with _world() as (cloud, meter):
        _play(cloud, [metro_event("ride-1")])
        with meter.counting() as used:
            _play(cloud, [metro_event("ride-1")])
        rows.append(_units_row("a duplicate delivery", used, 1))
    with _world() as (cloud, meter), meter.counting() as used:
        _play(cloud, [metro_event("ride-1", subject="rider-9")])
    rows.append(_units_row("an event of nobody known", used, 1))
    return rows


def redemption_units() -> list[tuple[str, str, str]]:
    """Count the units of a redemption that is held, and of its settlement."""
    rows = []
    with pytest.MonkeyPatch.context() as patch, _world() as (cloud, meter):
        use_supplier(patch)
        _, account, _ = cloud.request("get_account")
        credit(cloud, account["account_id"], "ride", 100, 0)
        cloud.drain()
        coffee = a_benefit("coffee", points=15)
        publish(coffee)
        body = dump({"benefit_id": "coffee", "price": coffee["price"]})
        with meter.counting() as used:
            key = {"Idempotency-Key": "key-00000"}
            assert cloud.request("redeem_benefit", headers=key, body=body)[0] == 201
        rows.append(_units_row("a redemption that is held", used, 1, "five items"))
        with meter.counting() as used:
            cloud.deliver("FulfilmentQueue", "fulfil_redemptions")
        rows.append(_units_row("its fulfilment and settlement", used, 1, "three items"))
    return rows


def stock() -> list[tuple[str, str, str]]:
    """Count the races that buyers lose where all of them read, and then all of them commit."""
    rows = []
    for block_size in (20, 5, 2, 1):
        lost, waves = lost_races(20, block_size)
        title = f"{20 // block_size} blocks of {block_size}"
        rows.append((title, f"{lost} lost races", f"all served in wave {waves} of {ATTEMPTS_MAX}"))
    return rows


def _units_row(
    title: str, used: Any, events: int, against: str = "usual build: 8 write"
) -> tuple[str, str, str]:
    written, read = used.write_units / events, used.read_units / events
    return title, f"{written:g} write, {read:g} read", against


@contextmanager
def _world() -> Any:
    """A stack over moto in which rider-1 has consented to metro rides."""
    clock_now, pause = clock.now, chance.pause
    with mock_aws():
        clock.now = lambda: NOW - timedelta(days=2)
        chance.pause = lambda attempt: None
        cloud = Cloud()
        cloud.register(METRO, METRO_SECRET)
        cloud.request("open_account")
        token = link_token("metro-demo", "rider-1", METRO_SECRET, clock.now())
        cloud.request(
            "grant_consent",
            path={"scenario": "metro", "partner": "metro-demo"},
            body=dump({"notice_version": "2025-01", "partner_link_token": token}),
        )
        clock.now = lambda: NOW
        try:
            yield cloud, Meter()
        finally:
            clock.now, chance.pause = clock_now, pause


def _play(cloud: Cloud, events: list[dict[str, Any]]) -> None:
    """Send the events and commit them; totals are rolled up by the thousand and counted apart."""
    body = dump(events)
    status, answer, _ = cloud.request(
        "receive_events",
        path={"partner": "metro-demo"},
        headers=signed(body, METRO_SECRET, NOW),
        body=body,
        subject=None,
    )
    assert status == 202, answer
    while cloud.deliver("EventsQueue", "calculate_reductions") + cloud.deliver(
        "PostingsQueue", "update_accounts"
    ):
        pass


def warm() -> list[tuple[str, str, str]]:
    """CPU of the pure steps, against the parsing that no service can do without."""
    from functions.receive_events.models import read_events

    body = dump([metro_event(f"ride-{number}") for number in range(EVENTS)]).encode()
    parsed = _cpu(lambda: json.loads(body))
    validated = _cpu(lambda: read_events(read_json(body, size_max=len(body))))
    methodology = catalogue().in_force("metro", NOW)
    inputs = {"distance_km": Decimal(8)}
    measured = _cpu(lambda: [methodology.measure(inputs) for _ in range(EVENTS)])
    postings = [
        Posting(
            cause=Cause("metro-demo", f"ride-{number}"),
            behaviour=Behaviour("metro", NOW, inputs),
            payload_digest="0" * 64,
            measurement=methodology.measure(inputs),
            methodology=methodology.reference,
            label=methodology.label,
            caps=(),
            salt="0" * 32,
        )
        for number in range(EVENTS)
    ]
    account = open_account("a" + "1" * 26, NOW)
    decided = _cpu(lambda: decide_credits(account, postings, NOW))
    return [
        ("validate strictly", f"{validated / parsed:.1f} x", "json.loads of the same body"),
        (
            "measure, with its range",
            f"{measured / validated:.2f} x",
            "validating the same event",
        ),
        ("decide", f"{decided / validated:.2f} x", "validating the same event"),
    ]


def _cpu(work: Callable[[], object]) -> float:
    work()
    samples = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(10):
            work()
        samples.append(time.process_time() - started)
    return min(samples)


def cold() -> list[tuple[str, str, str]]:
    """CPU of importing each handler in a fresh process, in turn with bare Python and the rival."""
    programs = {"bare": FLOOR, "usual": USUAL}
    programs |= {name: HANDLER.format(name=name) for name in sorted(functions())}
    programs["calculate_reductions with a methodology"] = (
        HANDLER.format(name="calculate_reductions") + CATALOGUE
    )
    programs["update_accounts with its client"] = HANDLER.format(name="update_accounts") + CLIENT
    samples: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            samples[name].append(_process_cpu(program))
    rows = []
    for name in programs:
        if name == "bare":
            continue
        ratios = {
            against: statistics.median(
                mine / its for mine, its in zip(samples[name], samples[against], strict=True)
            )
            for against in ("bare", "usual")
        }
        rows.append(
            (name, f"{ratios['bare']:.1f} x", f"bare Python; {ratios['usual']:.2f} x usual")
        )
    return rows


def _process_cpu(program: str) -> float:
    environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-c", program]
    pid = os.posix_spawn(sys.executable, arguments, environment)
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, program
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
