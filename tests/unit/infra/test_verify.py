"""`python -m infra.verify receipt`: what it says, and how it ends."""

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.verify import __main__ as command
from infra.verify.receipt import verify_receipt
from infra.verify.released import Release, releases
from infra.verify.report import Finding
from infra.verify.signature import UnreadableError, read_jws, read_keys, thumbprint
from shared.adapters import signer
from shared.adapters.catalogue import catalogue
from shared.adapters.signer import KmsSigner
from shared.domain.canonical import canonical_json, digest
from shared.domain.entry import AmendmentKind, Behaviour, Original
from shared.domain.measurement import EvidenceGrade, Spread
from shared.domain.methodology import Methodology, Use
from shared.domain.receipt import RECEIPT_TYPE
from tests.support.builders import OCCURRED_AT, at
from tests.support.golden import inputs_of
from tests.support.node import answers
from tests.support.receipts import (
    RIDE,
    SERVICE,
    STRANGER,
    a_methodology,
    a_receipt,
)
from tests.support.tampering import with_value

KEYS = tuple(SERVICE.jwks["keys"])
CREDITED = sorted(
    reference
    for reference, version in catalogue().versions.items()
    if version.use is Use.CREDIT and version.in_force(OCCURRED_AT)
)


def an_original(kind: AmendmentKind, reduction_mg: int = 200_000) -> Original:
    return Original(
        kind=kind,
        methodology="test-ride@2026.1",
        reduction_mg=reduction_mg,
        spread=Spread(100_000, 90_000, 4_000_000),
        grade=EvidenceGrade.RECORDED_WITHOUT_QUANTITY,
        is_provisional=True,
    )


def findings(body: dict[str, Any], released: dict[str, Release] | None = None) -> list[Finding]:
    return verify_receipt(body, KEYS, released or {}).findings


def by_javascript(*bodies: dict[str, Any]) -> list[list[dict[str, str]]]:
    found: list[list[dict[str, str]]] = answers(
        {"do": "verify", "body": json.dumps(body), "jwks": SERVICE.jwks} for body in bodies
    )
    return found


def release_of(methodology: Methodology, until: date | None = None) -> dict[str, Release]:
    return {methodology.reference: Release(methodology.digest, until, methodology.document)}


class Kms:
    """KMS with the service's key of these tests."""

    def get_public_key(self, KeyId):  # noqa: N803 - the service's name
        public = SERVICE.private.public_key()
        return {"PublicKey": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}

    def sign(self, Message, **_):  # noqa: N803 - as above
        return {"Signature": SERVICE.private.sign(Message, ec.ECDSA(Prehashed(SHA256())))}


# What is honest


@pytest.mark.parametrize("reference", CREDITED)
def test_a_receipt_of_every_version_that_credits_verifies(reference: str):
    methodology = catalogue().named(reference)
    bodies = [SERVICE.body(a_receipt(inputs, methodology)) for _, inputs in inputs_of(methodology)]

    for body in bodies:
        report = verify_receipt(body, KEYS, releases())
        assert (report.findings, report.notes) == ([], [])


def test_the_page_verifies_a_receipt_of_every_version_that_credits():
    methodologies = [catalogue().named(each) for each in CREDITED]
    bodies = [SERVICE.body(a_receipt(i, m)) for m in methodologies for _, i in inputs_of(m)]

    assert by_javascript(*bodies) == [[]] * len(bodies)


def test_what_the_service_itself_signs_verifies(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signer, "client", lambda _: Kms())
    service = KmsSigner("alias/ReceiptKey")
    receipt = a_receipt()
    jws = service.sign(canonical_json(receipt), RECEIPT_TYPE)
    body = {"receipt": receipt, "jws": jws}

    assert verify_receipt(body, (service.public_key(),), {}).findings == []
    assert by_javascript(body) == [[]]


@pytest.mark.parametrize(
    ("kind", "before_mg", "booked_mg"),
    [
        (AmendmentKind.COMPLETION, 200_000, 689_600),
        (AmendmentKind.COMPLETION, 900_000, 0),
        (AmendmentKind.CORRECTION, 200_000, 689_600),
        (AmendmentKind.CORRECTION, 900_000, -10_400),
    ],
)
def test_an_amendment_books_the_difference(kind: AmendmentKind, before_mg: int, booked_mg: int):
    body = SERVICE.body(a_receipt(amends=an_original(kind, before_mg)))

    assert body["receipt"]["entry"]["reduction_mg"] == booked_mg
    assert findings(body) == []
    assert by_javascript(body) == [[]]


