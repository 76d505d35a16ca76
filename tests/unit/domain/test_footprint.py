"""How any methodology for footprints is read and worked out; the real one is worked elsewhere."""

from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import CatalogueError, InvalidRequestError
from shared.domain.footprint import (
    CHANGES_SHOWN_MAX,
    Amount,
    FootprintModel,
    Yardstick,
    count_of,
    percent_of,
)
from shared.domain.footprint_texts import NOT_COUNTED
from shared.domain.measurement import Label
from shared.domain.methodology import ROUNDING, Methodology
from tests.support.rules import SOURCE, parameter

TITLE = {"en": "A title", "zh-Hans": "标题"}


def question(name: str, unit: str, default: str, maximum: str = "100", **more: Any) -> Any:
    return {
        "name": name,
        "unit": unit,
        "title": TITLE,
        "minimum": "0",
        "maximum": maximum,
        "decimals": 1,
        "uncertainty": "0",
        "if_missing": {"value": default, "label": "illustrative", "note": "Assumed."},
        **more,
    }


def choice(key: str, value: str, low: str, high: str) -> dict[str, Any]:
    named = {"key": key, "value": value, "low": low, "high": high, "title": TITLE}
    return {**named, "label": "published", "sources": ["paper"]}


def step(name: str, expression: str) -> dict[str, str]:
    return {"name": name, "unit": "kg/year", "expression": expression}


def change(key: str, **answers: str) -> dict[str, Any]:
    return {"key": key, "title": TITLE, "label": "derived", "note": "A step.", "set": answers}


def yardstick(key: str, value: str, unit: str) -> dict[str, Any]:
    return {
        "key": key, "value": value, "unit": unit, "title": TITLE,
        "label": "published", "sources": ["paper"],
    }  # fmt: skip


DIET: dict[str, Any] = {
    "name": "diet",
    "unit": "kg/day",
    "title": TITLE,
    "choices": [choice("meat", "7", "6", "9"), choice("plants", "3", "2", "4")],
    "if_missing": {"choice": "meat", "label": "derived", "note": "Most eat it."},
}


def a_model(**changes: Any) -> FootprintModel:
    """Return a small one: coal is shared by the home's people, a phone by the years it is kept."""
    document: dict[str, Any] = {
        "id": "small-footprint",
        "version": "2025.1",
        "use": "footprint",
        "scenario": "footprint",
        "jurisdiction": "CN",
        "title": TITLE,
        "summary": TITLE,
        "effective_from": "2025-01-01",
        "best_before": "2027-06-30",
        "licence": "Apache-2.0",
        "exclusive_with": [],
        "results": ["home", "travel", "food", "goods", "footprint"],
        "inputs": [
            question("coal_kg_per_year", "kg/year", "30"),
            question("household_size", "1", "3", minimum="1", decimals=0),
            question("bus_km_per_year", "km/year", "0"),
            DIET,
            question("phone_kept_years", "year", "3", minimum="1"),
        ],
        "parameters": [
            parameter("ef_coal", "kg/kg", "2", "1", "3"),
            parameter("ef_bus", "kg/km", "0.06", "0.05", "0.1", label="illustrative", sources=[]),
            parameter("ef_phone", "kg", "80", "70", "100"),
        ],
        "steps": [
            step("coal", "coal_kg_per_year * ef_coal / household_size"),
            step("home", "coal"),
            step("bus", "bus_km_per_year * ef_bus"),
            step("travel", "bus"),
            step("meals", "diet * days_per_year"),
            step("food", "meals"),
            step("phone", "ef_phone / phone_kept_years"),
            step("goods", "phone"),
            step("footprint", "home + travel + food + goods"),
        ],
        "caps": [],
        "evidence": [],
        "sources": [SOURCE],
        "benchmarks": [yardstick("average", "5000", "kg/year")],
        "equivalents": [yardstick("bus-km", "0.06", "kg/km")],
        "changes": [
            change("more-people", household_size="household_size + 1"),
            change("plants", diet="diet * 99 / 100"),
            change("phone-for-longer", phone_kept_years="phone_kept_years * 3 / 2"),
            change("more-coal", coal_kg_per_year="coal_kg_per_year * 2"),
        ],
        "rounding": ROUNDING,
    }
    return FootprintModel.of(Methodology.from_document({**document, **changes}))


# Amounts


