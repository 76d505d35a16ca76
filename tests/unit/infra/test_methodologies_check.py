"""Each way to break one methodology file, and the line that its author reads then."""

import pytest

from infra.methodologies.effects import ranges
from infra.methodologies.source import read_file
from shared.domain.methodology import Methodology
from tests.support.workshop import RIDE, Folder


@pytest.fixture
def folder(tmp_path, capsys):
    return Folder(tmp_path, capsys)


def problems_after(folder, old, new):
    """Return the problems of the one file, without its name."""
    folder.edit(old, new)
    return [problem.removeprefix("ride@1.toml:") for problem in folder.problems()]


def test_a_sound_file_waits_for_its_release_and_for_nothing_else(folder):
    assert folder.problems() == [
        "ride@1.toml:1: ride@1 begins on 2025-01-01: not released yet, run `make methodologies`."
    ]


def test_one_look_finds_all_that_is_wrong(folder):
    folder.edit("licence", "license")
    folder.edit("low = 0.16", "low = 0.21")
    folder.edit("distance_km * ef_ride * g_per_kg", "distance_km * ef_ride")
    folder.edit('effect = "rises"\n', "")
    assert folder.problems() == [
        "ride@1.toml:8: `license` is not a key that belongs here. Did you mean `licence`?",
        "ride@1.toml:37: `effect` is missing.",
        "ride@1.toml:69: project is in kg, but the file says g: multiply by g_per_kg.",
    ]
    folder.edit("license", "licence")
    folder.edit("low = 0.21", 'low = 0.21\neffect = "rises"')
    assert folder.problems() == [
        "ride@1.toml:41: `low` 0.21 is above `value` 0.2.",
        "ride@1.toml:70: project is in kg, but the file says g: multiply by g_per_kg.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('id = "ride"', "id = ", "1: This is not TOML: Invalid value."),
        (
            "year = 0",
            "year = 0 0",
            "119: This is not TOML: Expected newline or end of document after a statement.",
        ),
        (
            'jurisdiction = "CN"',
            'jurisdicton = "CN"',
            "5: `jurisdicton` is not a key that belongs here. Did you mean `jurisdiction`?",
        ),
        (
            "uncertainty_note =",
            "uncertianty_note =",
            (
                "26: `uncertianty_note` is not a key that belongs here."
                " Did you mean `uncertainty_note`?"
            ),
        ),
        (
            "[inputs.if_missing]\nvalue = 0.1",
            "[inputs.if_missing]\nvalu = 0.1",
            "33: `valu` is not a key that belongs here. Did you mean `value`?",
        ),
        ("[[caps]]", "[[cap]]", "77: `cap` is not a key that belongs here. Did you mean `caps`?"),
        ("[[caps]]", "[caps]", "77: `caps` is written as [[caps]]."),
        ('licence = "Apache-2.0"\n', "", "1: `licence` is missing."),
        ('zh-Hans = "出行（按公里）"\n', "", "10: `title.zh-Hans` is missing."),
        ('zh-Hans = "里程"', 'zh-Hans = " "', "30: `title.zh-Hans` should not be empty."),
        (
            "effective_from = 2025-01-01",
            'effective_from = "2025-01-01"',
            "6: `effective_from` should be a day like 2025-01-01, without quotation marks.",
        ),
        (
            "value = 0.2\n",
            'value = "0.2"\n',
            "40: `value` should be a number, without quotation marks.",
        ),
        ("high = 0.22", "high = inf", "42: `high` should be a number that has an end."),
        ('effect = "falls"', 'effect = "sinks"', "56: `effect` should be 'rises' or 'falls'."),
        ("decimals = 3", "decimals = 7", "23: `decimals` should be less than or equal to 6."),
        (
            "uncertainty = 0.05",
            "uncertainty = 1.5",
            "24: `uncertainty` should be less than or equal to 1.",
        ),
        ("count = 5", "count = 0", "79: `count` should be greater than or equal to 1."),
        (
            'unit = "kg/km"\nvalue = 0.08',
            'unit = "kg per km"\nvalue = 0.08',
            "52: `unit` should be a unit like kg/km, or 1 for a plain number.",
        ),
        (
            '"https://example.org/cars"',
            '"example.org/cars"',
            "112: `address` should be an address that begins with http:// or https://.",
        ),
    ],
)
def test_what_breaks_the_form_is_named_with_its_line(folder, old, new, problem):
    assert problems_after(folder, old, new) == [problem]


def test_a_file_in_another_encoding_is_named_with_the_line(folder):
    path = folder.methodologies / "ride@1.toml"
    path.write_bytes(RIDE.encode("gbk"))
    assert folder.problems() == [
        "ride@1.toml:12: This is not UTF-8: save the file in that encoding."
    ]