def test_an_amendment_may_keep_what_its_own_methodology_does_not_read():
    reported = {"distance_km": "8", "people": "1", "stations": "9"}
    body = SERVICE.body(a_receipt(reported, amends=an_original(AmendmentKind.CORRECTION)))

    assert findings(body) == []
    assert by_javascript(body) == [[]]
    body["receipt"]["entry"]["inputs"]["stations"] = "8"
    wrong = {
        "/receipt/entry/inputs/stations",
        "/receipt/entry/detail_digest",
        "/receipt/entry/hash",
    }
    assert {each.pointer for each in findings(body)} == wrong
    assert {each["pointer"] for each in by_javascript(body)[0]} == wrong


def test_an_event_reports_only_what_its_methodology_reads():
    body = SERVICE.body(with_value(a_receipt(), "/receipt/entry/inputs/stations", "9"))

    assert findings(body) == [
        Finding("/receipt/entry/inputs/stations", "The methodology has no such input.")
    ]


# What it says


def test_the_first_step_that_differs_is_named_with_both_numbers():
    wrong = a_receipt()
    steps = wrong["measurement"]["cases"][0]["steps"]
    steps[1]["value"], steps[2]["value"] = "672.5", "889.1"

    assert findings(SERVICE.body(wrong)) == [
        Finding(
            "/receipt/measurement/cases/0/steps/1/value",
            'Case "central", step "project": The receipt says "672.5", recomputed it is "672".',
        )
    ]


def test_every_case_is_there_and_no_other():
    few, many = a_receipt(), a_receipt()
    few["measurement"]["cases"].pop()
    many["measurement"]["cases"].append({"case": "best"})

    for wrong in (few, many):
        body = SERVICE.body(wrong)
        assert [each.pointer for each in findings(body)] == ["/receipt/measurement/cases"]
        assert [each["pointer"] for each in by_javascript(body)[0]] == [
            "/receipt/measurement/cases"
        ]


def test_what_differs_from_what_was_signed_is_named_with_both_values():
    body = SERVICE.body(a_receipt())
    body["receipt"]["entry"]["consent_number"] = 4

    assert findings(body)[0] == Finding(
        "/receipt/entry/consent_number", "The receipt says 4, what was signed says 3."
    )


def test_a_released_version_keeps_its_content():
    methodology = a_methodology()
    other = a_methodology(title={"en": "Another ride", "zh-Hans": "出行"})

    found = findings(SERVICE.body(a_receipt(methodology=other)), release_of(methodology))

    assert [each.pointer for each in found] == [
        "/receipt/methodology",
        "/receipt/methodology/title/en",
    ]
    assert found[1].sentence == 'The receipt says "Another ride", what was released says "Ride".'


def test_a_version_may_have_ended_since_the_receipt_but_not_before():
    methodology = a_methodology()
    ended = a_methodology(effective_until="2027-01-01")
    until = date(2027, 1, 1)

    assert methodology.digest == ended.digest
    for each in (methodology, ended):
        assert findings(SERVICE.body(a_receipt(methodology=each)), release_of(ended, until)) == []
    [found] = findings(SERVICE.body(a_receipt(methodology=ended)), release_of(methodology))
    assert found.pointer == "/receipt/methodology/effective_until"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        # An hour into 2026-11-09 in UTC+8, it is still the day before in UTC.
        ({"effective_until": "2026-11-10"}, None),
        ({"effective_until": "2026-11-09"}, "test-ride@2026.1 was not in force on 2026-11-09."),
        ({"effective_from": "2026-11-09"}, None),
        ({"effective_from": "2026-11-10"}, "test-ride@2026.1 was not in force on 2026-11-09."),
        ({"use": "comparison"}, "test-ride@2026.1 does not credit the scenario"),
    ],
)
def test_a_methodology_credits_its_scenario_while_it_is_in_force(
    changes: dict[str, str], sentence: str | None
):
    inputs = {"distance_km": Decimal(8), "people": Decimal(1)}
    early = Behaviour("metro", at("2026-11-09T01:00:00+08:00"), inputs)
    body = SERVICE.body(a_receipt(methodology=a_methodology(**changes), behaviour=early))

    said = [each.sentence for each in findings(body)]
    said_by_page = [each["sentence"] for each in by_javascript(body)[0]]

    assert len(said) == len(said_by_page) == (0 if sentence is None else 1)
    assert all(each.startswith(sentence or "") for each in said + said_by_page)