def test_every_item_is_rounded_down_once_and_all_the_rest_are_sums():
    footprint = a_model().calculate(a_model().read_answers({"coal_kg_per_year": 50}))
    amounts = {section.name: section.amount for section in footprint.sections}
    assert amounts == {
        # 50 x 1 / 3, x 2 / 3 and x 3 / 3
        "home": Amount(16_666_666, 33_333_333, 50_000_000),
        "travel": Amount(0, 0, 0),
        # 365 x 6, x 7 and x 9
        "food": Amount(2_190_000_000, 2_555_000_000, 3_285_000_000),
        # 70 / 3, 80 / 3 and 100 / 3
        "goods": Amount(23_333_333, 26_666_666, 33_333_333),
    }
    assert footprint.total == Amount(2_229_999_999, 2_614_999_999, 3_368_333_333)


def test_shares_are_percents_of_the_central_total():
    footprint = a_model().calculate(a_model().read_answers({}))
    # 20,000,000 + 2,555,000,000 + 26,666,666 = 2,601,666,666
    assert footprint.share_percent(20_000_000) == "0.8"
    assert footprint.share_percent(2_555_000_000) == "98.2"


def test_a_label_is_the_weakest_of_what_counts():
    model = a_model()
    given = {"coal_kg_per_year": 30, "household_size": 3, "phone_kept_years": 3, "diet": "meat"}
    footprint = model.calculate(model.read_answers(given))
    labels = {each.name: each.label for section in footprint.sections for each in section.items}
    assert labels == {
        "coal": Label.PUBLISHED,
        "bus": Label.ILLUSTRATIVE,
        "meals": Label.PUBLISHED,
        "phone": Label.PUBLISHED,
    }
    # Nobody took the bus, so its factor is in nothing.
    assert footprint.label is Label.PUBLISHED
    assert [each.name for each in footprint.parameters] == ["ef_coal", "ef_phone"]
    assert [each.text for each in footprint.choices] == ["meat"]

    rider = model.calculate(model.read_answers({**given, "bus_km_per_year": 1}))
    assert rider.label is Label.ILLUSTRATIVE
    # The label of a default counts like that of a factor.
    del given["diet"]
    assert model.calculate(model.read_answers(given)).label is Label.DERIVED


def test_what_a_methodology_has_a_step_for_is_not_said_to_be_left_out():
    assert a_model().calculate(a_model().read_answers({})).not_counted == (*NOT_COUNTED.values(),)
    steps = a_model().methodology.document["steps"]
    model = a_model(steps=[step("leisure", "diet * days_per_year"), *steps])
    left_out = model.calculate(model.read_answers({})).not_counted
    assert left_out == tuple(each for name, each in NOT_COUNTED.items() if name != "leisure")


# Answers


def test_what_is_not_answered_is_taken_by_default_and_said_to_be():
    answers = a_model().read_answers({"diet": "plants", "household_size": 2})
    assert [(name, each.text, each.given) for name, each in answers.items()] == [
        ("coal_kg_per_year", "30", False),
        ("household_size", "2", True),
        ("bus_km_per_year", "0", False),
        ("diet", "plants", True),
        ("phone_kept_years", "3", False),
    ]
    assert answers["household_size"].default is None
    default = answers["coal_kg_per_year"].default
    assert default is not None
    assert (default.value, default.label, default.note) == (
        Decimal(30),
        Label.ILLUSTRATIVE,
        "Assumed.",
    )


def test_every_bad_answer_is_pointed_at():
    with pytest.raises(InvalidRequestError) as refused:
        a_model().read_answers(
            {
                "coal_kg_per_year": "30",
                "household_size": 0,
                "bus_km_per_year": Decimal("1.25"),
                "diet": "air",
                "phone_kept_years": True,
                "a/b~c": 1,
            }
        )
    assert refused.value.pointers == (
        ("/answers/a~1b~0c", "is not asked for by this methodology"),
        ("/answers/bus_km_per_year", "must have at most 1 decimals"),
        ("/answers/coal_kg_per_year", "must be a number"),
        ("/answers/diet", "must be one of meat, plants"),
        ("/answers/household_size", "must be from 1 to 100 1"),
        ("/answers/phone_kept_years", "must be a number"),
    )


@pytest.mark.parametrize("value", [None, 7, ["meat"], {"meat": 1}, True])
def test_a_choice_is_one_of_its_keys(value):
    with pytest.raises(InvalidRequestError):
        a_model().read_answers({"diet": value})


def test_what_was_given_is_kept_as_text_and_read_as_the_same():
    model = a_model()
    answers = model.read_answers({"diet": "plants", "coal_kg_per_year": Decimal("12.0")})
    texts = model.calculate(answers).given_texts
    assert texts == {"coal_kg_per_year": "12", "diet": "plants"}
    assert model.read_texts(texts) == answers


