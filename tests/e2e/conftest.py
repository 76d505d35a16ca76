"""Stacks for the tests of this folder: on free ports, with their state in a folder of their own.

These tests may reach this machine, and nothing else.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from infra.local.places import PROJECT, Project
from infra.local.stack import LocalStack, Ports
from tests.support.browser import Screen, Walk, launch
from tests.support.readers import register_partners

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needs_endpoint = pytest.mark.skipif(
        not Project(PROJECT).endpoint_python.exists(),
        reason="the endpoint's environment is missing; `make test` sets it up",
    )
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))
            item.add_marker(needs_endpoint)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The project's own stack, empty: no partner is registered."""
    with LocalStack(tmp_path_factory.mktemp("stack"), Ports.free()) as running:
        yield running


@pytest.fixture(scope="session")
def runner_project() -> Project:
    """A template that has each thing which the runner must do, in few small functions."""
    return Project(HERE / "runner_project")


# The browser ends with its file: while Playwright's own loop runs, no other can be started.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def walk(browser: Browser, partners: None, stack: LocalStack, screen: Screen) -> Iterator[Walk]:
    """A reader of the account page; partners are there, and nobody has an account."""
    del partners
    with Walk(browser, stack, screen) as walking:
        yield walking


@pytest.fixture(scope="module")
def partners(stack: LocalStack) -> None:
    register_partners(stack)
