"""Gifts and pools of the stack that runs, many at the same time, under the functions' own roles."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from infra.local.http_client import Answer
from infra.local.stack import LocalStack
from infra.seed.partners import METRO, seed_partners

RIDE_MG = 204_608
POOLERS = tuple(f"pooler-{number}" for number in range(8))
PEOPLE = ("dave", "erin", *POOLERS)


@pytest.fixture(scope="module", autouse=True)
def people(stack: LocalStack) -> Iterator[None]:
    """Everybody has a ride of 8 km and has consented to pools."""
    prefix = stack.parameters["PartnerSecretPrefix"]
    seed_partners(stack.clients, stack.outputs["PartnersTable"], prefix)
    notices = stack.request("GET", "/v1/notices").json()["notices"]
    versions = {each["scenario"]: each["version"] for each in notices}
    for who in PEOPLE:
        token = stack.token(who)
        assert stack.request("POST", "/v1/me/account", token=token).status in {200, 201}
        link = stack.link_token(METRO.partner, f"card-of-{who}")
        for path, consent in (
            (f"metro/{METRO.partner}", {"partner_link_token": link}),
            ("carbon-pool/platform", {}),
        ):
            body = {"notice_version": versions[path.partition("/")[0]], **consent}
            answer = stack.request("PUT", f"/v1/me/consents/{path}", token=token, body=body)
            assert answer.status == 200, answer.body
    rides = [
        {
            "specversion": "1.0",
            "id": f"ride-of-{who}",
            "source": METRO.source,
            "type": "carbon.metro.v1",
            "time": (stack.now() + timedelta(minutes=1)).isoformat(),
            "subject": f"card-of-{who}",
            "data": {"distance_km": 8},
        }
        for who in PEOPLE
    ]
    results = stack.send_events(METRO.partner, rides)
    assert {each.status for each in results} == {"accepted"}
    stack.drain()
    yield
    stack.drain()


def move(stack: LocalStack, path: str, who: str, key: str, **body: Any) -> Answer:
    headers = {"idempotency-key": key}
    return stack.request(
        "POST", f"/v1/me/{path}", token=stack.token(who), headers=headers, body=body
    )


def code_of(stack: LocalStack, who: str) -> str:
    answer = stack.request("POST", "/v1/me/gift-codes", token=stack.token(who))
    assert answer.status == 201, answer.body
    code: str = answer.json()["code"]
    return code


def available_mg(stack: LocalStack, who: str) -> int:
    account = stack.request("GET", "/v1/me/account", token=stack.token(who)).json()
    amount_mg: int = account["reductions"]["available_mg"]
    return amount_mg


def statuses(answers: Sequence[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_of_ten_gifts_of_everything_at_once_one_is_sent(stack: LocalStack) -> None:
    codes = [code_of(stack, who) for who in ("erin", *POOLERS, "erin")]

    def give(number: int) -> Answer:
        body = {"code": codes[number], "reduction_mg": RIDE_MG}
        return move(stack, "gifts", "dave", f"everything-{number}", **body)

    before = sum(available_mg(stack, who) for who in PEOPLE)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(give, range(10)))
    assert statuses(answers) == {201: 1, 409: 9}
    assert available_mg(stack, "dave") == 0
    assert sum(available_mg(stack, who) for who in PEOPLE) == before


def test_the_same_gift_ten_times_at_once_is_one_with_identical_answers(stack: LocalStack) -> None:
    code = code_of(stack, "dave")
    before = available_mg(stack, "erin")

    def give(_: int) -> Answer:
        return move(stack, "gifts", "erin", "the-same-gift", code=code, reduction_mg=4_608)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(give, range(10)))
    # A request may give up while the others hold the account; the client then comes again.
    answers += [give(0) for answer in answers if answer.status == 503]
    assert set(statuses(answers)) <= {201, 503}
    assert len({answer.body for answer in answers if answer.status == 201}) == 1
    assert available_mg(stack, "erin") == before - 4_608


def test_many_contribute_while_the_pool_is_closed_and_all_that_stood_is_in_the_lot(
    stack: LocalStack,
) -> None:
    texts = {"en": "A pool of the running stack", "zh-Hans": "运行中的归集"}
    terms = {
        "pool_id": "running-pool",
        "title": texts,
        "market": texts,
        "opens_at": stack.now().isoformat(),
        "closes_at": (stack.now() + timedelta(days=7)).isoformat(),
        "target_mg": 10**9,
        "points_per_kg": 100,
    }
    assert stack.invoke("open_pool", terms)["state"] == "open"

    def contribute(number: int) -> Answer:
        who = POOLERS[number % len(POOLERS)]
        body = {"pool_id": "running-pool", "reduction_mg": 10_000}
        return move(stack, "contributions", who, f"contribution-{number}", **body)

    # What was asked for first is answered before the pool begins to close.
    first = [contribute(number) for number in range(len(POOLERS))]
    with ThreadPoolExecutor(9) as pool:
        later = [pool.submit(contribute, number) for number in range(len(POOLERS), 40)]
        closing = stack.invoke("close_pool", {"pool_id": "running-pool"})
        answers = first + [each.result() for each in later]
    while not closing["done"]:
        closing = stack.invoke("close_pool", {"pool_id": "running-pool"})
    assert set(statuses(answers)) <= {201, 409, 503}
    stood = [answer.json() for answer in answers if answer.status == 201]
    assert len(stood) >= len(POOLERS)
    # A lost answer may stand all the same: the list says what did.
    listed = [
        each
        for who in POOLERS
        for each in stack.request("GET", "/v1/me/contributions", token=stack.token(who)).json()[
            "contributions"
        ]
    ]
    assert {each["contribution_id"] for each in stood} <= {
        each["contribution_id"] for each in listed
    }
    pools = stack.request("GET", "/v1/pools").json()["pools"]
    [lot] = [each["lot"] for each in pools if each["pool_id"] == "running-pool"]
    assert lot["contributions"] == len(listed) == closing["payout"]["bought_back"]
    assert lot["total"]["reduction_mg"] == 10_000 * len(listed)
    # 10 g at 100 points a kilogram are one point each.
    assert closing["payout"]["points"] == len(listed)
    assert {(each["pool_lot"], each["points"]) for each in listed} == {(lot["lot_id"], 1)}
    # And not a milligram more comes.
    late = move(stack, "contributions", POOLERS[0], "too-late", pool_id="running-pool",
                reduction_mg=1_000)  # fmt: skip
    assert (late.status, late.json()["code"]) == (409, "pool_not_open")
