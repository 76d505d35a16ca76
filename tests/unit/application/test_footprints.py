"""Footprints are kept by account, and stay what they were when their answers were put."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.adapters.catalogue import catalogue
from shared.application.calculate_footprint import calculate_footprint
from shared.application.get_footprint import StandingFootprint, get_footprint
from shared.application.ports import StoredFootprint
from shared.application.put_footprint import put_footprint
from shared.domain.catalogue import Catalogue
from shared.domain.errors import (
    AccountNotFoundError,
    FootprintNotFoundError,
    InvalidRequestError,
    NoMethodologyError,
)
from shared.domain.methodology import Methodology
from tests.support.builders import an_account, at
from tests.support.fakes import FakeAccounts, FakeFootprints, Store
from tests.support.homes import HOUSEHOLD

FIRST_DAY = at("2025-06-01T12:00:00+08:00")
NEXT_DAY = at("2025-06-02T12:00:00+08:00")
NEXT_YEAR = at("2026-01-01T00:00:00+08:00")
# 550 kg of it are electricity.
HOUSEHOLD_MG = 3_598_380_952


def two_versions() -> Catalogue:
    """The footprint's first version, and one of 2026 whose grid has a tenth less carbon in East."""
    first: dict[str, Any] = dict(catalogue().get("personal-footprint", "2025.1").document)
    region, *others = first["inputs"]
    choices = [
        {**each, "value": "0.495"} if each["key"] == "east" else each for each in region["choices"]
    ]
    second = {
        **first,
        "version": "2026.1",
        "effective_from": "2026-01-01",
        "inputs": [{**region, "choices": choices}, *others],
    }
    ended = {**first, "effective_until": "2026-01-01"}
    return Catalogue.of(Methodology.from_document(each) for each in (ended, second))


class Desk:
    """The use cases over one store in which `me` has an account."""

    def __init__(self) -> None:
        store = Store()
        store.add(an_account("a1"), "me")
        self.accounts = FakeAccounts(store)
        self.footprints = FakeFootprints(store)
        self.catalogue = two_versions()

    def put(
        self, answers: Mapping[str, object], now: Any = FIRST_DAY, subject: str = "me"
    ) -> tuple[int, Any]:
        footprint, calculated_at = put_footprint(
            self.accounts,
            self.footprints,
            self.catalogue,
            subject_hash=subject,
            answers=answers,
            now=now,
        )
        return footprint.total.central_mg, calculated_at

    def get(self, now: Any = FIRST_DAY, subject: str = "me") -> StandingFootprint:
        return get_footprint(
            self.accounts, self.footprints, self.catalogue, subject_hash=subject, now=now
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_footprint_is_that_of_the_version_in_force():
    versions = two_versions()
    now = calculate_footprint(versions, answers=HOUSEHOLD, now=FIRST_DAY)
    then = calculate_footprint(versions, answers=HOUSEHOLD, now=NEXT_YEAR)
    assert (now.methodology.version, now.total.central_mg) == ("2025.1", HOUSEHOLD_MG)
    # Electricity and the electric car have a tenth less: 55 kg and 0.823878 kg.
    assert (then.methodology.version, then.total.central_mg) == ("2026.1", 3_542_557_074)


def test_nothing_is_in_force_before_the_first_version():
    with pytest.raises(NoMethodologyError):
        calculate_footprint(two_versions(), answers={}, now=at("2024-12-31T23:59:59+08:00"))


def test_what_was_put_is_kept_by_the_account(desk):
    assert desk.put(HOUSEHOLD) == (HOUSEHOLD_MG, FIRST_DAY)
    assert desk.footprints.store.footprints == {
        "a1": StoredFootprint(
            account_id="a1",
            methodology="personal-footprint@2025.1",
            answers={
                "grid_region": "east",
                "household_size": "3",
                "electricity_kwh_per_month": "250",
                "diet": "low-meat",
            },
            calculated_at=FIRST_DAY,
        )
    }
    standing = desk.get()
    assert (standing.footprint.total.central_mg, standing.calculated_at) == (
        HOUSEHOLD_MG,
        FIRST_DAY,
    )
    assert standing.newer is None


def test_the_same_answers_again_change_nothing(desk):
    first = desk.put(HOUSEHOLD)
    assert desk.put(HOUSEHOLD, NEXT_DAY) == first
    assert desk.footprints.puts == 1


def test_other_answers_replace_the_first(desk):
    desk.put(HOUSEHOLD)
    # (4.67 - 2.89) x 365 = 649.7 kg less
    assert desk.put({**HOUSEHOLD, "diet": "vegan"}, NEXT_DAY) == (2_948_680_952, NEXT_DAY)
    assert desk.get().calculated_at == NEXT_DAY
    assert len(desk.footprints.store.footprints) == 1


def test_a_footprint_stays_what_it_was_when_its_factors_change(desk):
    desk.put(HOUSEHOLD)
    standing = desk.get(NEXT_YEAR)
    assert standing.footprint.total.central_mg == HOUSEHOLD_MG
    assert standing.footprint.methodology.version == "2025.1"
    assert standing.newer == "personal-footprint@2026.1"


def test_the_same_answers_under_newer_factors_are_a_new_footprint(desk):
    desk.put(HOUSEHOLD)
    assert desk.put(HOUSEHOLD, NEXT_YEAR) == (3_542_557_074, NEXT_YEAR)
    standing = desk.get(NEXT_YEAR)
    assert (standing.footprint.methodology.version, standing.newer) == ("2026.1", None)


def test_without_an_account_nothing_is_kept(desk):
    with pytest.raises(AccountNotFoundError):
        desk.put(HOUSEHOLD, subject="you")
    with pytest.raises(AccountNotFoundError):
        desk.get(subject="you")
    assert desk.footprints.store.footprints == {}


def test_a_bad_answer_keeps_what_stands(desk):
    desk.put(HOUSEHOLD)
    with pytest.raises(InvalidRequestError):
        desk.put({"household_size": 0})
    assert desk.get().footprint.total.central_mg == HOUSEHOLD_MG


def test_who_has_put_nothing_has_no_footprint(desk):
    with pytest.raises(FootprintNotFoundError):
        desk.get()
