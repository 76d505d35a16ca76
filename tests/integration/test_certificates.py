"""Retiring over HTTP and what anybody sees of it, over the town that the events are sent to."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from moto import mock_aws

from functions.get_certificate.models import SignedCertificateBody
from infra.verify.certificate import verify_certificate
from infra.verify.released import releases
from shared.adapters.accounts import AccountTables
from shared.adapters.documents import DocumentTable
from shared.adapters.entries import EntryTable
from shared.domain.canonical import canonical_json
from shared.domain.certificate import Certificate
from shared.domain.lots import Fate, trace
from shared.domain.measurement import EvidenceGrade
from tests.support.capacity import Meter
from tests.support.certificates import a_certificate
from tests.support.cloud import Cloud, context, http_event, load
from tests.support.features import retirements
from tests.support.partners import dump
from tests.support.template import ROOT, functions
from tests.support.town import build_town

STANDING = retirements.certificate_id()
GRADE = EvidenceGrade.METERED


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        yield build_town(patch)[0]


def retire(cloud: Cloud, key: str, reduction_mg: int, **more: Any) -> tuple[int, Any, Any]:
    return cloud.request(
        "retire_reductions",
        subject="retiree-2",
        headers={"Idempotency-Key": key},
        body=dump({"reduction_mg": reduction_mg, "occasion": "植树节", **more}),
    )


def show(certificate_id: str, route: str = "", **request: Any) -> dict[str, Any]:
    path = f"/v1/certificates/{certificate_id}{route}"
    event = http_event(
        "GET",
        path,
        route=f"/v1/certificates/{{certificate_id}}{route}",
        path={"certificate_id": certificate_id},
        subject=None,
        **request,
    )
    event["requestContext"]["domainName"] = "api.example.org"
    answer: dict[str, Any] = load("get_certificate").handler(event, context())
    return answer


def test_a_certificate_is_what_was_signed_by_the_published_key(cloud):
    answer = show(STANDING)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "public, max-age=3600"
    body = json.loads(answer["body"])
    published = cloud.request("list_keys", subject=None)[1]["keys"]
    key = jwt.PyJWKSet(published)[jwt.get_unverified_header(body["jws"])["kid"]]
    signed = jwt.PyJWS().decode_complete(body["jws"], key, algorithms=["ES256"])
    assert signed["payload"] == canonical_json(body["certificate"])
    assert signed["header"]["typ"] == "carbon-certificate+jws"
    report = verify_certificate(body, tuple(published), releases())
    assert (report.findings, report.notes) == ([], [])
    SignedCertificateBody.model_validate(body)


def test_the_command_verifies_what_the_service_answers(cloud, tmp_path: Path):
    certificate, keys = tmp_path / "certificate.json", tmp_path / "keys.json"
    certificate.write_text(show(STANDING)["body"], "utf-8")
    keys.write_text(json.dumps(cloud.request("list_keys", subject=None)[1]), "utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "infra.verify", "certificate", certificate, "--keys", keys],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert told.startswith("adds up to the milligram: CA-2026-")
    # A share of 100 in 204.608 of what the factors and the distance of a ride allow.
    assert ", 100 000 mg (range 20 851 - 243 780) of 1 lots, retired on 2026-11-10" in told


def test_its_lots_and_its_line_are_lines_of_the_holders_ledger(cloud):
    certificate = json.loads(show(STANDING)["body"])["certificate"]
    account_id = retirements.ACCOUNTS["retiree-1"]
    account = AccountTables("AccountsTable").load(account_id, consistent=True)
    assert account is not None
    lines = EntryTable("EntriesTable").lines(account_id, limit=100)
    assert certificate["line"] == account.chain_head == lines[-1].hash
    [lot] = trace(lines).lots
    assert [each["lot"] for each in certificate["lots"]] == [lot.lot]
    assert lot.fates() == {Fate.RETIRED: 100_000, Fate.AVAILABLE: 104_608}
    for text in (account_id, "ride-of-retiree", "rider", "metro-demo", "retiree"):
        assert text not in json.dumps(certificate)


def test_asking_again_is_answered_from_memory_and_a_browser_from_its_own(cloud):
    first = show(STANDING)
    with Meter().counting() as used:
        again = show(STANDING, headers={"If-None-Match": first["headers"]["ETag"]})
    assert (again["statusCode"], again["body"]) == (304, "")
    assert {action for action, _ in used.calls} == {"dynamodb:GetItem"}


def test_ten_repeats_have_ten_identical_answers_and_one_retirement(cloud):
    answers = [retire(cloud, "ten-times-0001", 1_000) for _ in range(10)]
    assert len({json.dumps([status, body]) for status, body, _ in answers}) == 1
    assert [headers.get("Idempotency-Hit") for _, _, headers in answers] == [None] + ["true"] * 9
    listed = cloud.request("list_retirements", subject="retiree-2")[1]["retirements"]
    ids = [each["certificate_id"] for each in listed]
    assert ids.count(answers[0][1]["certificate_id"]) == 1


def test_a_retirement_is_listed_and_shown_as_it_was_answered(cloud):
    status, retired, _ = retire(
        cloud, "shown-0001", 2_000, occasion=None, footprint_year=2026, beneficiary="王小明"
    )
    assert status == 201
    listed = cloud.request("list_retirements", subject="retiree-2")[1]["retirements"]
    assert listed[0]["certificate_id"] == retired["certificate_id"]
    assert listed[0]["display"] == retired["total"]["display"]
    certificate = json.loads(show(retired["certificate_id"])["body"])["certificate"]
    assert certificate["number"] == retired["number"] == listed[0]["number"]
    assert certificate["lots"] == retired["lots"]
    assert certificate["purpose"]["share_ppm"] == retired["footprint_share_ppm"]
    assert certificate["beneficiary"] == "王小明"


def test_a_dry_run_names_the_lots_and_nothing_to_show(cloud):
    before = cloud.store()
    status, dry, _ = cloud.request(
        "retire_reductions",
        subject="retiree-2",
        headers={"Idempotency-Key": "dry-0001"},
        query={"dry_run": "true"},
        body=dump({"reduction_mg": 3_000, "occasion": "植树节"}),
    )
    assert (status, cloud.store()) == (200, before)
    assert "certificate_id" not in dry
    assert sum(lot["reduction_mg"] for lot in dry["lots"]) == dry["total"]["reduction_mg"] == 3_000


@pytest.mark.parametrize(
    ("query", "title"),
    [({}, "Certificate of Retirement"), ({"lang": "zh-Hans"}, "减排量注销证书")],
)
def test_the_picture_is_alone_and_leads_to_the_certificate(cloud, query, title):
    answer = show(STANDING, "/picture", query=query)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "image/svg+xml"
    assert answer["headers"]["Content-Security-Policy"].startswith("default-src 'none';")
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"
    assert f"<title>{title} CA-2026-" in answer["body"]
    assert f"https://api.example.org/v1/certificates/{STANDING}<" in answer["body"]


def test_the_largest_certificate_fits_its_item_with_room_to_spare(cloud):
    lots = tuple(a_certificate().lots[0] for _ in range(1000))
    largest = a_certificate(lots=lots, shares=a_certificate().shares * 20)
    from shared.application.ports import Write

    documents = DocumentTable("DocumentsTable")
    documents.put(Write(largest))
    assert documents.get(Certificate, largest.owner, largest.name) == largest
    [row] = [
        row for row in cloud.rows("DocumentsTable") if row["name"] == {"S": largest.certificate_id}
    ]
    assert 100_000 < len(row["body"]["S"].encode()) < 130_000
    answer = show(largest.certificate_id)
    # Lambda answers with up to 6 MB.
    assert len(answer["body"]) < 400_000


def test_only_the_certificates_function_imports_the_code_library():
    program = (
        "import importlib, json, os, sys; os.environ.update(json.loads(sys.argv[2])); "
        "importlib.import_module(f'functions.{sys.argv[1]}.handler'); print('segno' in sys.modules)"
    )
    from tests.support.cloud import ENVIRONMENT

    for function in ("retire_reductions", "list_retirements", "get_receipt", "get_certificate"):
        assert function in functions()
        told = subprocess.run(
            [sys.executable, "-c", program, function, json.dumps(ENVIRONMENT)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert told.strip() == str(function == "get_certificate"), function
