"""A function has one name: in its folder, the template, its use case, its events and its routes."""

import ast
import importlib
import inspect
import re
import tomllib
from http import HTTPMethod
from types import ModuleType

import pytest

from shared.runtime.http import Api
from tests.support.cloud import load
from tests.support.payloads import EVENTS
from tests.support.template import ROOT, functions, template

FUNCTIONS = sorted(functions())
# They answer out of files that are shipped with the code: there is no case to decide.
WITHOUT_USE_CASE = {"describe_api", "get_methodology", "list_methodologies", "serve_page"}
# What several use cases share.
WITHOUT_FUNCTION = {
    "authenticate_partner",
    "changing",
    "cursors",
    "disputing",
    "ending",
    "households",
    "ports",
    "reversing",
    "splitting",
    "tracing",
}
# What Lambda itself or Powertools reads; the template's Globals give it to every function.
FOR_ALL = set(template()["Globals"]["Function"]["Environment"]["Variables"])


def folders(room: str) -> set[str]:
    return {
        path.name
        for path in (ROOT / room).iterdir()
        if path.is_dir() and not path.name.startswith(("_", "."))
    }


def modules(room: str) -> set[str]:
    return {path.stem for path in (ROOT / room).glob("*.py")} - {"__init__"}


def routes(function: str) -> list[dict[str, str]]:
    events = functions()[function].get("Events", {}).values()
    return [event["Properties"] for event in events if event["Type"] == "HttpApi"]


def handler(function: str) -> ModuleType:
    return load(function)


def http_functions() -> list[str]:
    return [function for function in FUNCTIONS if routes(function)]


def test_every_folder_is_a_function_of_the_template_and_every_function_has_one():
    assert folders("functions") == set(FUNCTIONS)


def test_a_functions_logical_id_is_its_folders_name():
    for logical_id, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            folder = resource["Properties"]["Handler"].split(".")[1]
            assert logical_id == "".join(part.title() for part in folder.split("_")) + "Function"
            assert resource["Properties"]["Handler"] == f"functions.{folder}.handler.handler"


def test_every_function_has_a_use_case_of_its_name():
    assert modules("shared/application") - WITHOUT_FUNCTION == set(FUNCTIONS) - WITHOUT_USE_CASE


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - WITHOUT_USE_CASE))
def test_a_use_cases_function_is_called_like_its_module_and_its_handler_uses_it(function):
    use_case = importlib.import_module(f"shared.application.{function}")
    assert callable(getattr(use_case, function))
    assert getattr(handler(function), function) is getattr(use_case, function)


def test_every_function_has_events():
    assert folders("events") == set(FUNCTIONS)
    assert all(list((EVENTS / function).glob("*.json")) for function in FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_description_is_the_first_sentence_of_its_handler(function):
    documented = inspect.getdoc(handler(function)) or ""
    assert functions()[function]["Description"] == documented.partition("\n")[0]


@pytest.mark.parametrize("function", http_functions())
def test_the_routes_of_a_handler_are_those_of_the_template(function):
    api: Api = handler(function).api
    declared = sorted((operation.method, operation.path) for operation in api.operations)
    assert declared == sorted((route["Method"], route["Path"]) for route in routes(function))
    for operation in api.operations:
        assert HTTPMethod(operation.method)
        # The handler's text names the route, for whoever reads only that.
        assert operation.path in (inspect.getdoc(handler(function)) or "")


def test_a_function_without_route_has_no_api():
    for function in set(FUNCTIONS) - set(http_functions()):
        assert not hasattr(handler(function), "api")


def test_no_two_functions_have_the_same_route():
    every = [(route["Method"], route["Path"]) for f in FUNCTIONS for route in routes(f)]
    assert len(every) == len(set(every)) >= len(http_functions())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_given_exactly_the_settings_that_it_reads(function):
    given = set(functions()[function].get("Environment", {}).get("Variables", {}))
    assert settings_of(function) == given
    assert not given & FOR_ALL


def settings_of(function: str) -> set[str]:
    """Return the names that a function's modules pass to `setting`."""
    found: set[str] = set()
    for path in (ROOT / "functions" / function).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="setting"), args=[ast.Constant(value=str(name))]):
                    found.add(name)
    return found


def test_only_the_settings_module_reads_the_environment():
    readers = {
        str(path.relative_to(ROOT))
        for room in ("functions", "shared")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    }
    assert readers == {"shared/runtime/settings.py"}


def test_a_handler_is_short():
    for function in FUNCTIONS:
        lines = inspect.getsource(handler(function)).splitlines()
        assert len(lines) <= 90, function


def test_no_folder_of_tests_is_left_out_of_a_run():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    run = settings["tool"]["pytest"]["testpaths"]
    with_tests = {path.relative_to(ROOT).parts[1] for path in ROOT.glob("tests/**/test_*.py")}
    assert sorted(run) == sorted(f"tests/{folder}" for folder in with_tests)
