"""State machines are drawn from the code, and a stale drawing is found."""

import importlib
from enum import StrEnum

import pytest

from infra import diagrams

PAGE = f"# Page\n\nBefore.\n\n{diagrams.BEGIN}\n\nold\n\n{diagrams.END}\n\nAfter.\n"


class Lamp(StrEnum):
    """A lamp is lit, and burns out once."""

    DARK = "dark"
    LIT = "lit"
    BURNT_OUT = "burnt_out"


TRANSITIONS = {
    Lamp.DARK: frozenset({Lamp.LIT}),
    Lamp.LIT: frozenset({Lamp.DARK, Lamp.BURNT_OUT}),
    Lamp.BURNT_OUT: frozenset[Lamp](),
}


@pytest.fixture
def document(tmp_path, monkeypatch):
    """ARCHITECTURE.md elsewhere; its machines are one lamp."""
    path = tmp_path / "ARCHITECTURE.md"
    path.write_text(PAGE, "utf-8")
    monkeypatch.setattr(diagrams, "DOCUMENT", path)
    monkeypatch.setattr(diagrams, "machines", lambda: iter([("table_lamp", TRANSITIONS)]))
    return path


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["diagrams", *arguments])
    diagrams.main()


def test_a_machine_is_drawn_from_its_first_state_to_those_that_nothing_follows(document):
    assert diagrams.drawing() == (
        "**Table lamp.** A lamp is lit, and burns out once.\n\n"
        "```mermaid\n"
        "stateDiagram-v2\n"
        "  [*] --> dark\n"
        "  dark --> lit\n"
        "  lit --> burnt_out\n"
        "  lit --> dark\n"
        "  burnt_out --> [*]\n"
        "```"
    )


def test_a_drawing_is_written_between_its_marks_and_nothing_else_is_touched(document, monkeypatch):
    run(monkeypatch)
    text = document.read_text("utf-8")
    assert text == PAGE.replace("old", diagrams.drawing())
    assert text.startswith("# Page\n\nBefore.")
    assert text.endswith("After.\n")
    run(monkeypatch)
    assert document.read_text("utf-8") == text


def test_a_stale_drawing_is_found_and_left_alone(document, monkeypatch):
    with pytest.raises(SystemExit, match=r"ARCHITECTURE\.md is stale"):
        run(monkeypatch, "--check")
    assert document.read_text("utf-8") == PAGE


def test_a_drawing_that_says_what_the_code_says_passes(document, monkeypatch):
    run(monkeypatch)
    run(monkeypatch, "--check")


def test_a_state_that_was_added_makes_the_drawing_stale(document, monkeypatch):
    run(monkeypatch)
    fewer = {Lamp.DARK: frozenset({Lamp.LIT}), Lamp.LIT: frozenset[Lamp]()}
    monkeypatch.setattr(diagrams, "machines", lambda: iter([("table_lamp", fewer)]))
    with pytest.raises(SystemExit, match="stale"):
        run(monkeypatch, "--check")


@pytest.mark.parametrize("mark", [diagrams.BEGIN, diagrams.END])
def test_a_document_without_its_marks_is_refused_and_left_alone(document, monkeypatch, mark):
    text = PAGE.replace(mark, "")
    document.write_text(text, "utf-8")
    with pytest.raises(SystemExit, match="no marks"):
        run(monkeypatch)
    assert document.read_text("utf-8") == text


# The machines that there are


def shipped():
    return list(diagrams.machines())


def test_every_machine_of_the_domain_is_drawn():
    names = [name for name, _ in shipped()]
    assert names == sorted(names)
    assert {"account", "lots"} <= set(names)


@pytest.mark.parametrize(("name", "transitions"), shipped(), ids=[name for name, _ in shipped()])
def test_a_machine_knows_each_of_its_states_and_can_reach_it(name, transitions):
    states = set(type(next(iter(transitions))).__members__.values())
    assert set(transitions) == states
    reached, waiting = set(), [next(iter(transitions))]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += transitions[state]
    assert reached == states


@pytest.mark.parametrize(("name", "transitions"), shipped(), ids=[name for name, _ in shipped()])
def test_the_drawing_names_each_state(name, transitions):
    drawing = diagrams.drawing()
    for state, after in transitions.items():
        for follower in after or {"[*]"}:
            assert f"  {state} --> {follower}\n" in drawing
    assert importlib.import_module(f"shared.domain.{name}").TRANSITIONS is transitions
