"""Keys from Secrets Manager: cached, refreshed when a signature fails, never logged."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from shared.adapters.aws import client
from shared.domain.errors import BusyError
from shared.domain.partner import NAME
from shared.domain.webhook import decode_secret

# How long a withdrawn key may still be taken by a warm function.
KEYS_CACHE_S = 300
# So that bad signatures cannot make us read the secret more often than this.
REFRESH_PAUSE_S = 60
KEYS_MAX = 2
PSEUDONYM_KEY_LENGTH_MIN = 32
HASH_HEX_DIGITS = 40


class SecretPartnerKeys:
    """Partners' signing keys; the secret `<prefix><partner>` holds {"keys": ["whsec_..."]}."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._cache: dict[str, tuple[float, Sequence[bytes]]] = {}
        self._refreshed: dict[str, float] = {}

    def keys(self, partner: str) -> Sequence[bytes]:
        """Return the keys, newest first; none for a stranger. Raises BusyError."""
        if NAME.fullmatch(partner) is None:
            return ()
        cached = self._cache.get(partner)
        if cached and time.monotonic() - cached[0] < KEYS_CACHE_S:
            return cached[1]
        text = read_secret(self._prefix + partner)
        if text is None:
            return ()
        keys = _parse_keys(text)
        self._cache[partner] = (time.monotonic(), keys)
        return keys

    def refresh(self, partner: str) -> bool:
        now = time.monotonic()
        # Only what is cached can be stale; a stranger is looked up every time.
        if partner not in self._cache:
            return False
        if now - self._refreshed.get(partner, -REFRESH_PAUSE_S) < REFRESH_PAUSE_S:
            return False
        self._refreshed[partner] = now
        del self._cache[partner]
        return True


class SecretPseudonyms:
    """Hashes under a key that only Secrets Manager knows, one use apart from the other."""

    def __init__(self, secret_id: str) -> None:
        self._secret_id = secret_id
        self._key: bytes | None = None

    def subject(self, subject: str) -> str:
        return self._hash("subject", subject.encode())[:HASH_HEX_DIGITS]

    def reference(self, partner: str, reference: str) -> str:
        return self._hash(f"reference#{partner}", reference.encode())[:HASH_HEX_DIGITS]

    def payload(self, payload: bytes) -> str:
        return self._hash("payload", payload)

    def gift_code(self, code: str) -> str:
        return self._hash("gift code", code.encode())[:HASH_HEX_DIGITS]

    def _hash(self, use: str, value: bytes) -> str:
        if self._key is None:
            text = read_secret(self._secret_id)
            # An empty or short key would make every hash guessable: stop rather than go on.
            if text is None or len(text) < PSEUDONYM_KEY_LENGTH_MIN:
                raise BusyError("The pseudonym key cannot be read.")
            self._key = text.encode()
        return hmac.new(self._key, use.encode() + b"\n" + value, hashlib.sha256).hexdigest()


def read_secret(secret_id: str) -> str | None:
    """Return the secret's text, None if there is no such secret; raise BusyError otherwise."""
    secrets_manager = client("secretsmanager")
    try:
        answer = secrets_manager.get_secret_value(SecretId=secret_id)
    except secrets_manager.exceptions.ResourceNotFoundException:
        return None
    except (BotoCoreError, ClientError) as error:
        raise BusyError("A key cannot be read now.") from error
    return str(answer["SecretString"])


def _parse_keys(text: str) -> Sequence[bytes]:
    """Return the keys; a malformed secret never means "accept all", it means 503 and an alarm."""
    try:
        secrets = json.loads(text)["keys"]
        keys = [decode_secret(secret) for secret in secrets[:KEYS_MAX]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BusyError("A partner's keys are malformed.") from error
    if not keys:
        raise BusyError("A partner has no keys.")
    return keys
