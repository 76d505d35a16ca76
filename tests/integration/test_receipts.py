"""Receipts and comparisons as they are answered, over the town that the events are sent to."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from functions.get_receipt.models import SignedReceiptBody
from infra.verify.receipt import verify_receipt
from shared.adapters import signer
from shared.application.get_entry import entry_id
from shared.domain.canonical import canonical_json
from shared.domain.entry import Cause
from tests.support.capacity import Meter
from tests.support.cloud import Cloud, client, context, http_event, load
from tests.support.node import answers
from tests.support.town import build_town, forget

RIDE = entry_id(Cause("metro-demo", "ride-1"))
COMPLETION = entry_id(Cause("metro-demo", "ride-half", 1))
PROVISIONAL = entry_id(Cause("metro-demo", "ride-open"))
DIRECT_REPLACEMENT = {"reduction_mg": 200_000, "low_mg": 200_000, "high_mg": 200_000}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        yield build_town(patch)[0]


def read(cloud: Cloud, public_id: str, what: str = "get_receipt", user: str = "user-1") -> Any:
    status, body, headers = cloud.request(what, path={"entry_id": public_id}, subject=user)
    assert status == 200, body
    assert headers["Cache-Control"] == "no-store"
    return body


def keys(cloud: Cloud) -> Any:
    status, body, headers = cloud.request("list_keys", subject=None)
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=3600")
    return body["keys"]


@pytest.mark.parametrize(
    ("public_id", "user", "booked_mg"),
    [(RIDE, "user-1", 204_608), (PROVISIONAL, "user-2", 2_557), (COMPLETION, "user-2", 202_051)],
    ids=["credit", "provisional", "completion"],
)
def test_a_receipt_is_what_was_signed_by_the_published_key(cloud, public_id, user, booked_mg):
    body = read(cloud, public_id, user=user)
    kid = jwt.get_unverified_header(body["jws"])["kid"]
    [published] = keys(cloud)
    assert kid == published["kid"]
    signed = jwt.PyJWS().decode_complete(body["jws"], jwt.PyJWK(published), algorithms=["ES256"])
    assert signed["payload"] == canonical_json(body["receipt"])
    assert signed["header"]["typ"] == "carbon-receipt+jws"
    assert body["receipt"]["booking"]["booked_mg"] == booked_mg
    assert SignedReceiptBody.model_validate(body).jws == body["jws"]


@pytest.mark.parametrize(
    ("event_id", "reason"), [("ride-gone", "cancelled"), ("ride-wrong", "wrong_data")]
)
def test_the_receipt_of_a_reversal_says_what_stood_and_why_not_any_more(cloud, event_id, reason):
    public_id = entry_id(Cause("metro-demo", event_id, 1))
    body = read(cloud, public_id, user="mender-1")
    receipt = body["receipt"]
    assert receipt["booking"] == {
        "kind": "reversal",
        "before_mg": 204_608,
        "measured_mg": 204_608,
        "booked_mg": -204_608,
    }
    assert (receipt["entry"]["reason"], receipt["entry"]["points"]) == (reason, -3)
    entry = read(cloud, public_id, "get_entry", user="mender-1")
    assert (entry["amends"], entry["reason"], entry["reduction_mg"]) == (
        "reversal",
        reason,
        -204_608,
    )
    assert entry["hash"] == receipt["entry"]["hash"]
    published = keys(cloud)
    assert verify_receipt(body, published, {}).findings == []
    question = {"do": "verify", "body": json.dumps(body), "jwks": {"keys": published}}
    assert answers([question]) == [[]]


@pytest.mark.parametrize("event_id", ["ride-mend", "ride-gone"])
def test_the_receipt_of_a_credit_that_earned_points_verifies_also_once_it_is_reversed(
    cloud, event_id
):
    body = read(cloud, entry_id(Cause("metro-demo", event_id)), user="mender-1")
    entry = body["receipt"]["entry"]
    assert (entry["points"], entry["spend_by"]) == (3, "2027-12-31")
    published = keys(cloud)
    assert verify_receipt(body, published, {}).findings == []
    question = {"do": "verify", "body": json.dumps(body), "jwks": {"keys": published}}
    assert answers([question]) == [[]]


def test_the_answer_holds_the_signed_bytes_as_they_are(cloud):
    route, path = "/v1/me/entries/{entry_id}/receipt", {"entry_id": RIDE}
    event = http_event("GET", route.format(**path), route=route, path=path)
    text = load("get_receipt").handler(event, context())["body"]
    payload = jwt.utils.base64url_decode(json.loads(text)["jws"].split(".")[1]).decode()
    assert text.startswith('{"receipt":' + payload + ',"jws":"')


def test_the_hashes_of_a_receipt_are_those_of_the_entry(cloud):
    entry = read(cloud, RIDE, "get_entry")
    receipt = read(cloud, RIDE)["receipt"]
    same = (
        "entry_id",
        "seq",
        "hash",
        "previous_hash",
        "inputs",
        "methodology",
        "low_mg",
        "high_mg",
    )
    assert {name: receipt["entry"][name] for name in same} == {name: entry[name] for name in same}


def test_a_receipt_costs_three_reads_and_one_signature(cloud):
    forget(load("get_receipt"))
    with Meter().counting() as first:
        read(cloud, RIDE)
    with Meter().counting() as next_one:
        read(cloud, RIDE)
    each_time = Counter({"dynamodb:GetItem": 3, "kms:Sign": 1})
    once = Counter({"secretsmanager:GetSecretValue": 1, "kms:GetPublicKey": 1})
    assert Counter(action for action, _ in first.calls) == each_time + once
    assert Counter(action for action, _ in next_one.calls) == each_time
    assert (next_one.read_units, next_one.write_units) == (3, 0)


class Broken:
    """KMS when it is out of reach, or refuses."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_public_key(self, **_: Any) -> None:
        raise self.error

    sign = get_public_key


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EndpointConnectionError(endpoint_url="https://kms"), 503, "busy"),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Sign"), 503, "busy"),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Sign"), 500, "internal"),
    ],
    ids=["out of reach", "throttled", "denied"],
)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_without_kms_there_is_no_receipt_and_the_caller_may_ask_again(
    cloud, monkeypatch, error, status, code, warm
):
    if warm:
        read(cloud, RIDE)
    else:
        forget(load("get_receipt"))
    before = cloud.store()
    monkeypatch.setattr(signer, "client", lambda _: Broken(error))
    answered, body, headers = cloud.request("get_receipt", path={"entry_id": RIDE})
    assert (answered, body["code"]) == (status, code)
    assert ("Retry-After" in headers) == (status == 503)
    assert cloud.store() == before
    monkeypatch.undo()
    read(cloud, RIDE)


