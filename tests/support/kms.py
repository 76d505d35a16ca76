"""The keys that functions use themselves, over moto, which does not know what a digest is.

It hashes what it is given once more (getmoto/moto#10202); KMS signs a digest as it is.
"""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto.kms.utils import ECDSAPrivateKey

from tests.support.template import resources

SHA256_BYTES = 32


def create_keys(kms: Any) -> None:
    """Create each key of the template that has a use of its own, with its logical id as an alias.

    The data key has none: services use it.
    """
    for name, key in resources("AWS::KMS::Key").items():
        if "KeyUsage" in key:
            created = kms.create_key(KeySpec=key["KeySpec"], KeyUsage=key["KeyUsage"])
            key_id = created["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key_id)


def _sign_digest(key: ECDSAPrivateKey, message: bytes, signing_algorithm: str) -> bytes:
    assert signing_algorithm in key.valid_signing_algorithms
    assert len(message) == SHA256_BYTES, "Only digests are signed here."
    return key.private_key.sign(message, ECDSA(Prehashed(SHA256())))


ECDSAPrivateKey.sign = _sign_digest  # type: ignore[method-assign, assignment]