def test_a_file_from_another_system_is_the_same_file(folder):
    folder.run("release")
    path = folder.methodologies / "ride@1.toml"
    path.write_bytes(b"\xef\xbb\xbf" + RIDE.replace("\n", "\r\n").encode())
    assert folder.run("check") == (0, ["sound methodologies: 1"])


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('version = "1"', 'version = "2"', "1: The file's name should be ride@2.toml."),
        (
            'sources = ["rides"]',
            'sources = []\nnote = "Of rides."',
            "57: A published value names at least one source.",
        ),
        (
            'sources = ["fuel"]',
            'sources = ["feul", "fuel"]',
            "45: There is no source `feul`. Did you mean `fuel`?",
        ),
        (RIDE[RIDE.index('[[sources]]\nkey = "rides"') :], "", "58: There is no source `rides`."),
        (
            "Other cars (cars-2021).",
            "Other cars.",
            "108: No value and no note names the source `cars-2021`.",
        ),
        ('key = "cars-2021"', 'key = "fuel"', "107: `fuel` is in [[sources]] twice."),
        (
            'arithmetic = "8 L/100 km x 2.5 kg/L = 0.2 kg/km"\n',
            "",
            "44: A derived value shows its arithmetic.",
        ),
        ("low = 0.16", "low = 0.21", "41: `low` 0.21 is above `value` 0.2."),
        ("high = 0.22", "high = 0.19", "42: `high` 0.19 is below `value` 0.2."),
        ("minimum = 0.1", "minimum = 101", "21: `minimum` 101 is above `maximum` 100."),
        (
            "[inputs.if_missing]\nvalue = 0.1",
            "[inputs.if_missing]\nvalue = 0",
            "33: `if_missing` 0 is not from 0.1 to 100.",
        ),
        (
            'uncertainty_label = "illustrative"\n',
            "",
            "24: An `uncertainty` has an `uncertainty_label` and an `uncertainty_note`.",
        ),
        (
            'inputs = ["distance_km"]',
            'inputs = ["distance"]',
            "85: There is no input `distance`. Did you mean `distance_km`?",
        ),
        ("grade = 3", "grade = 1", "92: The best grade comes first, and each only once."),
        (
            RIDE[RIDE.index("[[evidence]]\ngrade = 3") : RIDE.index("[[sources]]")],
            "",
            "85: The last [[evidence]] is for every event: its inputs are [], or all required.",
        ),
        (
            RIDE[RIDE.index("[[evidence]]") : RIDE.index("[[sources]]")],
            "",
            "1: `evidence` is missing: every event has a grade.",
        ),
        (
            "[[caps]]\n",
            '[[caps]]\nperiod = "day"\ncount = 3\nlabel = "published"\nnote = "So."\n\n[[caps]]\n',
            "83: `day` is in [[caps]] twice.",
        ),
    ],
)
def test_what_a_file_must_say_is_asked_for(folder, old, new, problem):
    assert problems_after(folder, old, new) == [problem]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "baseline - project",
            "baseline - project - tree",
            "75: `tree` is not defined.",
        ),
        (
            "distance_km * ef_car * g_per_kg",
            "distance_km * ef_car * g_per_kgg",
            "65: `g_per_kgg` is not defined. Did you mean `g_per_kg`?",
        ),
        (
            "distance_km * ef_car * g_per_kg",
            "distance_km * ef_car * g_per_kg + reduction",
            "65: `reduction` is read before it is worked out.",
        ),
        ("baseline - project", "baseline", "68: No step reads `project`."),
        ("* ef_car", "* ef_ride", "38: No step reads `ef_car`."),
        (
            "baseline - project",
            "baseline - project ** 2",
            "75: `project ** 2` is not allowed in a formula.",
        ),
        (
            "baseline - project",
            "baseline - project * 0.5",
            "75: `0.5` is not allowed in a formula.",
        ),
        ("baseline - project", "baseline -", "75: `baseline -` is not a formula."),
        (
            'name = "project"',
            'name = "baseline"',
            "68: `baseline` is defined twice.",
        ),
    ],
)
def test_a_formula_that_does_not_hold_together_is_named(folder, old, new, problem):
    assert problem in problems_after(folder, old, new)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("days_per_year", "is a conversion that every formula knows."),
        ("lambda", "cannot be a name: it is a word of the formulas."),
        ("max", "cannot be a name: it is a word of the formulas."),
    ],
)
def test_a_name_that_is_taken_is_refused(folder, name, reason):
    folder.write(RIDE.replace("ef_car", name))
    assert f"ride@1.toml:38: `{name}` {reason}" in folder.problems()


