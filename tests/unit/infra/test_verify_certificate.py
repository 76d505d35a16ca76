"""Whatever is changed in a certificate, and whoever signs it then: the verifier says where."""

import json
from typing import Any

import jwt
import pytest

from infra.verify import __main__ as command
from infra.verify.certificate import verify_certificate
from infra.verify.released import releases
from infra.verify.report import Report
from shared.domain.canonical import canonical_json
from shared.domain.certificate import CERTIFICATE_TYPE, Certificate, certificate_facts
from shared.domain.receipt import RECEIPT_TYPE
from tests.support.certificates import a_certificate, for_own_footprint
from tests.support.receipts import SERVICE, STRANGER, Key
from tests.support.tampering import at, changed, leaves, objects, with_value, without

Facts = dict[str, Any]
KINDS = {"occasion": a_certificate(), "own footprint": for_own_footprint()}
# What only the signature covers. Everything else follows from something.
SIGNATURE_ALONE = {
    "/certificate/beneficiary",
    "/certificate/issuer",
    "/certificate/line",
    "/certificate/purpose/methodology",
    "/certificate/purpose/occasion",
    "/certificate/purpose/year",
    *(f"/certificate/lots/{number}/lot" for number in range(3)),
}
# Where a change shows that does not show in its own place.
ELSEWHERE = {
    "/certificate/certificate_id": {"/certificate/number"},
    "/certificate/issued_at": {"/certificate/ledger_day", "/certificate/number"},
    "/certificate/purpose/footprint_mg": {"/certificate/purpose/share_ppm"},
    "/certificate/purpose/kind": {"/certificate/purpose"},
    **{
        f"/certificate/methodologies/{number}/grades_mg/{grade}": {
            f"/certificate/methodologies/{number}/grades_mg"
        }
        for number in range(2)
        for grade in range(5)
    },
    **{
        f"/certificate/methodologies/{number}/{name}": places
        for number in range(2)
        for name, places in {
            "down_mg": {"/certificate/low_mg"},
            "up_mg": {"/certificate/high_mg"},
            # 3 000.0001 is rounded up.
            "activity_mg2": {"/certificate/low_mg", "/certificate/high_mg"},
            "provisional_mg": {"/certificate/provisional_mg"},
            "lots": {"/certificate/methodologies"},
            "reduction_mg": {"/certificate/methodologies"},
        }.items()
    },
    **{
        f"/certificate/lots/{number}/reduction_mg": {"/certificate/reduction_mg"}
        for number in range(3)
    },
}


def facts(certificate: Certificate) -> Facts:
    copy: Facts = json.loads(canonical_json(certificate_facts(certificate)))
    return copy


def signed(document: Facts, key: Key = SERVICE) -> Facts:
    jws = key.sign(canonical_json(document), typ=CERTIFICATE_TYPE)
    return {"certificate": document, "jws": jws}


def verified(body: Facts) -> Report:
    return verify_certificate(body, tuple(SERVICE.jwks["keys"]), releases())


def pointers(body: Facts) -> set[str]:
    return {finding.pointer for finding in verified(body).findings}


def tampered(document: Facts, pointer: str) -> Facts:
    value = at(document, pointer)
    if pointer == "/certificate/certificate_id":
        return with_value(document, pointer, value[:-1] + "b")
    if pointer.endswith(("activity_mg2", "/footprint_mg")):
        # More than what rounding may hide.
        return with_value(document, pointer, value * 2)
    return with_value(document, pointer, changed(value))


@pytest.fixture(params=KINDS)
def document(request: pytest.FixtureRequest) -> Facts:
    return facts(KINDS[request.param])


def places(document: Facts) -> list[str]:
    return list(leaves(document, "/certificate"))


def test_an_honest_certificate_has_no_finding_and_no_note(document: Facts):
    report = verified(signed(document))
    assert (report.findings, report.notes) == ([], [])


def test_every_field_that_differs_from_what_was_signed_is_named(document: Facts):
    jws = signed(document)["jws"]
    unnoticed = {
        place
        for place in places(document)
        if not {place, f"{place}/0"}
        & pointers({"certificate": tampered(document, place), "jws": jws})
    }
    assert len(places(document)) > 50
    assert unnoticed == set()


def test_whatever_a_stranger_signs_is_not_the_services(document: Facts):
    assert all(
        "/jws" in pointers(signed(tampered(document, place), STRANGER))
        for place in places(document)
    )


def test_an_old_signature_does_not_cover_what_was_changed_in_both_places(document: Facts):
    head, _, tail = signed(document)["jws"].split(".")
    for place in places(document):
        body = signed(tampered(document, place))
        payload = body["jws"].split(".")[1]
        assert "/jws" in pointers({**body, "jws": f"{head}.{payload}.{tail}"}), place