def test_keys_that_no_longer_sign_are_still_published(cloud, monkeypatch):
    former = client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    former_id = former["KeyMetadata"]["KeyId"]
    [current] = keys(cloud)
    signers = [signer.KmsSigner("alias/ReceiptKey"), signer.KmsSigner(former_id)]
    monkeypatch.setattr(load("list_keys"), "SIGNERS", signers)
    first, second = keys(cloud)
    assert first == current
    assert second["kid"] != current["kid"]


def test_a_ride_is_shown_under_every_rule_for_metro_rides(cloud):
    body = read(cloud, RIDE, "compare_entry")
    assert (body["entry_id"], body["scenario"]) == (RIDE, "metro")
    assert body["crediting"]["en"].startswith("Only the governing rule credits an account.")
    governing, *others = body["rules"]
    assert (governing["reference"], governing["governing"], governing["differences"]) == (
        "metro-distance@2025.1",
        True,
        [],
    )
    assert governing["reduction_mg"] == 204_608
    references = [rule["reference"] for rule in others]
    assert references == sorted(references)
    assert len(references) >= 5
    assert not any(rule["governing"] or rule["use"] == "credit" for rule in others)
    rules = {rule["reference"]: rule for rule in others}
    award = rules["metro-88-carbon-account@2025.1"]
    assert {name: award[name] for name in DIRECT_REPLACEMENT} == DIRECT_REPLACEMENT
    # 10 km are 468.0 g there, so 8 km are 374.4 g.
    assert rules["metro-shenzhen-2021@2025.1"]["reduction_mg"] == 374_400
    assert all(rule["differences"] for rule in others)
    assert all(set(each["text"]) == {"en", "zh-Hans"} for r in others for each in r["differences"])


def test_what_anybody_may_ask_is_answered_like_the_entry_and_stores_nothing(cloud):
    before = cloud.store()
    wanted = {"scenario": "metro", "inputs": {"distance_km": 8}}
    status, body, headers = cloud.request("compare_rules", body=json.dumps(wanted), subject=None)
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert body["rules"] == read(cloud, RIDE, "compare_entry")["rules"]
    assert "entry_id" not in body
    assert cloud.store() == before


def test_a_refused_input_is_pointed_at(cloud):
    wanted = {"scenario": "metro", "inputs": {"distance_km": 121, "colour": "green"}}
    status, body, _ = cloud.request("compare_rules", body=json.dumps(wanted), subject=None)
    assert status == 422
    assert body["errors"] == [
        {"pointer": "/inputs/distance_km", "detail": "must be from 0.1 to 120 km"}
    ]