def test_an_amendment_may_apply_another_version_than_that_of_its_day():
    later = a_methodology(effective_from="2026-12-01")
    amends = an_original(AmendmentKind.CORRECTION)
    body = SERVICE.body(a_receipt(methodology=later, amends=amends))

    assert findings(body) == []
    assert by_javascript(body) == [[]]


def test_bounds_on_the_wrong_side_are_a_broken_methodology():
    parameters = [{**RIDE["parameters"][0], "effect": "falls"}, RIDE["parameters"][1]]
    body = SERVICE.body(a_receipt(methodology=a_methodology(parameters=parameters)))

    assert [each.pointer for each in findings(body)] == ["/receipt/methodology/parameters"]
    assert [each["pointer"] for each in by_javascript(body)[0]] == [
        "/receipt/methodology/parameters"
    ]


def test_a_formula_without_value_is_a_finding():
    steps = [{"name": "reduction", "unit": "g", "expression": "1 / (distance_km - 8)"}]
    wrong = a_receipt()
    wrong["methodology"]["steps"] = steps
    wrong["methodology_digest"] = digest(wrong["methodology"])
    body = SERVICE.body(wrong)

    assert [each.pointer for each in findings(body)] == ["/receipt/measurement"]
    assert [each["pointer"] for each in by_javascript(body)[0]] == ["/receipt/measurement"]


# Signatures

RECEIPT = a_receipt()
PAYLOAD = canonical_json(RECEIPT)
HEAD, BODY, TAIL = SERVICE.sign(PAYLOAD).split(".")
# y is not that of x: no point of the curve.
NO_POINT = {**SERVICE.jwk, "y": SERVICE.jwk["x"]}
# The last character of 64 bytes has four bits that stand for nothing.
SAME_BYTES = TAIL[:-1] + chr(ord(TAIL[-1]) + 1)


@pytest.mark.parametrize(
    ("jws", "sentence"),
    [
        ("", "A compact JWS has three parts, this has 1."),
        (f"{HEAD}.{BODY}", "A compact JWS has three parts, this has 2."),
        (f"{HEAD}.{BODY}.{TAIL}==", "base64url"),
        (f"{HEAD}.{BODY}.{SAME_BYTES}", "base64url"),
        (f"{HEAD}.{BODY}.{TAIL[:-2]}", "bytes"),
        (f"{HEAD}.{BODY}.", "bytes"),
        (f"{BODY}.{BODY}.{TAIL}", "The algorithm is"),
        (SERVICE.sign(PAYLOAD, typ="JWT"), "The type is"),
        (SERVICE.sign(PAYLOAD, crit=["b64"], b64=True), "extensions"),
        (SERVICE.sign(PAYLOAD, jwk={**SERVICE.jwk, "crv": "P-384"}), "P-256"),
        (SERVICE.sign(PAYLOAD, jwk={"kty": "EC", "crv": "P-256"}), "P-256"),
        (SERVICE.sign(PAYLOAD, jwk="key"), "key"),
        (SERVICE.sign(PAYLOAD, jwk=NO_POINT), "The signature is not one of the key"),
        (STRANGER.sign(PAYLOAD, jwk=SERVICE.jwk, kid=SERVICE.kid), "The signature is not one"),
        (SERVICE.sign(PAYLOAD, kid="mine"), 'The key is named "mine", but its thumbprint is'),
        (STRANGER.sign(PAYLOAD), f"The key {STRANGER.kid} is not"),
        (SERVICE.sign(json.dumps(RECEIPT).encode()), "not in canonical form"),
        (SERVICE.sign(b"receipt"), "What was signed"),
        (SERVICE.sign(b"\xff"), "What was signed"),
        (SERVICE.sign(b'{"version":1,"version":1}'), "What was signed"),
        (SERVICE.sign(b'{"version":1.5}'), "What was signed"),
    ],
)
def test_a_signature_is_what_it_should_be_or_both_say_why_not(jws: str, sentence: str):
    body = {"receipt": RECEIPT, "jws": jws}

    assert any(sentence in each.sentence for each in findings(body) if each.pointer == "/jws")
    found = by_javascript(body)[0]
    assert any(sentence in each["sentence"] for each in found if each["pointer"] == "/jws")


def test_a_name_in_the_key_set_stands_for_one_key():
    impostor = {**STRANGER.jwks["keys"][0], "kid": SERVICE.kid}
    body = SERVICE.body(a_receipt())

    [found] = verify_receipt(body, (impostor,), {}).findings
    [by_page] = answers([{"do": "verify", "body": body, "jwks": {"keys": [impostor]}}])

    assert found.sentence == f"The key set has another key under the name {SERVICE.kid}."
    assert [each["sentence"] for each in by_page] == [
        f"The service publishes another key under the name {SERVICE.kid}."
    ]


