"""Voucher codes, in memory and under the template's key."""

import base64
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from shared.adapters import vouchers
from shared.adapters.vouchers import KmsVouchers
from shared.application.ports import Vouchers
from shared.domain.errors import BusyError
from tests.support.cloud import Cloud
from tests.support.fakes import FakeVouchers

CODE = "示范-DEMO-0123"


@pytest.fixture(params=["in memory", "over KMS"])
def port(request: pytest.FixtureRequest) -> Iterator[Vouchers]:
    if request.param == "in memory":
        yield FakeVouchers()
        return
    with mock_aws():
        Cloud()
        yield KmsVouchers("alias/VoucherKey")


def test_a_code_comes_back_for_its_own_redemption(port: Vouchers):
    assert port.decrypt("r1", port.encrypt("r1", CODE)) == CODE


def test_a_code_does_not_come_back_for_another_redemption(port: Vouchers):
    encrypted = port.encrypt("r1", CODE)
    with pytest.raises((ClientError, ValueError)):
        port.decrypt("r2", encrypted)


def test_what_is_stored_does_not_show_the_code():
    with mock_aws():
        Cloud()
        encrypted = KmsVouchers("alias/VoucherKey").encrypt("r1", CODE)
    assert CODE.encode() not in base64.b64decode(encrypted)


class Broken:
    """KMS that fails every call."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def encrypt(self, **_: object) -> None:
        raise self.error

    decrypt = encrypt


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (EndpointConnectionError(endpoint_url="https://kms"), BusyError),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "Encrypt"), BusyError),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "Encrypt"), ClientError),
    ],
    ids=["no connection", "throttled", "no right"],
)
def test_trouble_is_told_from_our_own_fault(monkeypatch, error, named):
    monkeypatch.setattr(vouchers, "client", lambda _: Broken(error))
    with pytest.raises(named):
        KmsVouchers("key").encrypt("r1", CODE)
    with pytest.raises(named):
        KmsVouchers("key").decrypt("r1", "AAAA")
