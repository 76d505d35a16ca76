"""A short sample month over moto: every event becomes what the plan says, and the store checks out.

Then rows are changed by hand, one at a time, and the check names each.
"""

import copy
import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from moto import mock_aws
from rich.console import Console

from infra.local import check, player
from infra.local.check import print_report, run_check
from infra.local.player import Player
from infra.local.promises import DOCUMENT_INVARIANTS
from infra.seed.partners import PARTNERS, Keys, seed_partners
from infra.seed.people import PEOPLE
from infra.seed.plan import Plan
from infra.seed.sample_month import sample_month
from shared.adapters import aws, chance, clock
from tests.support.cloud import PARTNER_PREFIX, Cloud, client, load
from tests.support.stage import CloudStage
from tests.support.template import functions, resources
from tests.support.town import Time, forget

LAST_DAY = date(2026, 11, 9)
TABLES = {name: name for name in resources("AWS::DynamoDB::Table")}
# The commuter, the one who withdraws and grants again, and the one who closes the account.
SOME = tuple(person for person in PEOPLE if person.name in {"Lin", "Wu", "Zheng"})


@dataclass
class Played:
    """A store after its sample month."""

    cloud: Cloud
    plan: Plan
    player: Player
    stage: CloudStage
    keys: Keys


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        time = Time()
        patch.setattr(clock, "now", time)
        patch.setattr(chance, "pause", lambda _: None)
        # moto loses updates under threads.
        patch.setattr(player, "SENDERS", 1)
        aws.client.cache_clear()
        cloud = Cloud()
        for function in functions():
            forget(load(function))
        keys = seed_partners(client, "PartnersTable", PARTNER_PREFIX)
        stage = CloudStage(cloud, time)
        plan = sample_month(LAST_DAY, days=4, people=SOME)
        playing = Player(stage, plan, keys)
        playing.play()
        yield Played(cloud, plan, playing, stage, keys)
        aws.client.cache_clear()


def test_every_event_becomes_what_it_should(played: Played):
    outcomes = played.player.outcomes()
    played.player.compare_accounts()

    assert played.player.mismatches == []
    assert {outcome.outcome for outcome in outcomes.values()} == {"credited", "rejected", None}
    assert played.player.is_played()


def test_what_becomes_of_an_event_otherwise_is_noticed(played: Played):
    key, fate = next(each for each in played.plan.fates.items() if each[1].reduction_mg)
    other = dataclasses.replace(fate, reduction_mg=(fate.reduction_mg or 0) + 1)
    plan = dataclasses.replace(played.plan, fates={key: other}, steps=())
    watching = Player(played.stage, plan, played.keys)

    watching.outcomes()

    [mismatch] = watching.mismatches
    assert key.event_id in str(mismatch)


def test_the_store_keeps_its_promises(played: Played):
    report = run_check(played.cloud.dynamodb, TABLES)

    assert report.findings == ()
    # The month spends nothing; what is promised of documents has a town of its own.
    unseen = {"conflicts have outcomes", *(each.name for each in DOCUMENT_INVARIANTS)}
    assert all(line.checked for line in report.lines if line.name not in unseen)
    sums = report.reconciliation
    assert sums.entries == sums.balances == sums.sealed + sums.live
    assert sums.live.count > 0
    assert sums.sealed.count > 0


def test_going_on_with_what_is_played_already_adds_nothing(played: Played):
    before = played.cloud.store()

    played.player.play(played.player.first_open_step())

    assert played.cloud.store() == before
    assert played.player.mismatches == []


def test_a_partner_that_is_seeded_again_keeps_its_keys(played: Played):
    keys = seed_partners(client, "PartnersTable", PARTNER_PREFIX)

    assert keys == seed_partners(client, "PartnersTable", PARTNER_PREFIX)
    assert set(keys) == set(PARTNERS)
    assert [len(each) for each in keys.values()] == [2, 1, 1, 1, 1, 1, 1, 1, 1]


# ----------------------------------------------------------------------- Rows changed by hand

Item = dict[str, Any]


def is_account(item: Item) -> bool:
    return bool(item["account_key"]["S"].startswith("account#") and int(item["seq"]["N"]) > 5)


def is_open_account(item: Item) -> bool:
    return bool(is_account(item) and item["state"]["S"] == "open")


def is_entry(item: Item) -> bool:
    return bool(item.get("scenario") == {"S": "metro"} and int(item["seq"]["N"]) > 3)


def is_amendment(item: Item) -> bool:
    return bool("original" in item)