def test_a_thumbprint_is_that_of_rfc_7638():
    # The key and thumbprint of RFC 9449, sections 4.1 and 6.1.
    key = {
        "kty": "EC",
        "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    }

    assert thumbprint(key) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    assert answers([{"do": "thumbprint", "jwk": key}]) == [thumbprint(key)]


def test_a_key_is_read_from_the_header_only():
    assert read_jws(SERVICE.sign(PAYLOAD)).kid == SERVICE.kid
    with pytest.raises(UnreadableError, match="three parts"):
        read_jws("a.b")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"keys":{}}', b'{"keys":["key"]}'])
def test_a_key_set_is_one_or_unreadable(content: bytes):
    with pytest.raises(UnreadableError):
        read_keys(content)


# The command


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(SERVICE.jwks), "utf-8")
    return path


def saved(tmp_path: Path, body: object) -> str:
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(body), "utf-8")
    return str(path)


def test_a_good_receipt_is_told_in_one_line(tmp_path, keys_file, capsys, monkeypatch):
    monkeypatch.setattr(command, "releases", lambda: release_of(a_methodology()))
    file = saved(tmp_path, SERVICE.body(a_receipt()))

    assert command.main(["receipt", file, "--keys", str(keys_file)]) == 0
    # 8 km by 0.1952 - 0.084 kg/km; factors allow 427.2 to 1547.2 g, and 5 % of the way is 44.48 g.
    assert capsys.readouterr().out == (
        "same to the milligram: 889 600 mg (range 382 720 - 1 591 680), test-ride@2026.1, "
        f"entry 7 of its account, signed by {SERVICE.kid}\n"
    )


def test_what_could_not_be_compared_is_said(tmp_path, capsys):
    file = saved(tmp_path, SERVICE.body(a_receipt()))

    assert command.main(["receipt", file]) == 0
    out = capsys.readouterr().out
    assert f"should be in the answer of GET /v1/keys: {SERVICE.kid}" in out
    assert "note: test-ride@2026.1 is not known here." in out


def test_an_amendment_is_told_with_what_it_changed(tmp_path, capsys):
    amends = an_original(AmendmentKind.CORRECTION, 900_000)
    file = saved(tmp_path, SERVICE.body(a_receipt(amends=amends)))

    assert command.main(["receipt", file]) == 0
    assert (
        "-10 400 mg, a correction from 900 000 mg to 889 600 mg (range" in capsys.readouterr().out
    )


def test_a_bad_receipt_is_told_by_its_findings(tmp_path, keys_file, capsys):
    body = SERVICE.body(a_receipt())
    body["receipt"]["label"] = "published"
    file = saved(tmp_path, body)

    assert command.main(["receipt", file, "--keys", str(keys_file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        '/receipt/label: The receipt says "published", what was signed says "derived".'
    )
    assert lines[-1] == "not as it should be: 2 findings"


@pytest.mark.parametrize(
    "content",
    ["", "receipt", "[]", "{}", '{"receipt":{}}', '{"receipt":[],"jws":""}', '{"a":1,"a":1}'],
)
def test_what_is_no_receipt_is_unreadable(tmp_path, capsys, content):
    file = tmp_path / "receipt.json"
    file.write_text(content, "utf-8")

    assert command.main(["receipt", str(file)]) == 2
    assert command.main(["receipt", str(tmp_path / "nowhere.json")]) == 2
    assert capsys.readouterr().err.count("unreadable: ") == 2


def test_a_broken_key_set_is_unreadable(tmp_path, capsys):
    file = saved(tmp_path, SERVICE.body(a_receipt()))

    assert command.main(["receipt", file, "--keys", file]) == 2


def test_it_is_a_program(tmp_path: Path, keys_file: Path):
    metro = catalogue().in_force("metro", OCCURRED_AT)
    _, inputs = next(inputs_of(metro))
    file = saved(tmp_path, SERVICE.body(a_receipt(inputs, metro)))

    finished = subprocess.run(
        [sys.executable, "-m", "infra.verify", "receipt", file, "--keys", keys_file],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("same to the milligram: ")
    assert f"{metro.reference}, entry 7 of its account" in finished.stdout


# The lock


def test_the_lock_names_the_digest_of_every_document_in_the_catalogue():
    known = catalogue()
    documents = {name: known.named(name).digest for name in known.versions}

    assert {name: release.digest for name, release in releases().items()} == documents