def test_what_even_the_service_signs_must_add_up(document: Facts):
    unnoticed = {
        place
        for place in places(document)
        if place not in SIGNATURE_ALONE
        and not (ELSEWHERE.get(place, set()) | {place, f"{place}/0"})
        & pointers(signed(tampered(document, place)))
    }
    assert unnoticed == set()


def test_only_the_signature_covers_what_follows_from_nothing(document: Facts):
    alone = {place for place in places(document) if not pointers(signed(tampered(document, place)))}
    assert alone <= SIGNATURE_ALONE


def test_what_is_missing_is_noticed(document: Facts):
    for place in places(document):
        assert pointers(signed(without(document, place))), place


def test_what_is_too_much_is_noticed(document: Facts):
    for place in objects(document, "/certificate"):
        assert pointers(signed(with_value(document, f"{place}/more", "x"))), place


@pytest.mark.parametrize("oddity", [None, True, -1, 10**29, "", [], {}])
def test_no_value_is_too_odd_to_be_noticed(document: Facts, oddity: Any):
    for place in places(document):
        standing = at(document, place)
        if place in SIGNATURE_ALONE or (type(standing), standing) == (type(oddity), oddity):
            continue
        assert pointers(signed(with_value(document, place, oddity))), place


# One thing at a time


def test_lots_that_were_named_twice_are_named():
    document = facts(a_certificate())
    document["lots"][1]["lot"] = document["lots"][0]["lot"]
    assert pointers(signed(document)) == {"/certificate/lots/1/lot"}


def test_the_line_that_retired_is_no_lot_of_its_own():
    document = facts(a_certificate())
    document["line"] = document["lots"][2]["lot"]
    assert pointers(signed(document)) == {"/certificate/lots/2/lot"}


def test_a_number_of_another_certificate_is_named_with_what_it_should_be():
    document = facts(a_certificate())
    right = document["number"]
    document["number"] = facts(a_certificate(certificate_id="c" + "b" * 26))["number"]
    [finding] = verified(signed(document)).findings
    assert finding.pointer == "/certificate/number"
    assert f'worked out again it is "{right}"' in finding.sentence


def test_a_mistyped_number_is_told_by_its_check_characters():
    document = facts(a_certificate())
    document["number"] = document["number"][:-1] + "?"
    sentences = [finding.sentence for finding in verified(signed(document)).findings]
    assert "Its check characters do not fit the others." in sentences


def test_another_document_under_a_methodologys_name_is_named():
    document = facts(a_certificate())
    document["methodologies"][0]["digest"] = "0" * 64
    assert pointers(signed(document)) == {"/certificate/methodologies/0/digest"}


def test_a_methodology_that_is_not_known_here_is_a_note():
    document = facts(a_certificate())
    document["methodologies"][0]["methodology"] = "metro-distance@2999.1"
    report = verified(signed(document))
    assert report.findings == []
    assert [note.split(" ")[0] for note in report.notes] == ["metro-distance@2999.1"]


def test_a_receipts_signature_is_not_a_certificates_and_the_other_way_round():
    document = facts(a_certificate())
    as_receipt = SERVICE.sign(canonical_json(document), typ=RECEIPT_TYPE)
    assert "/jws" in pointers({"certificate": document, "jws": as_receipt})


def test_an_independent_library_takes_the_signature():
    body = signed(facts(a_certificate()))
    key = jwt.PyJWKSet(SERVICE.jwks["keys"])[SERVICE.kid]
    assert jwt.PyJWS().decode(body["jws"], key, algorithms=["ES256"]) == canonical_json(
        body["certificate"]
    )


# The command


def run(tmp_path, body, *more):
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    return command.main(["certificate", str(file), *more])


def test_the_command_says_in_one_line_what_a_certificate_says(tmp_path, capsys):
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(SERVICE.jwks), "utf-8")
    assert run(tmp_path, signed(facts(a_certificate())), "--keys", str(keys)) == 0
    number = a_certificate().number
    assert capsys.readouterr().out == (
        f"adds up to the milligram: {number}, 409 216 mg (range 302 669 - 618 067) of 3 lots, "
        f"retired on 2026-11-10, signed by {SERVICE.kid}\n"
    )


def test_the_command_says_where_a_certificate_was_altered(tmp_path, capsys):
    body = signed(facts(a_certificate()))
    body["certificate"]["beneficiary"] = "李四"
    assert run(tmp_path, body) == 1
    out = capsys.readouterr().out
    assert (
        '/certificate/beneficiary: The certificate says "李四", what was signed says "王小明".'
        in out
    )
    assert "The key was not compared." in out
    assert out.endswith("not as it should be: 1 finding\n")


@pytest.mark.parametrize("content", [{}, {"certificate": {}}, {"receipt": {}, "jws": "x"}])
def test_the_command_says_what_is_no_certificate(tmp_path, capsys, content):
    assert run(tmp_path, content) == 2
    assert 'has no "certificate" and "jws"' in capsys.readouterr().err
