"""Is this request signed by the partner that its path names?"""

from collections.abc import Mapping
from datetime import datetime

from shared.application.ports import PartnerKeys, Partners
from shared.domain.errors import SignatureRefusedError
from shared.domain.partner import Partner, PartnerState
from shared.domain.webhook import verify_signature

# A stranger's request is checked against this, so that it takes as long as a partner's.
_NOBODYS_KEY = b"\x00" * 32


def authenticate_partner(
    partners: Partners,
    keys: PartnerKeys,
    *,
    partner: str,
    headers: Mapping[str, str],
    payload: bytes,
    now: datetime,
) -> Partner:
    """Return the active partner; raise SignatureRefusedError, the same for every other case.

    Keys are cached; after a failure they are read afresh once, in case they were rotated.
    """

    def verify() -> None:
        known = keys.keys(partner)
        verify_signature(headers, payload, known or [_NOBODYS_KEY], now)
        if not known:
            raise SignatureRefusedError

    try:
        verify()
    except SignatureRefusedError:
        if not keys.refresh(partner):
            raise
        verify()
    registered = partners.get(partner)
    if registered is None or registered.state is not PartnerState.ACTIVE:
        raise SignatureRefusedError
    return registered
