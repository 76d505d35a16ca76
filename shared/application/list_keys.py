"""List the public keys that receipts are signed with."""

from collections.abc import Iterable, Mapping

from shared.application.ports import Signer


def list_keys(signers: Iterable[Signer]) -> tuple[Mapping[str, str], ...]:
    """Return each signer's public key as a member of a JWK set; raise BusyError."""
    return tuple(each.public_key() for each in signers)
