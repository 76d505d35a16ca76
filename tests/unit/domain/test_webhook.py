"""The verifier against the reference library as an independent signer (rows W1 to W21)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from shared.domain.errors import SignatureRefusedError
from shared.domain.webhook import decode_secret, sign, verify_signature
from tests.support.partners import METRO_NEXT_SECRET, METRO_SECRET

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
BODY = b'{"id": "ride-1", "distance_km": 8}'
KEY, NEXT_KEY = decode_secret(METRO_SECRET), decode_secret(METRO_NEXT_SECRET)


def library_signature(body=BODY, secret=METRO_SECRET, at=NOW, webhook_id="msg_1"):
    return Webhook(secret).sign(webhook_id, at, body.decode())


def headers(**changes):
    given = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": library_signature(),
    }
    given |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in given.items() if value is not None}


def refuses(given, body=BODY, keys=(KEY,), now=NOW):
    with pytest.raises(SignatureRefusedError):
        verify_signature(given, body, keys, now)


def test_what_the_reference_library_signs_is_accepted():
    verify_signature(headers(), BODY, [KEY], NOW)


def test_what_is_signed_here_the_reference_library_accepts():
    now = datetime.now(UTC)
    signature = sign(KEY, "msg_1", int(now.timestamp()), BODY)
    given = headers(webhook_timestamp=str(int(now.timestamp())), webhook_signature=signature)
    assert Webhook(METRO_SECRET).verify(BODY, given) == {"id": "ride-1", "distance_km": 8}


def test_the_published_vector_of_the_standard_is_signed_as_published():
    # The example of the Standard Webhooks reference libraries.
    key = decode_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("name", ["webhook_id", "webhook_timestamp", "webhook_signature"])
@pytest.mark.parametrize("value", [None, "", " "], ids=["missing", "empty", "blank"])
def test_every_header_is_needed(name, value):
    refuses(headers(**{name: value}))


@pytest.mark.parametrize(
    "signature",
    [
        "v1",  # no comma
        "v1,",
        "v1,a,b",
        "v1,%%%%",
        "v1,=",
        "v1," + "A" * 43 + "=",  # well formed and wrong
        "v1a," + base64.b64encode(b"x" * 64).decode(),
        "v2" + library_signature().removeprefix("v1"),
        library_signature().upper(),
        library_signature().rstrip("="),
        library_signature() + "=",
        library_signature() + "\t",
        library_signature() + "\n",
        library_signature().replace("v1,", "v1, "),
        f"{library_signature()},{library_signature()}",  # two headers, joined by the gateway
        f"v1,{'A' * 43}=\t{library_signature()}",
        "🚲",
    ],
)
def test_a_signature_that_is_not_exactly_one_is_refused(signature):
    refuses(headers(webhook_signature=signature))


@pytest.mark.parametrize(
    "signature",
    [
        f"v1,garbage {library_signature()}",
        f"v1 {library_signature()}",
        f"v1a,abc {library_signature()}",
        f"{library_signature()}  v1,{'A' * 43}=",
        f"  {library_signature()} ",
    ],
)
def test_a_valid_signature_wins_beside_tokens_that_mean_nothing(signature):
    verify_signature(headers(webhook_signature=signature), BODY, [KEY], NOW)


def test_five_signatures_are_compared_and_six_are_not():
    wrong = f"v1,{'A' * 43}="
    five = " ".join([wrong] * 4 + [library_signature()])
    verify_signature(headers(webhook_signature=five), BODY, [KEY], NOW)
    refuses(headers(webhook_signature=f"{wrong} {five}"))
    refuses(headers(webhook_signature=" ".join([library_signature()] * 51)))


def test_another_body_is_refused_even_by_a_byte_or_a_space():
    refuses(headers(), BODY + b"\n")
    refuses(headers(), BODY.replace(b" ", b""))
    refuses(headers(), b"")


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_signature_lasts_five_minutes_in_both_directions(seconds):
    verify_signature(headers(), BODY, [KEY], NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_of_longer_ago_or_from_the_future_is_refused(seconds):
    refuses(headers(), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "timestamp",
    [
        "1794283200.5", "1_794_283_200", " 1794283200", "1794283200 ", "+1794283200", "1.7e9",
        "１７９４２８３２００", "inf", "nan", "-1", "0", "9" * 400, "0x6af2b1c0", "1794283200\n",
        "01794283200",
    ],
)  # fmt: skip
def test_a_timestamp_is_ten_plain_digits(timestamp):
    assert int(NOW.timestamp()) == 1794283200
    refuses(headers(webhook_timestamp=timestamp))


@pytest.mark.parametrize(
    "webhook_id",
    ["a.b", "a#b", "a b", "a\x00", "a\n", "a" * 129, "é", "msg_1,msg_1", "../etc"],
)
def test_an_id_has_no_separator_nor_anything_odd(webhook_id):
    signature = sign(KEY, webhook_id, int(NOW.timestamp()), BODY)
    refuses(headers(webhook_id=webhook_id, webhook_signature=signature))


def test_an_id_and_a_timestamp_are_part_of_what_is_signed():
    refuses(headers(webhook_id="msg_2"))
    refuses(headers(webhook_timestamp=str(int(NOW.timestamp()) + 1)))


def test_during_a_rotation_both_keys_are_good_and_afterwards_the_old_one_is_not():
    by_next = headers(webhook_signature=library_signature(secret=METRO_NEXT_SECRET))
    verify_signature(headers(), BODY, [NEXT_KEY, KEY], NOW)
    verify_signature(by_next, BODY, [NEXT_KEY, KEY], NOW)
    refuses(headers(), keys=[NEXT_KEY])
    refuses(by_next, keys=[KEY])


def test_without_keys_nothing_is_accepted():
    refuses(headers(), keys=[])


def test_a_secret_is_decoded():
    assert decode_secret("whsec_" + base64.b64encode(b"m" * 32).decode()) == b"m" * 32


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        base64.b64encode(b"m" * 32).decode(),
        "whsec_" + base64.b64encode(b"m" * 23).decode(),
        "whsec_" + base64.b64encode(b"m" * 65).decode(),
        "whsec_" + "*" * 44,
        "whsec_" + base64.b64encode(b"m" * 32).decode() + "\n",
    ],
)
def test_a_weak_or_malformed_secret_is_refused(secret):
    with pytest.raises(ValueError, match="signing"):
        decode_secret(secret)
