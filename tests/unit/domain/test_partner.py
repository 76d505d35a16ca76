from datetime import timedelta

import pytest

from shared.domain.errors import EventInFutureError, EventTooOldError, UnknownEventTypeError
from tests.support.builders import BOOKED_AT, a_partner

ONE_MS = timedelta(milliseconds=1)


def test_the_scenario_stands_in_the_type():
    assert a_partner().scenario_of("carbon.metro.v1") == "metro"


@pytest.mark.parametrize(
    "event_type",
    [
        "carbon.shared-bike.v1",  # not one of this partner's
        "carbon.metro.v2",
        "carbon.metro",
        "metro.v1",
        "metro",
        "carbon..v1",
        "carbon.carbon.metro.v1.v1",
        "CARBON.METRO.V1",
        "carbon.metro.v1 ",
        "",
    ],
)
def test_any_other_type_is_refused(event_type):
    with pytest.raises(UnknownEventTypeError):
        a_partner().scenario_of(event_type)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=30), -timedelta(minutes=5)], ids=str)
def test_an_event_is_accepted_up_to_its_windows_edges(age):
    a_partner(acceptance_window_days=30).check_acceptance(BOOKED_AT - age, BOOKED_AT)


def test_a_millisecond_too_old_is_refused_by_name():
    with pytest.raises(EventTooOldError):
        a_partner().check_acceptance(BOOKED_AT - timedelta(days=30) - ONE_MS, BOOKED_AT)


def test_more_than_five_minutes_ahead_is_refused_by_name():
    with pytest.raises(EventInFutureError):
        a_partner().check_acceptance(BOOKED_AT + timedelta(minutes=5) + ONE_MS, BOOKED_AT)


@pytest.mark.parametrize("days", [0, 32])
def test_a_window_is_no_longer_than_the_caps_remember(days):
    with pytest.raises(ValueError, match="1 to 31 days"):
        a_partner(acceptance_window_days=days)
