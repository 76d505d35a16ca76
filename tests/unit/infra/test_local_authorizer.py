import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from infra.local.authorizer import JwtAuthorizer, Passed, PublishedKeys, Refused
from infra.local.issuer import ISSUER, Issuer


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def authorizer(issuer: Issuer) -> JwtAuthorizer:
    return JwtAuthorizer(
        identity_source="$request.header.Authorization",
        issuer=ISSUER,
        audiences=["carbon-account"],
        keys=PublishedKeys(issuer.jwks_path),
    )


def mint(issuer: Issuer, **claims: Any) -> str:
    return issuer.mint(
        "alice", scopes=["carbon:read", "carbon:write"], audience="carbon-account", claims=claims
    )


def judge(authorizer: JwtAuthorizer, token: str) -> Passed | Refused:
    return authorizer.judge({"authorization": f"Bearer {token}"}, {}, ["carbon:read", "carbon:x"])


def test_a_good_token_passes_with_its_claims_as_text(
    issuer: Issuer, authorizer: JwtAuthorizer
) -> None:
    token = mint(issuer, groups=["a", "b"], vip=True, nothing=None, nested={"k": 1})
    passed = judge(authorizer, token)
    assert isinstance(passed, Passed)
    assert passed.scopes == ["carbon:read"]
    assert passed.claims["sub"] == "alice"
    assert passed.claims["exp"].isdigit()
    assert passed.claims["groups"] == "[a b]"
    assert passed.claims["vip"] == "true"
    assert passed.claims["nested"] == '{"k":1}'
    assert "nothing" not in passed.claims


def test_a_route_without_scopes_takes_any_valid_token(
    issuer: Issuer, authorizer: JwtAuthorizer
) -> None:
    passed = authorizer.judge({"authorization": mint(issuer)}, {}, [])
    assert isinstance(passed, Passed)
    assert passed.scopes is None


def test_no_token(authorizer: JwtAuthorizer) -> None:
    assert authorizer.judge({}, {}, ["carbon:read"]) == Refused(401, "Bearer")


def test_a_missing_scope_is_forbidden(issuer: Issuer, authorizer: JwtAuthorizer) -> None:
    refused = judge(authorizer, mint(issuer, scope="carbon:consent"))
    assert isinstance(refused, Refused)
    assert refused.status == 403
    assert 'error="insufficient_scope"' in refused.www_authenticate


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"iss": "https://elsewhere.example"},
        {"aud": "other"},
        {"aud": None},
        {"aud": [{"a": 1}]},
    ],
)
def test_bad_claims_are_unauthorized(
    issuer: Issuer, authorizer: JwtAuthorizer, claims: dict[str, Any]
) -> None:
    refused = judge(authorizer, mint(issuer, **claims))
    assert isinstance(refused, Refused)
    assert refused.status == 401
    assert 'error="invalid_token"' in refused.www_authenticate


def test_client_id_counts_where_there_is_no_audience(
    issuer: Issuer, authorizer: JwtAuthorizer
) -> None:
    now = int(time.time())
    token = mint(issuer)
    claims = jwt.decode(token, options={"verify_signature": False})
    del claims["aud"]
    without = issuer.mint(
        "alice", scopes=["carbon:read"], audience="", claims={**claims, "exp": now + 60}
    )
    assert isinstance(judge(authorizer, without), Refused)
    named = issuer.mint(
        "alice",
        scopes=["carbon:read"],
        audience="carbon-account",
        claims={"client_id": "other"},
    )
    assert isinstance(judge(authorizer, named), Passed)


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "é", "a" * 100_000, "e30.e30.", '"\r\n'])
def test_hostile_text_is_unauthorized(authorizer: JwtAuthorizer, token: str) -> None:
    refused = judge(authorizer, token)
    assert isinstance(refused, Refused)
    assert refused.status == 401
    assert refused.www_authenticate.isprintable()


def test_a_forged_signature_is_unauthorized(issuer: Issuer, authorizer: JwtAuthorizer) -> None:
    head, body, _ = mint(issuer).split(".")
    other = mint(issuer, sub="bob").split(".")[2]
    assert isinstance(judge(authorizer, f"{head}.{body}.{other}"), Refused)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_only_rsa_signatures_count(
    issuer: Issuer, authorizer: JwtAuthorizer, algorithm: str
) -> None:
    good = mint(issuer)
    key_id = jwt.get_unverified_header(good)["kid"]
    claims = jwt.decode(good, options={"verify_signature": False})
    secret = "" if algorithm == "none" else "k" * 64
    forged = jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": key_id})
    assert isinstance(judge(authorizer, forged), Refused)


def test_a_withdrawn_key_counts_no_more(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path)
    authorizer = JwtAuthorizer(
        identity_source="$request.header.Authorization",
        issuer=ISSUER,
        audiences=["carbon-account"],
        keys=PublishedKeys(issuer.jwks_path),
    )
    first = mint(issuer)
    issuer.rotate(keep_old=True)
    second = mint(issuer)
    assert [type(judge(authorizer, token)) for token in (first, second)] == [Passed, Passed]
    issuer.rotate()
    third = mint(issuer)
    assert [type(judge(authorizer, token)) for token in (first, second, third)] == [
        Refused,
        Refused,
        Passed,
    ]


def test_keys_and_tokens_outlive_the_issuer(tmp_path: Path) -> None:
    token = mint(Issuer(tmp_path))
    again = Issuer(tmp_path)
    authorizer = JwtAuthorizer(
        identity_source="$request.header.Authorization",
        issuer=ISSUER,
        audiences=["carbon-account"],
        keys=PublishedKeys(again.jwks_path),
    )
    assert isinstance(judge(authorizer, token), Passed)
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
