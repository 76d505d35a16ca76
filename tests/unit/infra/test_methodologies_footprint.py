"""A footprint's file: choices, defaults, results per year, benchmarks, equivalents and changes."""

import pytest

from tests.support.workshop import Folder

FOOTPRINT = """\
id = "year"
version = "1"
use = "footprint"
scenario = "footprint"
jurisdiction = "CN"
effective_from = 2025-01-01
best_before = 2027-06-30
licence = "Apache-2.0"
results = ["home", "travel", "food", "goods", "footprint"]
title = {en = "A year", zh-Hans = "一年"}
summary = {en = "A year's emission.", zh-Hans = "一年的排放。"}

[[inputs]]
name = "power_kwh"
unit = "kWh/month"
minimum = 0
maximum = 900
decimals = 0
uncertainty = 0
title = {en = "Power", zh-Hans = "用电"}
if_missing = {value = 100, label = "illustrative", note = "A guess."}

[[inputs]]
name = "people"
unit = "1"
minimum = 1
maximum = 9
decimals = 0
uncertainty = 0
title = {en = "People", zh-Hans = "人数"}
if_missing = {value = 1, label = "illustrative", note = "A guess."}

[[inputs]]
name = "diet"
unit = "kg/day"
title = {en = "Diet", zh-Hans = "饮食"}
if_missing = {choice = "meat", label = "illustrative", note = "A guess."}
[[inputs.choices]]
key = "meat"
value = 5.63
low = 4.5
high = 6.8
label = "published"
sources = ["diets"]
title = {en = "Meat", zh-Hans = "吃肉"}
[[inputs.choices]]
key = "vegan"
value = 2.89
low = 2.3
high = 3.5
label = "published"
sources = ["diets"]
title = {en = "Vegan", zh-Hans = "纯素"}

[[parameters]]
name = "ef_grid"
unit = "kg/kWh"
value = 0.5
low = 0.4
high = 0.6
effect = "rises"
label = "illustrative"
range_label = "illustrative"
range_note = "A guess."

[[steps]]
name = "electricity"
unit = "kg/year"
expression = "power_kwh * months_per_year * ef_grid / people"
[[steps]]
name = "home"
unit = "kg/year"
expression = "electricity"
[[steps]]
name = "bus"
unit = "kg/year"
expression = "electricity * 0"
[[steps]]
name = "travel"
unit = "kg/year"
expression = "bus"
[[steps]]
name = "meals"
unit = "kg/year"
expression = "diet * days_per_year"
[[steps]]
name = "food"
unit = "kg/year"
expression = "meals"
[[steps]]
name = "phone"
unit = "kg/year"
expression = "electricity * 0"
[[steps]]
name = "goods"
unit = "kg/year"
expression = "phone"
[[steps]]
name = "footprint"
unit = "kg/year"
expression = "home + travel + food + goods"

[[changes]]
key = "less-power"
label = "derived"
note = "A half."
set = {power_kwh = "power_kwh / 2"}
title = {en = "Less power", zh-Hans = "少用电"}

[[benchmarks]]
key = "target"
value = 2500
unit = "kg/year"
year = 2030
label = "published"
sources = ["targets"]
title = {en = "Target", zh-Hans = "目标"}

[[equivalents]]
key = "car"
value = 0.2
unit = "kg/km"
label = "derived"
sources = ["fuel"]
arithmetic = "8 L/100 km x 2.5 kg/L = 0.2 kg/km"
title = {en = "Kilometres by car", zh-Hans = "驾车公里"}

[[sources]]
key = "diets"
title = "Diets"
publisher = "A journal"
year = 2014
address = "https://example.org/diets"
grade = "A"
[[sources]]
key = "targets"
title = "Targets"
publisher = "An institute"
year = 2019
address = "https://example.org/targets"
grade = "B"
[[sources]]
key = "fuel"
title = "Fuel"
publisher = "A journal"
year = 2020
address = "https://example.org/fuel"
grade = "A"
"""


@pytest.fixture
def folder(tmp_path, capsys):
    folder = Folder(tmp_path, capsys)
    folder.write(FOOTPRINT, "year@1.toml")
    return folder


