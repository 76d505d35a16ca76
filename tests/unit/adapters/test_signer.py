"""What KMS signs is checked with pyjwt and cryptography, which share nothing with the signer."""

import base64
import hashlib
import json

import jwt
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.adapters import signer
from shared.adapters.signer import (
    SIGNATURES_REMEMBERED_MAX,
    KmsSigner,
    RememberingSigner,
    jwk_of,
    raw_signature,
    thumbprint,
)
from shared.domain.errors import BusyError

# The key and thumbprint of RFC 9449, section 4.1 and 6.1.
KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
}
THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Kms:
    """KMS with one key, as far as two calls go."""

    def __init__(self):
        self.private_key = ec.generate_private_key(ec.SECP256R1())
        self.calls: list[str] = []
        self.trouble: Exception | None = None

    def get_public_key(self, KeyId):  # noqa: N803 - the service's name
        self.calls.append("GetPublicKey")
        if self.trouble:
            raise self.trouble
        return {"PublicKey": info_of(self.private_key)}

    def sign(self, KeyId, Message, MessageType, SigningAlgorithm):  # noqa: N803 - as above
        self.calls.append("Sign")
        if self.trouble:
            raise self.trouble
        assert (MessageType, SigningAlgorithm, len(Message)) == ("DIGEST", "ECDSA_SHA_256", 32)
        return {"Signature": self.private_key.sign(Message, ec.ECDSA(Prehashed(SHA256())))}


def info_of(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    public_key = private_key.public_key()
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def kms(monkeypatch):
    kms = Kms()
    monkeypatch.setattr(signer, "client", lambda _: kms)
    return kms


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_what_is_signed_verifies_with_the_key_in_its_header_and_holds_the_very_bytes(kms):
    payload = '{"名":"地铁"}'.encode()
    token = KmsSigner("key").sign(payload, "carbon-receipt+jws")
    header = jwt.get_unverified_header(token)
    read = jwt.PyJWS().decode_complete(token, jwt.PyJWK(header["jwk"]), algorithms=["ES256"])
    assert read["payload"] == payload
    assert read["header"] == {
        "alg": "ES256",
        "jwk": header["jwk"],
        "kid": header["kid"],
        "typ": "carbon-receipt+jws",
    }
    assert decoded(token.split(".")[0]).startswith(b'{"alg":"ES256","jwk":{"crv":"P-256"')


def test_a_changed_payload_or_another_key_does_not_verify(kms):
    token = KmsSigner("key").sign(b'{"reduction_mg":1}', "t")
    head, _, signature = token.split(".")
    other = base64.urlsafe_b64encode(b'{"reduction_mg":9}').decode()
    forged = f"{head}.{other}.{signature}"
    ours = jwt.PyJWK(jwt.get_unverified_header(token)["jwk"])
    others = jwt.PyJWK(jwk_of(info_of(ec.generate_private_key(ec.SECP256R1()))))
    for changed, key in ((forged, ours), (token, others)):
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.PyJWS().decode(changed, key, algorithms=["ES256"])


def test_the_published_key_has_the_id_that_signatures_name(kms):
    signs = KmsSigner("key")
    published = signs.public_key()
    header = jwt.get_unverified_header(signs.sign(b"{}", "t"))
    assert published == {
        **header["jwk"],
        "alg": "ES256",
        "kid": header["kid"],
        "use": "sig",
    }
    assert jwt.PyJWKSet([dict(published)])[header["kid"]].algorithm_name == "ES256"


def test_the_public_key_is_asked_for_once(kms):
    signs = KmsSigner("key")
    signs.sign(b"1", "t")
    signs.sign(b"2", "t")
    signs.public_key()
    assert kms.calls == ["GetPublicKey", "Sign", "Sign"]


def test_a_key_is_named_by_its_thumbprint():
    assert thumbprint(KEY) == THUMBPRINT
    assert thumbprint({**KEY, "kid": "other", "use": "sig"}) == THUMBPRINT


def test_a_public_key_is_read_as_its_two_coordinates():
    x, y = decoded(KEY["x"]), decoded(KEY["y"])
    numbers = ec.EllipticCurvePublicNumbers(
        int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()
    ).public_key()
    info = numbers.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert jwk_of(info) == KEY


@pytest.mark.parametrize(
    "info",
    [
        b"",
        info_of(ec.generate_private_key(ec.SECP384R1())),
        info_of(ec.generate_private_key(ec.SECP256K1())),
        info_of(ec.generate_private_key(ec.SECP256R1()))[:-1],
        info_of(ec.generate_private_key(ec.SECP256R1())) + b"\0",
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
    ],
    ids=["empty", "P-384", "secp256k1", "cut short", "longer", "bare point"],
)
def test_any_other_key_is_refused(info):
    with pytest.raises(ValueError, match="P-256"):
        jwk_of(info)


@pytest.mark.parametrize(
    ("r", "s"),
    [(1, 1), (127, 128), (255, 256), (2**255, 2**247), (ORDER - 1, 1), (1, ORDER - 1)],
    ids=str,
)
def test_both_numbers_of_a_signature_become_32_bytes(r, s):
    assert raw_signature(encode_dss_signature(r, s)) == r.to_bytes(32) + s.to_bytes(32)


@pytest.mark.parametrize(
    "der",
    [
        "",
        "30",
        "3006020101020101" + "00",  # something follows
        "3009020101020101020101",  # three numbers
        "3003020101",  # one number
        "3106020101020101",  # a set
        "3005020101020101",  # lengths that do not agree
        "3007020101020101",
        "3006020101030101",  # not a number
        "300402000200",  # numbers without content
        "3006020100020101",  # zero
        "30060201ff020101",  # below zero
        "300702020001020101",  # not minimal
        "30810602010102010100"[:18],  # a long form
        "3026" + "022100" + f"{ORDER:064x}" + "020101",  # the order itself
        "3027" + "0222" + "0100" + f"{1:064x}" + "020101",  # more than 32 bytes
    ],
)
def test_what_is_not_a_signature_in_der_is_refused(der):
    with pytest.raises(ValueError, match=r"DER|number"):
        raw_signature(bytes.fromhex(der))


@pytest.mark.parametrize(
    "trouble",
    [
        ClientError({"Error": {"Code": "ThrottlingException"}}, "Sign"),
        ClientError({"Error": {"Code": "KMSInternalException"}}, "Sign"),
        ClientError({"Error": {"Code": "DependencyTimeoutException"}}, "Sign"),
        EndpointConnectionError(endpoint_url="https://kms"),
        ReadTimeoutError(endpoint_url="https://kms"),
    ],
    ids=str,
)
def test_trouble_of_kms_is_answered_as_busy(kms, trouble):
    signs, warm = KmsSigner("key"), KmsSigner("key")
    warm.public_key()
    kms.trouble = trouble
    for call in (signs.public_key, lambda: signs.sign(b"", "t"), lambda: warm.sign(b"", "t")):
        with pytest.raises(BusyError):
            call()
    kms.trouble = None
    assert signs.sign(b"", "t"), "Nothing of the trouble is remembered."


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "NotFoundException", "DisabledException"]
)
def test_a_missing_right_or_key_is_our_own_fault_and_stays_what_it_is(kms, code):
    kms.trouble = ClientError({"Error": {"Code": code}}, "Sign")
    with pytest.raises(ClientError, match=code):
        KmsSigner("key").sign(b"", "t")


