"""The number, the facts and the privacy of a certificate."""

import json
import re
from itertools import pairwise

import pytest

from shared.domain.canonical import canonical_json
from shared.domain.certificate import (
    OwnFootprint,
    certificate_facts,
    certificate_number,
    is_certificate_number,
)
from tests.support.builders import at
from tests.support.certificates import (
    CERTIFICATE_ID,
    METRO,
    a_certificate,
    for_own_footprint,
)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_number_is_worked_out_from_the_id_and_the_ledger_year():
    # The first 50 bits of SHA-256("certificate number\n" + id), by five, and their check.
    assert certificate_number("c" + "a" * 26, 2026) == "CA-2026-SWV2-0G1Y-31CS"
    assert a_certificate().number == certificate_number(CERTIFICATE_ID, 2026)
    new_year = a_certificate(issued_at=at("2026-12-31T16:00:00+00:00"))
    assert new_year.number == certificate_number(CERTIFICATE_ID, 2027)


def numbers():
    return [certificate_number(f"c{number}", 2026 + number % 3) for number in range(40)]


def test_numbers_have_one_form_and_their_check_characters_agree():
    for number in numbers():
        assert re.fullmatch(rf"CA-20\d\d(-[{ALPHABET}]{{4}}){{3}}", number)
        assert is_certificate_number(number)


def test_one_wrong_character_is_always_noticed():
    for number in numbers()[:10]:
        for place, character in enumerate(number):
            others = ALPHABET if place > 7 else "0123456789"
            for other in set(others) - {character}:
                wrong = number[:place] + other + number[place + 1 :]
                assert not is_certificate_number(wrong), (number, wrong)


def test_two_characters_that_changed_places_are_always_noticed():
    for number in numbers():
        places = [place for place, character in enumerate(number) if place > 7 and character != "-"]
        for one, other in pairwise(places):
            swapped = list(number)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            if swapped[one] != swapped[other]:
                assert not is_certificate_number("".join(swapped)), number


@pytest.mark.parametrize(
    "text",
    ["", "CA", "CA-2026", "CA-2026-----", "ca-2026-swv2-0g1y-31cs", "XX-2026-SWV2-0G1Y-31CS",
     "CA-26-SWV2-0G1Y-31CS", "CA-2026-SWV20G1Y31CS", "CA-２０２６-SWV2-0G1Y-31C2",
     "CA-2026-SWV2-0G1Y-31CU", "CA-2026-SWV2-0G1Y-31CS-"],
)  # fmt: skip
def test_what_is_written_otherwise_is_no_number(text):
    assert not is_certificate_number(text)


def test_the_facts_are_what_the_lots_and_methodologies_come_to():
    facts = certificate_facts(a_certificate())
    assert facts["reduction_mg"] == 204_608 + 95_392 + 109_216 == 409_216
    # Down 75000 + 27304, up 150000 + 54608; distances 3000 and 3000 in quadrature: 4243.
    assert (facts["low_mg"], facts["high_mg"]) == (409_216 - 106_547, 409_216 + 208_851)
    assert facts["evidence"] == [
        {"grade": 1, "reduction_mg": 300_000},
        {"grade": 3, "reduction_mg": 109_216},
    ]
    assert (facts["provisional_mg"], facts["label"]) == (9_216, "illustrative")
    assert facts["purpose"] == {"kind": "occasion", "occasion": "植树节"}
    methodologies = json.loads(canonical_json(facts))["methodologies"]
    assert [each["methodology"] for each in methodologies] == [METRO, "received"]


def test_a_share_of_ones_own_footprint_is_in_millionths_rounded_down():
    # 409 216 mg of 3 936 852 892 mg.
    assert certificate_facts(for_own_footprint())["purpose"] == {
        "kind": "own_footprint",
        "year": 2026,
        "footprint_mg": 3_936_852_892,
        "methodology": "personal-footprint@2025.1",
        "share_ppm": 103,
    }
    assert OwnFootprint(2026, 1_000_000).share_ppm(1_999_999) == 1_999_999
    for none in (None, 0):
        assert OwnFootprint(2026, none).share_ppm(5) is None


def test_nothing_in_it_names_an_account_an_event_or_the_request():
    text = canonical_json(certificate_facts(a_certificate())).decode()
    for word in ("account_id", "event", "partner", "request", "subject", "e" * 64):
        assert word not in text


def test_it_says_in_both_languages_what_it_is_not():
    statement = certificate_facts(a_certificate())["statement"]
    assert isinstance(statement, dict)
    assert "no carbon credit, offset or allowance" in " ".join(statement["en"])
    assert "不是任何市场或登记系统的碳信用、抵销额度或配额" in "".join(statement["zh-Hans"])
