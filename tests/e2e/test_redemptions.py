"""Redemptions of the stack that runs, many at the same time, with its demo supplier."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.http_client import Answer
from infra.local.stack import LocalStack
from infra.local.supplier import Behaviour
from infra.seed.benefits import read_benefits
from infra.seed.partners import METRO, seed_partners
from tests.e2e.test_receipts import is_allowed, kms_as
from tests.support.features.redemptions import a_benefit, credit_message

KG = 1_000_000


@pytest.fixture(scope="module", autouse=True)
def partners(stack: LocalStack) -> None:
    prefix = stack.parameters["PartnerSecretPrefix"]
    seed_partners(stack.clients, stack.outputs["PartnersTable"], prefix)


def open_account(stack: LocalStack, user: str, points: int = 100) -> str:
    """Open an account that consents to metro rides; the ride that it is credited is on its way."""
    token = stack.token(user)
    account = stack.request("POST", "/v1/me/account", token=token).json()
    notices = stack.request("GET", "/v1/notices").json()["notices"]
    [version] = [each["version"] for each in notices if each["scenario"] == "metro"]
    link = stack.link_token(METRO.partner, f"card-of-{user}")
    consent = {"notice_version": version, "partner_link_token": link}
    path = f"/v1/me/consents/metro/{METRO.partner}"
    assert stack.request("PUT", path, token=token, body=consent).status == 200
    occurred_at = stack.now() + timedelta(milliseconds=1)
    stack.clients("sqs").send_message(
        QueueUrl=stack.outputs["PostingsQueue"],
        MessageBody=credit_message(
            account["account_id"], f"ride-of-{user}", points, 2 * KG, occurred_at
        ),
    )
    account_id: str = account["account_id"]
    return account_id


def publish(stack: LocalStack, *benefits: dict[str, Any]) -> None:
    stack.invoke("publish_benefits", {"benefits": list(benefits)})


def redeem(stack: LocalStack, user: str, benefit: dict[str, Any], key: str) -> Answer:
    return stack.request(
        "POST",
        "/v1/me/redemptions",
        token=stack.token(user),
        headers={"idempotency-key": key},
        body={"benefit_id": benefit["benefit_id"], "price": benefit["price"]},
    )


def at_once(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Send all of them at the same time; what was busy is sent again, as a client does."""

    def send(call: Callable[[], Answer]) -> Answer:
        answer = call()
        for _ in range(10):
            if answer.status != 503:
                break
            time.sleep(0.2)
            answer = call()
        return answer

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(send, calls))


def points_of(stack: LocalStack, user: str) -> tuple[int, int]:
    points = stack.request("GET", "/v1/me/account", token=stack.token(user)).json()["points"]
    return points["available"], points["on_hold"]


def test_the_demo_catalogue_is_published_with_the_stack(stack: LocalStack) -> None:
    listed = stack.request("GET", "/v1/benefits").json()["benefits"]
    wanted = {each["benefit_id"] for each in read_benefits()["benefits"]}
    assert wanted <= {each["benefit_id"] for each in listed}


def test_of_ten_redemptions_of_the_whole_balance_one_stands(stack: LocalStack) -> None:
    everything = a_benefit("everything", points=100)
    publish(stack, everything)
    open_account(stack, "spender")
    stack.drain()
    answers = at_once(
        [
            lambda key=f"key-{number:05}": redeem(stack, "spender", everything, key)  # type: ignore[misc]
            for number in range(10)
        ]
    )
    assert Counter(each.status for each in answers) == {201: 1, 409: 9}
    assert {each.json()["code"] for each in answers if each.status == 409} == {
        "insufficient_points"
    }
    stack.drain()
    assert points_of(stack, "spender") == (0, 0)


