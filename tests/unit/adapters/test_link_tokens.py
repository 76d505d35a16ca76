import base64
import json

import jwt
import pytest

from shared.adapters.link_tokens import read_link_token
from shared.domain.errors import LinkTokenRefusedError
from shared.domain.webhook import decode_secret
from tests.support.builders import BOOKED_AT
from tests.support.fakes import FakeKeys
from tests.support.partners import BANK_SECRET, METRO_NEXT_SECRET, METRO_SECRET, link_token

NOW_S = int(BOOKED_AT.timestamp())
KEYS = FakeKeys({"metro-demo": [decode_secret(METRO_NEXT_SECRET), decode_secret(METRO_SECRET)]})


def read(token, partner="metro-demo"):
    return read_link_token(token, partner, KEYS, BOOKED_AT)


def token(secret=METRO_SECRET, **changes):
    return link_token("metro-demo", "rider-1", secret, BOOKED_AT, **changes)


@pytest.mark.parametrize("secret", [METRO_NEXT_SECRET, METRO_SECRET], ids=["new key", "old key"])
def test_a_token_under_either_key_says_who_the_user_is(secret):
    assert read(token(secret)) == "rider-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "bank-core"},
        {"aud": "somebody-else"},
        {"aud": None},
        {"exp": NOW_S},
        {"exp": NOW_S - 1},
        {"exp": NOW_S + 3601},
        {"exp": "soon"},
        {"exp": None},
        {"exp": True},
        {"exp": [NOW_S + 60]},
        {"sub": ""},
        {"sub": "r" * 129},
        {"sub": "rider 1"},
        {"sub": "骑手"},
        {"sub": "\ud800"},
        {"sub": "rider\n"},
        {"sub": 7},
        {"sub": None},
        {"sub": {"a": 1}},
    ],
    ids=str,
)
def test_a_token_for_another_purpose_or_time_is_refused(changes):
    with pytest.raises(LinkTokenRefusedError):
        read(token(**changes))


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp"])
def test_a_token_without_one_of_its_claims_is_refused(claim):
    claims = jwt.decode(token(), options={"verify_signature": False})
    del claims[claim]
    key = decode_secret(METRO_SECRET)
    with pytest.raises(LinkTokenRefusedError):
        read(jwt.encode(claims, key, algorithm="HS256"))


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


UNSIGNED = f"{part({'alg': 'none', 'typ': 'JWT'})}.{token().split('.')[1]}."
DEEP = base64.urlsafe_b64encode(b"[" * 1400).decode().rstrip("=")


@pytest.mark.parametrize(
    "forged",
    [
        token(BANK_SECRET),
        token()[:-2] + "AA",
        UNSIGNED,
        "",
        "..",
        "a.b.c",
        "骑.手.一",
        f"{DEEP}.{DEEP}.{DEEP}",
        f"{part({'alg': 'HS512'})}.{token().partition('.')[2]}",
        f"{part([])}.{part([])}.AAAA",
    ],
    ids=["another's key", "altered", "alg none", "empty", "dots", "abc", "chinese", "deep",
         "other algorithm", "lists"],
)  # fmt: skip
def test_a_forged_token_is_refused(forged):
    with pytest.raises(LinkTokenRefusedError):
        read(forged)


def test_a_partner_without_keys_signs_nothing():
    with pytest.raises(LinkTokenRefusedError):
        read(token(), partner="stranger")


def test_a_token_may_last_an_hour():
    assert read(token(exp=NOW_S + 3600)) == "rider-1"
    assert read(token(exp=NOW_S + 60.5)) == "rider-1"