def test_a_sound_footprint_is_released_with_all_its_tables(folder):
    assert folder.run("release")[0] == 0
    line = next(
        each for each in folder.read("catalogue.jsonl").splitlines() if '"id":"year"' in each
    )
    for part in (
        '"benchmarks":[{"key":"target","label":"published","sources":["targets"]',
        '"equivalents":[{"arithmetic":"8 L/100 km x 2.5 kg/L = 0.2 kg/km","key":"car"',
        '"set":{"power_kwh":"power_kwh / 2"}',
        '"if_missing":{"choice":"meat","label":"illustrative","note":"A guess."}',
        '"value":"2.89"',
    ):
        assert part in line


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'scenario = "footprint"',
            'scenario = "year"',
            "4: A footprint's scenario is `footprint`.",
        ),
        (
            'results = ["home", ',
            "results = [",
            "9: `results` should be ['home', 'travel', 'food', 'goods', 'footprint'].",
        ),
        (
            'choice = "meat"',
            'choice = "meet"',
            "37: `meet` is none of the choices. Did you mean `meat`?",
        ),
        ('key = "vegan"', 'key = "meat"', "46: `meat` is in [[choices]] twice."),
        ("low = 2.3", "low = 3.3", "49: `low` 3.3 is above `value` 2.89."),
        (
            'if_missing = {value = 1, label = "illustrative", note = "A guess."}\n',
            "",
            "23: `people` needs an `if_missing`: its default.",
        ),
        ("minimum = 1\n", "minimum = 0\n", "69: This divides by `people`, which may be 0."),
        (
            "diet * days_per_year",
            "diet * days_per_week",
            "85: meals is in kg/week, but the file says kg/year.",
        ),
        ('effect = "rises"', 'effect = "falls"', "61: The result does not fall with `ef_grid`: "),
        (
            "diet * days_per_year",
            "(0 - diet) * days_per_year",
            "38: The result does not rise with `diet`: it is -1642.5 at 4.5 and -2482 at 6.8.",
        ),
        (
            'power_kwh = "power_kwh / 2"',
            'power_kw = "power_kwh / 2"',
            "107: There is no input `power_kw`. Did you mean `power_kwh`?",
        ),
        (
            'power_kwh = "power_kwh / 2"',
            'power_kwh = "ef_grid / 2"',
            "107: There is no input `ef_grid`.",
        ),
        (
            'power_kwh = "power_kwh / 2"',
            'power_kwh = "power_kwh * 0.5"',
            "107: `0.5` is not allowed in a formula.",
        ),
        (
            'power_kwh = "power_kwh / 2"',
            'power_kwh = "power_kwh * months_per_year"',
            "107: power_kwh is in kWh/year, but the file says kWh/month: divide by",
        ),
        (
            'unit = "kg/year"\nyear = 2030',
            'unit = "t/year"\nyear = 2030',
            "113: A benchmark is in kg/year.",
        ),
        (
            'unit = "kg/km"',
            'unit = "g/km"',
            "122: An equivalent is in kg per one of it, like kg/km.",
        ),
        ('sources = ["targets"]', 'sources = ["target"]', "116: There is no source `target`."),
        (
            'zh-Hans = "少用电"',
            'zh-Hanz = "少用电"',
            "108: `zh-Hanz` is not a key that belongs here.",
        ),
    ],
)
def test_what_breaks_a_footprint_is_named(folder, old, new, problem):
    folder.edit(old, new, "year@1.toml")
    problems = folder.problems()
    assert any(each.startswith(f"year@1.toml:{problem}") for each in problems), problems


def test_what_the_calculator_cannot_read_is_named(folder):
    folder.edit(
        '"home + travel + food + goods"', '"home + travel + food + goods * 1"', "year@1.toml"
    )
    assert folder.problems() == ["year@1.toml:1: `footprint` must be the plain sum of other steps."]


def test_what_belongs_to_footprints_is_nowhere_else(folder):
    folder.edit('use = "footprint"', 'use = "credit"', "year@1.toml")
    problems = folder.problems()
    for problem in (
        "9: Only a footprint has `results`.",
        "33: Only a footprint has choices.",
        "103: Only a footprint has [[changes]].",
        "110: Only a footprint has [[benchmarks]].",
        "119: Only a footprint has [[equivalents]].",
        "98: The last step should be `reduction`, in g.",
    ):
        assert f"year@1.toml:{problem}" in problems
