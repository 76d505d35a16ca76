"""Give the subject a signed receipt of one of its own entries."""

from dataclasses import dataclass

from shared.application.get_entry import get_entry
from shared.application.ports import Accounts, Signer, Statement
from shared.domain.canonical import canonical_json
from shared.domain.catalogue import Catalogue
from shared.domain.receipt import RECEIPT_TYPE, build_receipt


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """A receipt as canonical JSON, and the compact JWS whose payload is these very bytes."""

    receipt: bytes
    jws: str


def get_receipt(
    accounts: Accounts,
    statement: Statement,
    catalogue: Catalogue,
    signer: Signer,
    *,
    subject_hash: str,
    public_id: str,
) -> SignedReceipt:
    """Return the receipt of the entry under the methodology version that it names.

    Raises AccountNotFoundError, EntryNotFoundError for another's entry too, and BusyError.
    """
    entry = get_entry(accounts, statement, subject_hash=subject_hash, public_id=public_id)
    receipt = build_receipt(entry, catalogue.named(entry.methodology), public_id)
    payload = canonical_json(receipt)
    return SignedReceipt(payload, signer.sign(payload, RECEIPT_TYPE))