def test_a_credit_ends_in_the_reduction(folder):
    assert problems_after(folder, 'name = "reduction"', 'name = "saved"') == [
        "72: The last step should be `reduction`, in g.",
        "73: No step reads `saved`.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "distance_km * ef_car * g_per_kg",
            "distance_km * ef_car",
            "65: baseline is in kg, but the file says g: multiply by g_per_kg.",
        ),
        (
            "distance_km * ef_car * g_per_kg",
            "distance_km * ef_car * g_per_kg * g_per_kg",
            "65: baseline is in g**2/kg, but the file says g: divide by g_per_kg.",
        ),
        (
            "distance_km * ef_car * g_per_kg",
            "distance_km * distance_km * ef_car * g_per_kg",
            "65: baseline is in g*km, but the file says g.",
        ),
        (
            "baseline - project",
            "baseline - project / g_per_kg",
            "75: `baseline - project / g_per_kg` takes kg from g: multiply the kg by g_per_kg.",
        ),
        (
            "distance_km * ef_car * g_per_kg",
            "(distance_km + ef_car) * g_per_kg",
            "65: `distance_km + ef_car` adds km and kg/km.",
        ),
        (
            "baseline - project",
            "max(baseline - project, distance_km)",
            "75: `max(baseline - project, distance_km)` compares g with km.",
        ),
        ('unit = "km"', 'unit = "mile"', "20: `mile` is not a unit in units.txt."),
    ],
)
def test_units_that_do_not_come_out_are_named_with_what_is_missing(folder, old, new, problem):
    assert problems_after(folder, old, new) == [problem]


def test_nothing_is_nothing_in_every_unit(folder):
    folder.edit("baseline - project", "max(0, baseline - project)")
    assert folder.run("release")[0] == 0


@pytest.mark.parametrize(
    ("expression", "divisor"),
    [
        # Zero at neither end of the distance, but between them.
        ("(baseline - project) / (distance_km - 5) * distance_km", "distance_km - 5"),
        ("baseline * baseline / (project - project)", "project - project"),
        ("(baseline - project) / 0", "0"),
    ],
)
def test_a_division_by_what_may_be_zero_is_found(folder, expression, divisor):
    problem = f"75: This divides by `{divisor}`, which may be 0."
    assert problem in problems_after(folder, "baseline - project", expression)


def test_a_division_by_what_is_never_zero_is_fine(folder):
    folder.edit("baseline - project", "(baseline - project) * baseline / (baseline + project)")
    assert folder.run("release")[0] == 0


def test_a_wrong_effect_is_shown_by_an_example(folder):
    # 0.1 km x (0.16 - 0.03) kg/km = 13 g, and 0.1 km x (0.16 - 0.1) kg/km = 6 g
    assert problems_after(folder, 'effect = "falls"', 'effect = "rises"') == [
        (
            "56: The result does not rise with `ef_ride`: it is 13 at 0.03 and 6 at 0.1, where"
            " distance_km is 0.1, ef_car is 0.16."
        )
    ]


def test_what_stands_in_for_a_missing_input_is_the_least_that_can_be(folder):
    # 1 km x (0.2 - 0.08) kg/km = 120 g, and 0.1 km is 12 g.
    assert problems_after(
        folder, "[inputs.if_missing]\nvalue = 0.1", "[inputs.if_missing]\nvalue = 1"
    ) == [
        (
            "32: `if_missing` of `distance_km` is not the lower bound: it gives 120000 mg, and 0.1"
            " gives 12000 mg."
        )
    ]


def test_every_wrong_effect_is_found(folder):
    folder.edit('effect = "falls"', 'effect = "sinks"')
    folder.edit('effect = "rises"', 'effect = "falls"')
    folder.edit('effect = "sinks"', 'effect = "rises"')
    assert [problem.partition(" with")[0] for problem in folder.problems()] == [
        "ride@1.toml:43: The result does not fall",
        "ride@1.toml:56: The result does not rise",
    ]


def test_an_effect_holds_at_every_corner_and_not_only_where_most_rides_are(folder):
    folder.add_parameter("limit", "kg*kg/km")
    folder.edit("baseline - project", "min(baseline, g_per_kg * limit / ef_car) - project")
    # From 20 km on the limit is below the baseline, and falls with ef_car.
    # 1000 x 0.6 / 0.16 - 3000 = 750 g, 1000 x 0.6 / 0.22 is below the project's 3000 g.
    assert folder.problems() == [
        (
            "ride@1.toml:43: The result does not rise with `ef_car`: it is 750 at 0.16 and 0 at"
            " 0.22, where distance_km is 100, ef_ride is 0.03, limit is 0.6."
        )
    ]


def test_what_ties_too_much_together_is_not_waved_through(folder):
    """2 to the power of 16 corners would take too long to try."""
    names = [f"share_{number}" for number in range(15)]
    for name in names:
        folder.add_parameter(name, "1")
    folder.edit("baseline - project", f"baseline * {' * '.join(names)} - project")
    assert len(folder.problems()) == 17
    assert folder.problems()[0] == (
        "ride@1.toml:43: `ef_car` is tied to too many values: split the formula."
    )


def test_a_result_lies_between_its_low_and_its_high():
    """What follows from right effects is looked at once more as the functions work it out."""
    file = read_file("ride@1.toml", RIDE.replace('effect = "falls"', 'effect = "rises"').encode())
    methodology = Methodology.from_document(file.document())
    # 1 km: 120 g, at the low of both 130 g, at their high 120 g
    problems = [problem.reason for problem in ranges(file, methodology)]
    assert problems == [
        f"The result is not between its low and its high where {where}."
        for where in ("distance_km is 0.1", "distance_km is 100", "no input is reported")
    ]
