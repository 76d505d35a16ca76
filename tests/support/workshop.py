"""A small checkout with one sound methodology, for a test to break one thing in it."""

from infra.methodologies.__main__ import main

RIDE = """\
id = "ride"
version = "1"
use = "credit"
scenario = "ride"
jurisdiction = "CN"
effective_from = 2025-01-01
best_before = 2027-06-30
licence = "Apache-2.0"

[title]
en = "Ride, per kilometre"
zh-Hans = "出行（按公里）"

[summary]
en = "A car's emission less the ride's own."
zh-Hans = "小汽车排放减去出行自身排放。"

[[inputs]]
name = "distance_km"
unit = "km"
minimum = 0.1
maximum = 100
decimals = 3
uncertainty = 0.05
uncertainty_label = "illustrative"
uncertainty_note = "Between stations."

[inputs.title]
en = "Distance"
zh-Hans = "里程"

[inputs.if_missing]
value = 0.1
label = "illustrative"
note = "The shortest."

[[parameters]]
name = "ef_car"
unit = "kg/km"
value = 0.2
low = 0.16
high = 0.22
effect = "rises"
label = "derived"
sources = ["fuel"]
arithmetic = "8 L/100 km x 2.5 kg/L = 0.2 kg/km"
range_label = "published"
range_note = "Other cars (cars-2021)."

[[parameters]]
name = "ef_ride"
unit = "kg/km"
value = 0.08
low = 0.03
high = 0.1
effect = "falls"
label = "published"
sources = ["rides"]
range_label = "illustrative"
range_note = "Other cities."

[[steps]]
name = "baseline"
unit = "g"
expression = "distance_km * ef_car * g_per_kg"

[[steps]]
name = "project"
unit = "g"
expression = "distance_km * ef_ride * g_per_kg"

[[steps]]
name = "reduction"
unit = "g"
expression = "baseline - project"

[[caps]]
period = "day"
count = 5
label = "illustrative"
note = "Enough."

[[evidence]]
grade = 1
inputs = ["distance_km"]

[evidence.note]
en = "Metered."
zh-Hans = "计量。"

[[evidence]]
grade = 3
inputs = []

[evidence.note]
en = "Recorded."
zh-Hans = "记录。"

[[sources]]
key = "fuel"
title = "Fuel of cars"
publisher = "A journal"
year = 2020
address = "https://example.org/fuel"
grade = "A"

[[sources]]
key = "cars-2021"
title = "Cars"
publisher = "A ministry"
year = 2021
address = "https://example.org/cars"
grade = "A*"

[[sources]]
key = "rides"
title = "Rides"
publisher = "A newspaper"
year = 0
address = "https://example.org/rides"
grade = "C"
"""

NOTICE = """\
scenario = "{scenario}"
version = "{version}"
data_categories = ["event_id", "occurred_at", {inputs}]
retention = "P3Y"

[texts.en]
title = "Rides"

[texts.zh-Hans]
title = "出行"
"""


PARAMETER = """\
[[parameters]]
name = "{name}"
unit = "{unit}"
value = 0.5
low = 0.4
high = 0.6
effect = "rises"
label = "illustrative"
range_label = "illustrative"
range_note = "A guess."

"""


class Folder:
    """A checkout with one sound methodology and its notice, and what the tool says about them."""

    def __init__(self, root, capsys):
        self.root = root
        self.capsys = capsys
        self.methodologies = root / "shared" / "methodologies"
        self.notices = root / "shared" / "notices"
        self.methodologies.mkdir(parents=True)
        self.notices.mkdir()
        self.write(RIDE)
        self.notify("ride")

    def write(self, text, name="ride@1.toml"):
        (self.methodologies / name).write_text(text, "utf-8")

    def read(self, name="ride@1.toml"):
        return (self.methodologies / name).read_text("utf-8")

    def edit(self, old, new, name="ride@1.toml"):
        text = self.read(name)
        assert text.count(old) == 1, old
        self.write(text.replace(old, new), name)

    def add_parameter(self, name, unit):
        """Add a guess of 0.5, from 0.4 to 0.6, that the result rises with."""
        first_step = '[[steps]]\nname = "baseline"'
        self.edit(first_step, PARAMETER.format(name=name, unit=unit) + first_step)

    def notify(self, scenario, version="2025-01", inputs='"distance_km"'):
        text = NOTICE.format(scenario=scenario, version=version, inputs=inputs)
        (self.notices / f"{scenario}@{version}.toml").write_text(text, "utf-8")

    def succeed(self, begins):
        """Write a second version."""
        text = RIDE.replace('version = "1"', 'version = "2"')
        text = text.replace("effective_from = 2025-01-01", f"effective_from = {begins}")
        text = text.replace("best_before = 2027-06-30", "best_before = 2029-06-30")
        self.write(text, "ride@2.toml")

    def end(self, until):
        """Let the first version end."""
        self.edit("best_before", f"effective_until = {until}\nbest_before")

    def run(self, *arguments, today="2026-11-24"):
        """Return the exit code and the printed lines."""
        code = main([*arguments, "--today", today], self.root)
        return code, self.capsys.readouterr().out.splitlines()

    def problems(self):
        """Return what `check` says, without the last line, which counts the problems."""
        code, (*problems, count) = self.run("check")
        assert code == 1
        assert count.startswith(str(len(problems)))
        return problems
