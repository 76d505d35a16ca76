"""Link tokens: a partner's signed word for which of its users somebody is.

A JWT (HS256) under one of the partner's signing keys: `iss` the partner, `sub` its reference for
the user, `aud` this service, `exp` soon. A webhook's signed content has other dots in other places,
so neither can stand for the other.
"""

import re
from datetime import datetime

import jwt

from shared.application.ports import Link, PartnerKeys, Pseudonyms
from shared.domain.consent import PLATFORM
from shared.domain.errors import LinkTokenRefusedError

AUDIENCE = "carbon-account"
LIFETIME_S_MAX = 3600
# What an event's `subject` may be; any other reference could never be reported under.
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}", re.ASCII)


def read_link_token(token: str, partner: str, keys: PartnerKeys, now: datetime) -> str:
    """Return the partner's reference for the user; raise LinkTokenRefusedError."""
    for key in keys.keys(partner):
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=partner,
                # The times are checked below, by our own clock.
                options={
                    "require": ["aud", "exp", "iss", "sub"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.InvalidTokenError, RecursionError):
            continue
        expires_s, reference = claims["exp"], claims["sub"]
        if type(expires_s) not in {int, float}:
            break
        if not 0 < expires_s - now.timestamp() <= LIFETIME_S_MAX:
            break
        if not isinstance(reference, str) or REFERENCE.fullmatch(reference) is None:
            break
        return reference
    raise LinkTokenRefusedError


def read_link(
    token: str | None, partner: str, keys: PartnerKeys, pseudonyms: Pseudonyms, now: datetime
) -> Link | None:
    """Return what the partner vouches for; the platform itself vouches for nobody.

    Raises LinkTokenRefusedError.
    """
    if partner == PLATFORM:
        return None
    reference = read_link_token(token or "", partner, keys, now)
    return Link(partner, pseudonyms.reference(partner, reference))