def is_provisional(item: Item) -> bool:
    return bool("missing" in item)


def is_completion(item: Item) -> bool:
    return bool(item["outcome"]["S"] == "completed")


def is_refusal(item: Item) -> bool:
    return bool(item["outcome"]["S"] == "rejected")


def is_consent(item: Item) -> bool:
    return bool(item["record"]["S"] == "consent#000002")


def is_link(item: Item) -> bool:
    return bool(item["owner"]["S"].startswith("link#"))


def is_account_link(item: Item) -> bool:
    return bool(item["record"]["S"].startswith("link#"))


def is_part(item: Item) -> bool:
    return bool(item["part"]["S"].startswith("shard#"))


def is_leaves(item: Item) -> bool:
    return bool(item["part"]["S"].startswith("leaves#"))


def is_seal(item: Item) -> bool:
    return bool(item["part"]["S"] == "sealed" and '"total": [0, 0,' not in item["seal"]["S"])


def is_gate(item: Item) -> bool:
    return bool(item["part"]["S"] == "gate#07")


def is_cursor(item: Item) -> bool:
    return bool(item["bucket"]["S"] == "cursor")


def is_partner(item: Item) -> bool:
    return bool(item["partner"]["S"] == "bike-demo")


def is_subject(item: Item) -> bool:
    return bool(item["account_key"]["S"].startswith("subject#"))


def more(attribute: str) -> Callable[[Item], None]:
    def change(item: Item) -> None:
        item[attribute] = {"N": str(int(item[attribute]["N"]) + 1)}

    return change


def text(attribute: str, value: str) -> Callable[[Item], None]:
    def change(item: Item) -> None:
        item[attribute] = {"S": value}

    return change


def other_digits(attribute: str) -> Callable[[Item], None]:
    """Change the first character of a hex text."""

    def change(item: Item) -> None:
        value = item[attribute]["S"]
        item[attribute] = {"S": ("1" if value[0] == "0" else "0") + value[1:]}

    return change


def other_bytes(attribute: str) -> Callable[[Item], None]:
    def change(item: Item) -> None:
        value = bytearray(item[attribute]["B"])
        value[0] ^= 1
        item[attribute] = {"B": bytes(value)}

    return change


def other_fact(attribute: str, position: int) -> Callable[[Item], None]:
    """Raise one of several numbers in a text."""

    def change(item: Item) -> None:
        facts = item[attribute]["S"].split(",")
        facts[position] = str(int(facts[position]) + 1)
        item[attribute] = {"S": ",".join(facts)}

    return change


def without(attribute: str) -> Callable[[Item], None]:
    def change(item: Item) -> None:
        del item[attribute]

    return change


def one_less(attribute: str) -> Callable[[Item], None]:
    """Take one out of a set."""

    def change(item: Item) -> None:
        item[attribute] = {"SS": sorted(item[attribute]["SS"])[1:]}

    return change


def double_sum(item: Item) -> None:
    sums = json.loads(item["sums"]["S"])
    key = min(sums)
    sums[key] = [2 * value for value in sums[key]]
    item["sums"] = {"S": json.dumps(sums, sort_keys=True)}


def other_leaf(item: Item) -> None:
    leaves = item["leaves"]["M"]
    key = min(leaves)
    run = bytearray(leaves[key]["B"])
    run[-1] ^= 1
    leaves[key] = {"B": bytes(run)}


def in_seal(name: str, value: Any) -> Callable[[Item], None]:
    def change(item: Item) -> None:
        seal = json.loads(item["seal"]["S"]) | {name: value}
        item["seal"] = {"S": json.dumps(seal, sort_keys=True)}

    return change


