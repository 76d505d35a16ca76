"""A receipt of the stack that runs, read as a stranger would; and who can sign one."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import boto3
import jwt
import pytest
from botocore.exceptions import ClientError

from infra.local.aws import ACCOUNT_ID, REGION
from infra.local.stack import LocalStack
from infra.seed.partners import METRO, seed_partners
from infra.verify.certificate import verify_certificate
from infra.verify.released import releases
from shared.domain.canonical import canonical_json


@pytest.fixture(scope="module")
def ride(stack: LocalStack) -> dict[str, Any]:
    """The entry of a ride of 8 km that carol took."""
    prefix = stack.parameters["PartnerSecretPrefix"]
    seed_partners(stack.clients, stack.outputs["PartnersTable"], prefix)
    token = stack.token("carol")
    assert stack.request("POST", "/v1/me/account", token=token).status == 201
    notices = stack.request("GET", "/v1/notices").json()["notices"]
    [version] = [each["version"] for each in notices if each["scenario"] == "metro"]
    link = stack.link_token(METRO.partner, "card-of-carol")
    consent = {"notice_version": version, "partner_link_token": link}
    path = f"/v1/me/consents/metro/{METRO.partner}"
    assert stack.request("PUT", path, token=token, body=consent).status == 200
    event = {
        "specversion": "1.0",
        "id": "ride-of-carol",
        "source": METRO.source,
        "type": "carbon.metro.v1",
        "time": (stack.now() + timedelta(minutes=1)).isoformat(),
        "subject": "card-of-carol",
        "data": {"distance_km": 8},
    }
    [result] = stack.send_events(METRO.partner, [event])
    assert result.status == "accepted", result
    stack.drain()
    [entry] = stack.request("GET", "/v1/me/entries", token=token).json()["entries"]
    found: dict[str, Any] = entry
    return found


def test_a_receipt_verifies_with_the_published_key(stack: LocalStack, ride: dict[str, Any]) -> None:
    path = f"/v1/me/entries/{ride['entry_id']}/receipt"
    answer = stack.request("GET", path, token=stack.token("carol"))
    assert answer.status == 200, answer.body
    body = answer.json()

    published = stack.request("GET", "/v1/keys").json()["keys"]
    kid = jwt.get_unverified_header(body["jws"])["kid"]
    key = jwt.PyJWKSet(published)[kid]
    signed = jwt.PyJWS().decode(body["jws"], key, algorithms=["ES256"])
    assert signed == canonical_json(body["receipt"])
    assert body["receipt"]["entry"]["hash"] == ride["hash"]
    assert body["receipt"]["booking"]["booked_mg"] == ride["reduction_mg"] == 204_608


def test_a_retirement_is_certified_for_anybody_and_never_taken_twice(
    stack: LocalStack, ride: dict[str, Any]
) -> None:
    token, headers = stack.token("carol"), {"Idempotency-Key": "carol-retires-1"}
    wanted = {"reduction_mg": 100_000, "occasion": "Arbor Day", "beneficiary": "Carol"}

    def retire() -> Any:
        return stack.request(
            "POST", "/v1/me/retirements", token=token, headers=headers, body=wanted
        )

    first = retire()
    assert first.status == 201, first.body
    assert retire().json() == first.json()
    account = stack.request("GET", "/v1/me/account", token=token).json()
    assert account["reductions"]["available_mg"] == ride["reduction_mg"] - 100_000
    body = stack.request("GET", first.json()["certificate"]).json()
    published = tuple(stack.request("GET", "/v1/keys").json()["keys"])
    assert verify_certificate(body, published, releases()).findings == []
    assert body["certificate"]["lots"] == [{"lot": ride["hash"], "reduction_mg": 100_000}]
    picture = stack.request("GET", first.json()["picture"])
    assert (picture.status, picture.headers["content-type"]) == (200, "image/svg+xml")
    assert "http://127.0.0.1:" in picture.body.decode()


def test_the_same_ride_is_shown_under_other_rules(stack: LocalStack, ride: dict[str, Any]) -> None:
    path = f"/v1/me/entries/{ride['entry_id']}/comparisons"
    rules = stack.request("GET", path, token=stack.token("carol")).json()["rules"]
    amounts = {rule["reference"]: rule["reduction_mg"] for rule in rules}
    assert amounts["metro-distance@2025.1"] == 204_608
    assert amounts["metro-88-carbon-account@2025.1"] == 200_000


@pytest.mark.parametrize(
    ("role", "may_sign", "may_read"),
    [
        ("GetReceiptFunctionRole", True, True),
        ("GetCertificateFunctionRole", True, True),
        ("ListKeysFunctionRole", False, True),
        ("GetEntryFunctionRole", False, False),
    ],
)
def test_only_receipts_and_certificates_are_signed(
    stack: LocalStack, role: str, may_sign: bool, may_read: bool
) -> None:
    kms = kms_as(stack, role)
    assert is_allowed(sign, kms, stack) == may_sign
    assert is_allowed(read, kms, stack) == may_read


def test_a_role_that_is_granted_everything_still_cannot_sign(stack: LocalStack) -> None:
    everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    role = {"RoleName": stack.outputs["GetAccountFunctionRole"], "PolicyName": "everything"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    stack.clients("iam").put_role_policy(**role, PolicyDocument=policy)
    try:
        kms = kms_as(stack, "GetAccountFunctionRole")
        assert is_allowed(read, kms, stack)
        assert not is_allowed(sign, kms, stack)
    finally:
        stack.clients("iam").delete_role_policy(**role)


def kms_as(stack: LocalStack, role: str) -> Any:
    """Return a client with a session of the role."""
    credentials = stack.clients("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{stack.outputs[role]}", RoleSessionName="test"
    )["Credentials"]
    return boto3.client(
        "kms",
        region_name=REGION,
        endpoint_url=stack.clients("kms").meta.endpoint_url,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def sign(kms: Any, stack: LocalStack) -> None:
    kms.sign(
        KeyId=stack.outputs["ReceiptKey"],
        Message=hashlib.sha256(b"anything").digest(),
        MessageType="DIGEST",
        SigningAlgorithm="ECDSA_SHA_256",
    )


def read(kms: Any, stack: LocalStack) -> None:
    kms.get_public_key(KeyId=stack.outputs["ReceiptKey"])


def is_allowed(call: Any, kms: Any, stack: LocalStack) -> bool:
    try:
        call(kms, stack)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True