# Changes


def test_changes_are_what_they_save_most_first_and_only_while_they_save():
    model = a_model()
    savings = model.calculate(model.read_answers({})).savings
    assert [(each.change.key, each.saving_mg) for each in savings] == [
        ("plants", 1_460_000_000),  # (7 - 3) x 365
        ("phone-for-longer", 8_888_889),  # 26,666,666 - 17,777,777 (80 / 4.5)
        ("more-people", 5_000_000),  # 60 / 3 - 60 / 4
    ]


def test_a_change_that_leads_nowhere_is_none():
    model = a_model()
    vegan = model.calculate(model.read_answers({"diet": "plants", "household_size": 100}))
    # Nothing is below the last choice, and no more people fit into the home.
    assert [each.change.key for each in vegan.savings] == ["phone-for-longer"]


def test_a_changed_number_is_one_that_may_be_given():
    model = a_model()
    longer = next(each for each in model.changes if each.key == "phone-for-longer")
    changed = model.changed(longer, model.read_answers({"phone_kept_years": Decimal("2.5")}))
    # 3.75 has a decimal too many; half is to the even digit.
    assert changed["phone_kept_years"].text == "3.8"
    assert changed["phone_kept_years"].given
    changed = model.changed(longer, model.read_answers({"phone_kept_years": 90}))
    assert changed["phone_kept_years"].text == "100"


def test_five_changes_are_shown_and_equals_keep_their_order():
    several = [change(f"people-{each}", household_size="household_size + 1") for each in range(7)]
    model = a_model(changes=[*several, change("best", diet="diet * 99 / 100")])
    shown = [each.change.key for each in model.calculate(model.read_answers({})).savings]
    assert shown == ["best", "people-0", "people-1", "people-2", "people-3"]
    assert len(shown) == CHANGES_SHOWN_MAX


# Yardsticks


@pytest.mark.parametrize(
    ("amount_mg", "count"),
    [
        (0, "0"),
        (60_000, "1"),
        (6_000, "0.1"),
        (100_000, "1.67"),
        (123_456_789, "2060"),  # 2,057.6...
        (60_000_000_000, "1000000"),
        (59_999_999_999, "1000000"),
    ],
)
def test_an_equivalent_has_three_digits_that_count(amount_mg, count):
    one = Yardstick.read(yardstick("bus-km", "0.06", "kg/km"))
    assert count_of(one, amount_mg) == count


def test_a_benchmark_is_a_hundred_percent():
    average = Yardstick.read(yardstick("average", "5000", "kg/year"))
    assert percent_of(average, 5_000_000_000) == "100.0"
    assert percent_of(average, 1_234_567_890) == "24.7"


# Broken files


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"steps": [step("home", "diet * days_per_year")]}, "There is no step `footprint`."),
        (
            {"steps": [step("coal", "diet"), step("footprint", "2 * coal")]},
            "`footprint` must be the plain sum of other steps.",
        ),
        (
            {"steps": [step("coal", "diet"), step("home", "coal"), step("footprint", "home+coal")]},
            "`footprint` must be the plain sum of other steps.",
        ),
        (
            {
                "steps": [
                    step("coal", "diet"),
                    step("home", "coal + coal"),
                    step("footprint", "home"),
                ]
            },
            "`home` must be the plain sum of other steps.",
        ),
        (
            {
                "steps": [
                    step("yacht", "diet"), step("home", "yacht"), step("footprint", "home"),
                ]
            },
            "`yacht` has no title.",
        ),
        ({"changes": [change("bad", yachts="1")]}, "The change `bad` names no input `yachts`."),
        (
            {"changes": [change("bad", household_size="ef_coal")]},
            "The change `bad` names no input `ef_coal`.",
        ),
        (
            {"benchmarks": [yardstick("average", "5", "t/year")]},
            "`average` must be above zero, in kg/year.",
        ),
        (
            {"equivalents": [yardstick("bus-km", "60", "g/km")]},
            "`bus-km` must be above zero, in kg/.",
        ),
        (
            {"equivalents": [yardstick("bus-km", "0", "kg/km")]},
            "`bus-km` must be above zero, in kg/.",
        ),
    ],
)  # fmt: skip
def test_a_methodology_that_is_none_for_footprints_is_refused(broken, reason):
    with pytest.raises(CatalogueError) as refused:
        a_model(**broken)
    assert refused.value.detail == reason
