"""Voucher codes under a KMS key of their own, each bound to its redemption.

KMS does the whole of it: a code is short, and no function ever holds a key.
"""

import base64

from botocore.exceptions import BotoCoreError, ClientError

from shared.adapters.aws import client
from shared.adapters.signer import kms_error


class KmsVouchers:
    """Encrypts and decrypts with one symmetric KMS key; a role has the right to one of the two."""

    def __init__(self, key_id: str) -> None:
        self._key_id = key_id

    def encrypt(self, redemption_id: str, code: str) -> str:
        """Return the encrypted code in base64. Raises BusyError."""
        kms = client("kms")
        try:
            answer = kms.encrypt(
                KeyId=self._key_id,
                Plaintext=code.encode(),
                EncryptionContext={"redemption_id": redemption_id},
            )
        except (BotoCoreError, ClientError) as error:
            raise kms_error(error) from error
        return base64.b64encode(answer["CiphertextBlob"]).decode()

    def decrypt(self, redemption_id: str, encrypted: str) -> str:
        """Return the code; what belongs to another redemption is our fault. Raises BusyError."""
        kms = client("kms")
        try:
            answer = kms.decrypt(
                KeyId=self._key_id,
                CiphertextBlob=base64.b64decode(encrypted),
                EncryptionContext={"redemption_id": redemption_id},
            )
        except (BotoCoreError, ClientError) as error:
            raise kms_error(error) from error
        return bytes(answer["Plaintext"]).decode()
