import json
import time
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared.adapters import secrets
from shared.domain.errors import BusyError
from tests.support.partners import METRO_NEXT_SECRET, METRO_SECRET


class NotFoundError(Exception):
    pass


class Vault:
    """Secrets Manager, as far as one call goes, and a clock."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NotFoundError)

    def __init__(self):
        self.stored: dict[str, str | Exception] = {}
        self.reads: list[str] = []
        self.time = 1000.0

    def get_secret_value(self, SecretId):  # noqa: N803 - the service's name
        self.reads.append(SecretId)
        value = self.stored.get(SecretId, NotFoundError())
        if isinstance(value, Exception):
            raise value
        return {"SecretString": value}


@pytest.fixture
def vault(monkeypatch):
    vault = Vault()
    vault.stored["p/metro-demo"] = keys(METRO_SECRET)
    monkeypatch.setattr(secrets, "client", lambda _: vault)
    monkeypatch.setattr(time, "monotonic", lambda: vault.time)
    return vault


def keys(*secret):
    return json.dumps({"keys": secret})


def test_keys_are_read_once_in_five_minutes(vault):
    registry = secrets.SecretPartnerKeys("p/")
    assert registry.keys("metro-demo") == registry.keys("metro-demo") == [b"m" * 32]
    assert vault.reads == ["p/metro-demo"]
    vault.stored["p/metro-demo"] = keys(METRO_NEXT_SECRET, METRO_SECRET)
    vault.time += 301
    assert registry.keys("metro-demo") == [b"n" * 32, b"m" * 32]


def test_of_three_keys_the_oldest_is_no_longer_taken(vault):
    vault.stored["p/metro-demo"] = keys(METRO_NEXT_SECRET, METRO_SECRET, METRO_SECRET)
    assert len(secrets.SecretPartnerKeys("p/").keys("metro-demo")) == 2


def test_a_stranger_has_no_keys(vault):
    assert secrets.SecretPartnerKeys("p/").keys("stranger") == ()


@pytest.mark.parametrize("partner", ["", "../metro-demo", "METRO", "a" * 41, "metro\n", "métro"])
def test_a_name_that_no_partner_has_is_never_looked_up(vault, partner):
    assert secrets.SecretPartnerKeys("p/").keys(partner) == ()
    assert vault.reads == []


@pytest.mark.parametrize(
    "stored",
    [
        "", "{", "[]", "{}", '{"keys": []}', '{"keys": null}', '{"keys": ["short"]}',
        '{"keys": ["whsec_AAAA"]}', '{"keys": [7]}', '{"keys": {}}',
        ClientError({"Error": {"Code": "KMSInvalidStateException"}}, "GetSecretValue"),
        EndpointConnectionError(endpoint_url="https://secrets"),
    ],
    ids=str,
)  # fmt: skip
def test_keys_that_cannot_be_read_are_trouble_and_never_an_open_door(vault, stored):
    vault.stored["p/metro-demo"] = stored
    with pytest.raises(BusyError):
        secrets.SecretPartnerKeys("p/").keys("metro-demo")


def test_a_refresh_is_allowed_once_a_minute_and_only_for_what_is_cached(vault):
    registry = secrets.SecretPartnerKeys("p/")
    assert not registry.refresh("metro-demo")
    registry.keys("metro-demo")
    assert registry.refresh("metro-demo")
    registry.keys("metro-demo")
    assert not registry.refresh("metro-demo")
    vault.time += 60
    assert registry.refresh("metro-demo")


def test_a_hash_depends_on_its_use_its_partner_and_the_key(vault):
    vault.stored["k"] = "k" * 64
    vault.stored["other"] = "o" * 64
    hashes, others = secrets.SecretPseudonyms("k"), secrets.SecretPseudonyms("other")
    found = [
        hashes.subject("13800000000"),
        others.subject("13800000000"),
        hashes.reference("metro-demo", "13800000000"),
        hashes.reference("bank-core", "13800000000"),
        hashes.payload(b"13800000000")[:40],
        hashes.gift_code("13800000000"),
    ]
    assert len(set(found)) == 6
    assert all(len(each) == 40 for each in found)
    assert hashes.subject("13800000000") == found[0]
    assert vault.reads == ["k", "other"]


@pytest.mark.parametrize("stored", [None, "", "k" * 31], ids=["missing", "empty", "short"])
def test_a_weak_pseudonym_key_stops_everything(vault, stored):
    if stored is not None:
        vault.stored["k"] = stored
    with pytest.raises(BusyError):
        secrets.SecretPseudonyms("k").subject("13800000000")