def test_the_digest_is_of_the_signing_input(kms):
    token = KmsSigner("key").sign(b"{}", "t")
    signing_input, _, signature = token.rpartition(".")
    raw = decoded(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    digest = hashlib.sha256(signing_input.encode()).digest()
    kms.private_key.public_key().verify(der, digest, ec.ECDSA(Prehashed(SHA256())))
    assert json.loads(decoded(signing_input.split(".")[0]))["typ"] == "t"


def test_what_is_signed_again_is_the_same_and_costs_no_call(kms):
    signs = RememberingSigner("key")
    first = signs.sign(b"{}", "t")
    assert (signs.sign(b"{}", "t"), kms.calls.count("Sign")) == (first, 1)
    assert signs.sign(b"{}", "u") != first
    assert signs.sign(b"[]", "t") != first
    assert kms.calls.count("Sign") == 3


def test_no_more_is_remembered_than_there_is_room_for(kms):
    signs = RememberingSigner("key")
    for number in range(SIGNATURES_REMEMBERED_MAX + 1):
        signs.sign(str(number).encode(), "t")
    signs.sign(b"0", "t")
    assert kms.calls.count("Sign") == SIGNATURES_REMEMBERED_MAX + 2
    assert len(signs._cache) == 2


def test_trouble_is_not_remembered_for_a_signature(kms):
    signs = RememberingSigner("key")
    kms.trouble = ClientError({"Error": {"Code": "ThrottlingException"}}, "Sign")
    with pytest.raises(BusyError):
        signs.sign(b"{}", "t")
    kms.trouble = None
    assert signs.sign(b"{}", "t")