CHANGES = [
    *[("AccountsTable", is_account, other_fact("total", each), "total") for each in range(5)],
    ("AccountsTable", is_account, more("seq"), "seq"),
    ("AccountsTable", is_account, text("version", ""), "row"),
    ("AccountsTable", is_account, other_bytes("chain_head"), "chain_head"),
    (
        "AccountsTable",
        is_account,
        text("last_booked_at", "2026-11-01T00:00:00.000Z"),
        "last_booked",
    ),
    ("AccountsTable", is_account, text("opened_at", "2026-12-01T00:00:00.000Z"), "opened_at"),
    ("AccountsTable", is_open_account, text("state", "closed"), "state"),
    ("AccountsTable", is_open_account, one_less("consents"), "consents"),
    ("AccountsTable", is_account, one_less("caps"), "caps"),
    ("AccountsTable", is_account, more("consent_count"), "consent_count"),
    ("AccountsTable", is_account, other_bytes("consent_head"), "consent_head"),
    ("AccountsTable", is_account, text("note", "by hand"), "note"),
    ("EntriesTable", is_entry, more("reduction_mg"), "reduction_mg"),
    ("EntriesTable", is_entry, more("grade"), "grade"),
    *[("EntriesTable", is_entry, other_fact("spread", each), "spread") for each in range(3)],
    ("EntriesTable", is_entry, text("label", "published"), "label"),
    ("EntriesTable", is_entry, text("missing", "distance_km"), "missing"),
    ("EntriesTable", is_provisional, without("missing"), "missing"),
    *[("EntriesTable", is_amendment, other_fact("original", each), "original") for each in (2, 3)],
    ("EntriesTable", is_amendment, without("original"), "original"),
    ("EntriesTable", is_completion, text("amendment", "event#metro-demo#x~1"), "completion"),
    ("EntriesTable", is_completion, text("outcome", "rejected"), "row"),
    ("EntriesTable", is_entry, more("seq"), "seq"),
    ("EntriesTable", is_entry, more("consent_number"), "hash"),
    ("EntriesTable", is_entry, other_digits("hash"), "hash"),
    ("EntriesTable", is_entry, other_digits("previous_hash"), "previous_hash"),
    ("EntriesTable", is_entry, other_digits("payload_digest"), "hash"),
    ("EntriesTable", is_entry, other_digits("salt"), "hash"),
    ("EntriesTable", is_entry, text("decided_at", "2026-11-09T00:00:00.000Z"), "hash"),
    ("EntriesTable", is_entry, text("inputs", '{"distance_km": "9"}'), "hash"),
    ("EntriesTable", is_entry, text("scenario", "shared-bike"), "hash"),
    ("EntriesTable", is_entry, text("partner", "bike-demo"), "partner"),
    ("EntriesTable", is_entry, text("methodology", "metro-distance@2024.1"), "methodology"),
    ("EntriesTable", is_entry, text("account_id", "anobody"), "account_key"),
    (
        "EntriesTable",
        is_entry,
        text("occurred_key", "2026-11-07T00:00:00.000Z#0000000003"),
        "hash",
    ),
    ("EntriesTable", is_entry, text("outcome", "rejected"), "row"),
    ("EntriesTable", is_refusal, text("outcome", "credited"), "row"),
    ("EntriesTable", is_refusal, text("reason", "because"), "row"),
    ("ConsentsTable", is_consent, text("action", "withdrawn"), "previous_digest"),
    ("ConsentsTable", is_consent, text("at", "2026-11-01T00:00:00.000Z"), "previous_digest"),
    ("ConsentsTable", is_consent, text("notice_version", "2024-01"), "previous_digest"),
    ("ConsentsTable", is_consent, other_digits("notice_digest"), "notice_digest"),
    ("ConsentsTable", is_consent, other_digits("previous_digest"), "previous_digest"),
    ("ConsentsTable", is_consent, more("number"), "record"),
    ("ConsentsTable", is_link, text("account_id", "anobody"), "account_id"),
    ("ConsentsTable", is_account_link, other_digits("reference_hash"), "account_id"),
    ("TotalsTable", is_part, double_sum, "sums"),
    ("TotalsTable", is_part, more("version"), "version"),
    ("TotalsTable", is_part, text("sequence", "0" * 40), "version"),
    ("TotalsTable", is_part, text("booked_through", "2026-11-01T00:00:00.000Z"), "booked_through"),
    ("TotalsTable", is_leaves, other_leaf, "leaves"),
    ("TotalsTable", is_seal, in_seal("total", [1, 1]), "total"),
    ("TotalsTable", is_seal, in_seal("root", "00" * 32), "root"),
    ("TotalsTable", is_seal, in_seal("by_partner", {}), "by_partner"),
    ("TotalsTable", is_seal, in_seal("by_scenario", {}), "by_scenario"),
    ("TotalsTable", is_seal, in_seal("previous_seal", "11" * 32), "previous_seal"),
    ("TotalsTable", is_seal, in_seal("sealed_at", "2026-11-01T00:00:00.000Z"), "sealed_at"),
    ("TotalsTable", is_seal, in_seal("day", "2026-11-01"), "day"),
    ("TotalsTable", is_cursor, text("sealed_through", "2026-11-01"), "sealed_through"),
    ("PartnersTable", is_partner, text("state", "asleep"), "row"),
]