def test_the_same_key_ten_times_at_once_has_ten_identical_answers(stack: LocalStack) -> None:
    tree = a_benefit("tree", reduction_mg=KG // 10)
    publish(stack, tree)
    open_account(stack, "repeater")
    stack.drain()
    answers = at_once([lambda: redeem(stack, "repeater", tree, "key-00000")] * 10)
    assert {(each.status, each.body) for each in answers} == {(201, answers[0].body)}
    stack.drain()
    page = stack.request("GET", "/v1/me/redemptions", token=stack.token("repeater")).json()
    assert len(page["redemptions"]) == 1


def test_of_twenty_users_at_once_one_gets_the_last_unit(stack: LocalStack) -> None:
    seat = a_benefit("seat", points=5, stock=1, block_size=1)
    publish(stack, seat)
    users = [f"guest-{number}" for number in range(20)]
    for user in users:
        open_account(stack, user)
    stack.drain()
    answers = at_once(
        [lambda user=user: redeem(stack, user, seat, "key-00000") for user in users]  # type: ignore[misc]
    )
    assert Counter(each.status for each in answers) == {201: 1, 409: 19}
    assert {each.json()["code"] for each in answers if each.status == 409} == {"sold_out"}
    stack.drain()
    assert Counter(points_of(stack, user) for user in users) == {(95, 0): 1, (100, 0): 19}


def test_a_redemption_is_settled_by_the_supplier_and_shows_its_voucher(stack: LocalStack) -> None:
    coffee = a_benefit("coffee", points=15)
    publish(stack, coffee)
    open_account(stack, "drinker")
    stack.drain()
    token = stack.token("drinker")
    held = redeem(stack, "drinker", coffee, "key-00000").json()
    stack.drain()
    path = f"/v1/me/redemptions/{held['redemption_id']}"
    body = stack.request("GET", path, token=token).json()
    assert stack.supplier is not None
    [code] = stack.supplier.orders[held["redemption_id"]].codes
    assert (body["state"], body["voucher_code"]) == ("settled", code)
    assert stack.request("GET", path, token=stack.token("spender")).status == 404
    assert code not in stack._state.handler_log.read_text()


def test_a_slow_supplier_is_asked_again_by_the_schedule(stack: LocalStack) -> None:
    museum = a_benefit("museum", points=15)
    publish(stack, museum)
    open_account(stack, "visitor")
    stack.drain()
    assert stack.supplier is not None
    stack.supplier.behaviours["museum"] = Behaviour(pending=1)
    held = redeem(stack, "visitor", museum, "key-00000").json()
    stack.drain()
    path = f"/v1/me/redemptions/{held['redemption_id']}"
    token = stack.token("visitor")
    assert stack.request("GET", path, token=token).json()["state"] == "held"
    assert points_of(stack, "visitor") == (85, 15)
    stack.set_clock(stack.now() + timedelta(minutes=2))
    try:
        assert stack.fire("reconcile_redemptions")["sent"] >= 1
        stack.drain()
    finally:
        stack.set_clock(None)
    assert stack.request("GET", path, token=token).json()["state"] == "settled"


@pytest.mark.parametrize(
    ("role", "may_encrypt", "may_decrypt"),
    [
        ("FulfilRedemptionsFunctionRole", True, False),
        ("ReconcileRedemptionsFunctionRole", True, False),
        ("GetRedemptionFunctionRole", False, True),
        ("RedeemBenefitFunctionRole", False, False),
        ("GetReceiptFunctionRole", False, False),
    ],
)
def test_who_encrypts_a_voucher_cannot_read_one(
    stack: LocalStack, role: str, may_encrypt: bool, may_decrypt: bool
) -> None:
    kms = kms_as(stack, role)
    context = {"redemption_id": "r1"}
    ciphertext = kms_as(stack, "FulfilRedemptionsFunctionRole").encrypt(
        KeyId=stack.outputs["VoucherKey"], Plaintext=b"code", EncryptionContext=context
    )["CiphertextBlob"]

    def encrypt(kms: Any, stack: LocalStack) -> None:
        kms.encrypt(KeyId=stack.outputs["VoucherKey"], Plaintext=b"code", EncryptionContext=context)

    def decrypt(kms: Any, stack: LocalStack) -> None:
        kms.decrypt(
            KeyId=stack.outputs["VoucherKey"], CiphertextBlob=ciphertext, EncryptionContext=context
        )

    assert is_allowed(encrypt, kms, stack) is may_encrypt
    assert is_allowed(decrypt, kms, stack) is may_decrypt


def test_a_voucher_is_bound_to_its_redemption(stack: LocalStack) -> None:
    key_id = stack.outputs["VoucherKey"]
    ciphertext = kms_as(stack, "FulfilRedemptionsFunctionRole").encrypt(
        KeyId=key_id, Plaintext=b"code", EncryptionContext={"redemption_id": "r1"}
    )["CiphertextBlob"]
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        kms_as(stack, "GetRedemptionFunctionRole").decrypt(
            KeyId=key_id, CiphertextBlob=ciphertext, EncryptionContext={"redemption_id": "r2"}
        )
