import pytest

from shared.application.authenticate_partner import authenticate_partner
from shared.domain.errors import SignatureRefusedError
from shared.domain.partner import PartnerState
from shared.domain.webhook import decode_secret
from tests.support.builders import BOOKED_AT, a_partner
from tests.support.fakes import FakeKeys, FakePartners
from tests.support.partners import BANK_SECRET, METRO_NEXT_SECRET, METRO_SECRET, signed

BODY = "{}"
KEY, NEXT_KEY = decode_secret(METRO_SECRET), decode_secret(METRO_NEXT_SECRET)


def authenticate(keys, *registered, secret=METRO_SECRET, partner="metro-demo"):
    return authenticate_partner(
        FakePartners(*registered),
        keys,
        partner=partner,
        headers=signed(BODY, secret, BOOKED_AT),
        payload=BODY.encode(),
        now=BOOKED_AT,
    )


def test_a_partner_is_known_by_its_signature():
    keys = FakeKeys({"metro-demo": [KEY]})
    assert authenticate(keys, a_partner()) == a_partner()
    assert keys.refreshes == 0


@pytest.mark.parametrize(
    ("keys", "registered"),
    [
        ({"metro-demo": [decode_secret(BANK_SECRET)]}, [a_partner()]),
        ({}, [a_partner()]),
        ({}, []),
        ({"metro-demo": [KEY]}, []),
        ({"metro-demo": [KEY]}, [a_partner(state=PartnerState.SUSPENDED)]),
    ],
    ids=["another's key", "no key", "a stranger", "not registered", "suspended"],
)
def test_everybody_else_gets_the_same_refusal(keys, registered):
    with pytest.raises(SignatureRefusedError) as refused:
        authenticate(FakeKeys(keys), *registered)
    assert refused.value.detail == "The request is not signed by this partner, or too long ago."


@pytest.mark.parametrize("registered", [[], [a_partner()]], ids=["a stranger", "without keys"])
def test_the_key_that_stands_in_where_there_is_none_is_no_way_in(registered):
    # 32 zero bytes: the code is open, so anybody can sign with it.
    stand_in = "whsec_" + "A" * 43 + "="
    with pytest.raises(SignatureRefusedError):
        authenticate(FakeKeys({}), *registered, secret=stand_in)


def test_a_key_that_was_rotated_in_is_found_by_one_refresh():
    keys = FakeKeys({"metro-demo": [KEY]}, rotated={"metro-demo": [NEXT_KEY, KEY]})
    assert authenticate(keys, a_partner(), secret=METRO_NEXT_SECRET) == a_partner()
    assert keys.refreshes == 1


def test_a_key_that_was_removed_is_refused_once_the_keys_are_fresh():
    keys = FakeKeys({"metro-demo": [KEY]}, rotated={"metro-demo": [NEXT_KEY]})
    with pytest.raises(SignatureRefusedError):
        authenticate(keys, a_partner(), secret=BANK_SECRET)
    with pytest.raises(SignatureRefusedError):
        authenticate(keys, a_partner(), secret=METRO_SECRET)
