"""The operator's command for a catalogue, and the demo's own."""

from collections.abc import Mapping
from typing import Any

import pytest

from infra import operating
from infra.benefits import main
from infra.local.errors import InvocationError
from infra.local.places import DEFAULT_STATE
from infra.operating import RefusedError
from infra.seed.benefits import CATALOGUE, SUPPLIER, read_benefits
from shared.runtime.wire_redemption import PublicationBody

DONE = {"published": ["coffee", "tree"], "unchanged": []}


class Stack:
    """A stack whose function answers so, or raises what is an error."""

    def __init__(self, answer: Mapping[str, Any] | Exception) -> None:
        self.answer = answer
        self.asked: list[Mapping[str, Any]] = []

    def __call__(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(event)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_file_is_published_as_it_is(monkeypatch, capsys):
    stack = Stack(DONE)
    place = (DEFAULT_STATE, "publish_benefits")
    monkeypatch.setattr(operating, "local", lambda *asked: {place: stack}[asked])
    main(["publish", str(CATALOGUE)])
    assert stack.asked == [read_benefits()]
    assert capsys.readouterr().out == "published: coffee, tree\nunchanged: none\n"


@pytest.mark.parametrize(
    "error", [RefusedError("carbon refused: [no]"), InvocationError("it failed: [no]")]
)
def test_a_refusal_is_shown_as_it_is_and_fails_the_command(monkeypatch, capsys, error):
    monkeypatch.setattr(operating, "local", lambda *_: Stack(error))
    with pytest.raises(SystemExit) as ended:
        main(["publish", str(CATALOGUE)])
    printed = capsys.readouterr()
    assert (ended.value.code, printed.err.strip(), printed.out) == (1, str(error), "")


@pytest.mark.parametrize("text", [None, "[[benefits"], ids=["no file", "not TOML"])
def test_a_file_that_cannot_be_read_reaches_no_stack(tmp_path, capsys, text):
    file = tmp_path / "benefits.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SystemExit) as ended:
        main(["publish", str(file)])
    assert ended.value.code == 1
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["publish"], ["publish", "x", "--stack", "carbon", "--state-dir", "here"]]
)
def test_one_file_and_one_place_are_asked_for(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m infra.benefits" in capsys.readouterr().err


# The demo's catalogue


def test_the_demo_catalogue_can_be_published_and_has_every_kind_of_benefit():
    benefits = [each.benefit() for each in PublicationBody.model_validate(read_benefits()).benefits]
    assert len(benefits) == 6
    assert {each.supplier for each in benefits} == {SUPPLIER}
    assert any(each.stock == 1 for each in benefits)
    assert any(each.per_person is None for each in benefits)
    prices = [each.price for each in benefits]
    assert any(not each.points for each in prices)
    assert any(each.points and each.reduction_mg for each in prices)