class Copy:
    """A copy of the store, in place of a client: it hands out small pages."""

    def __init__(self, cloud: Cloud) -> None:
        self.tables = {name: cloud.rows(name) for name in TABLES}

    def get_paginator(self, operation: str) -> "Copy":
        assert operation == "scan"
        return self

    def paginate(self, *, TableName: str, ConsistentRead: bool) -> Iterator[Item]:  # noqa: N803
        assert ConsistentRead
        rows = self.tables[TableName]
        for start in range(0, len(rows), 7):
            yield {"Items": rows[start : start + 7]}

    def findings(self) -> list[str]:
        return [str(each) for each in run_check(self, TABLES).findings]


@pytest.fixture(scope="module")
def whole(played: Played) -> Copy:
    copied = Copy(played.cloud)
    assert copied.findings() == []
    return copied


@pytest.fixture
def store(whole: Copy) -> Copy:
    return copy.deepcopy(whole)


@pytest.mark.parametrize(
    ("table", "chosen", "change", "named"),
    CHANGES,
    ids=[f"{number}-{change[1].__name__}-{change[3]}" for number, change in enumerate(CHANGES)],
)
def test_a_row_that_was_changed_by_hand_is_named(
    store: Copy,
    table: str,
    chosen: Callable[[Item], bool],
    change: Callable[[Item], None],
    named: str,
):
    item = next(item for item in store.tables[table] if chosen(item))
    original = copy.deepcopy(item)
    change(item)
    assert item != original

    findings = store.findings()

    assert any(named in finding for finding in findings), findings


@pytest.mark.parametrize(
    ("table", "chosen"),
    [
        ("AccountsTable", is_account),
        ("AccountsTable", is_subject),
        ("EntriesTable", is_entry),
        ("ConsentsTable", is_consent),
        ("ConsentsTable", is_link),
        ("ConsentsTable", is_account_link),
        ("TotalsTable", is_part),
        ("TotalsTable", is_leaves),
        ("TotalsTable", is_seal),
        ("TotalsTable", is_gate),
        ("TotalsTable", is_cursor),
    ],
)
def test_a_row_that_was_deleted_is_missed(store: Copy, table: str, chosen: Callable[[Item], bool]):
    store.tables[table].remove(next(item for item in store.tables[table] if chosen(item)))

    assert store.findings()


@pytest.mark.parametrize(
    ("table", "chosen", "attribute"),
    [
        ("EntriesTable", is_entry, "salt"),
        ("AccountsTable", is_account, "chain_head"),
        ("ConsentsTable", is_consent, "at"),
        ("TotalsTable", is_seal, "seal"),
    ],
)
def test_a_row_that_lost_an_attribute_is_named(
    store: Copy, table: str, chosen: Callable[[Item], bool], attribute: str
):
    del next(item for item in store.tables[table] if chosen(item))[attribute]

    assert any("row" in finding for finding in store.findings())


def test_an_entry_of_nowhere_is_found(store: Copy):
    entry = copy.deepcopy(next(item for item in store.tables["EntriesTable"] if is_entry(item)))
    entry["cause"] = {"S": "event#metro-demo#by-hand"}
    store.tables["EntriesTable"].append(entry)

    assert any("by-hand" in finding for finding in store.findings())


def test_personal_details_are_not_shown(store: Copy):
    entry = next(item for item in store.tables["EntriesTable"] if is_entry(item))
    entry["inputs"] = {"S": '{"distance_km":"12345"}'}

    findings = store.findings()

    assert any("inputs: expected (not shown), found (not shown)" in each for each in findings)
    assert not any("12345" in each for each in findings)


def test_the_report_names_what_is_broken_and_how_much_was_looked_at(store: Copy):
    next(item for item in store.tables["AccountsTable"] if is_account(item))["seq"] = {"N": "1"}
    text = io.StringIO()

    print_report(run_check(store, TABLES), Console(file=text, width=200))

    lines = text.getvalue().splitlines()
    assert any(line.startswith("FAIL seq has no gap (") for line in lines)
    assert any(line.startswith("ok   balances = fold of lines (3 accounts)") for line in lines)
    assert any("account#" in line and "seq: expected" in line for line in lines)


def test_what_a_moment_makes_look_wrong_is_looked_at_again(
    store: Copy, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(check, "PAUSE_S", 0)
    good = run_check(store, TABLES)
    next(item for item in store.tables["AccountsTable"] if is_account(item))["seq"] = {"N": "1"}
    bad = run_check(store, TABLES)

    assert check.look_until_settled(iter([bad, good]).__next__) is good
    assert check.look_until_settled(iter([bad, bad, bad]).__next__) is bad
