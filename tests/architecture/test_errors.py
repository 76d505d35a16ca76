"""Every refusal has a code of its own, and every one that can reach a caller has its status."""

import importlib
import inspect
import pkgutil
import re

import shared
from shared.application import ports
from shared.domain import errors
from shared.domain.errors import CarbonAccountError
from shared.runtime.problem import STATUSES
from tests.architecture.test_mirror import http_functions
from tests.support.cloud import load

# They are handled where they arise; one that escaped would be our fault, and is answered as 500.
INTERNAL: set[type[CarbonAccountError]] = {
    errors.CatalogueError,
    errors.ReceiptMismatchError,
    errors.StaleAccountError,
    errors.StockTakenError,
    errors.TotalsMismatchError,
    ports.DayClosedError,
    ports.EntriesExistError,
    ports.StalePartError,
}


def leaves(base: type[CarbonAccountError] = CarbonAccountError) -> set[type[CarbonAccountError]]:
    for module in pkgutil.walk_packages(shared.__path__, "shared."):
        importlib.import_module(module.name)
    children = base.__subclasses__()
    return {leaf for child in children for leaf in leaves(child)} if children else {base}


def test_every_refusal_has_a_status_or_is_internal_by_name():
    assert set(STATUSES) | INTERNAL == leaves()
    assert not set(STATUSES) & INTERNAL


def test_codes_are_unique_and_written_like_their_classes():
    for error in leaves():
        name = error.__name__.removesuffix("Error")
        assert error.code == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    assert len({error.code for error in leaves()}) == len(leaves())


def test_every_refusal_says_one_sentence_that_needs_no_context():
    for error in leaves():
        sentence = inspect.getdoc(error) or ""
        assert sentence.endswith("."), error
        assert "\n" not in sentence, error


def test_statuses_are_refusals():
    assert {status.value for status in STATUSES.values()} <= {
        400,
        401,
        404,
        409,
        410,
        413,
        415,
        422,
        503,
    }


def test_every_error_that_a_route_documents_has_a_status():
    for function in http_functions():
        for operation in load(function).api.operations:
            assert set(operation.errors) <= set(STATUSES), operation.path


def test_every_status_is_documented_by_a_route():
    documented = {
        error
        for function in http_functions()
        for operation in load(function).api.operations
        for error in operation.errors
    }
    # A conflict is told inside a batch's answer.
    assert set(STATUSES) - documented == {errors.EventConflictError}
