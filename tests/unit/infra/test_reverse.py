"""`python -m infra.reverse`."""

from typing import Any

import pytest

from infra import operating
from infra.operating import RefusedError
from infra.reverse import main

TAKEN = {
    "cause": "event#metro-demo#ride-1~1", "account_id": "a1", "reduction_mg": -204_608,
    "points": -3, "reason": "fraud", "booked_at": "2026-11-10T04:00:00.000Z",
}  # fmt: skip
ORDER = ["metro-demo", "ride-1", "--reason", "fraud", "--operator", "li"]


def answering(monkeypatch: pytest.MonkeyPatch, asked: list[Any]) -> None:
    def local(_: object, function: str) -> operating.Invoke:
        assert function == "reverse_entry"

        def invoke(event: Any) -> Any:
            asked.append(event)
            return TAKEN

        return invoke

    monkeypatch.setattr(operating, "local", local)


def test_without_apply_nothing_is_changed_and_what_would_be_is_told(monkeypatch, capsys):
    asked: list[Any] = []
    answering(monkeypatch, asked)
    main(ORDER)
    assert asked == [
        {
            "partner": "metro-demo", "event_id": "ride-1", "reason": "fraud", "operator": "li",
            "apply": False,
        }
    ]  # fmt: skip
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith("Dry run, nothing was changed; to be taken back: 0.204608 kg CO2e")
    assert "3 points, as event#metro-demo#ride-1~1 (fraud)." in printed


def test_with_apply_it_is_booked(monkeypatch, capsys):
    asked: list[Any] = []
    answering(monkeypatch, asked)
    main([*ORDER, "--apply"])
    assert asked[0]["apply"] is True
    assert capsys.readouterr().out.startswith("Taken back: 0.204608 kg CO2e")


def test_a_refusal_is_shown_as_it_is_and_fails_the_command(monkeypatch, capsys):
    def refuse(_: object) -> Any:
        raise RefusedError("carbon refused: [no]")

    monkeypatch.setattr(operating, "local", lambda *_: refuse)
    with pytest.raises(SystemExit) as ended:
        main(ORDER)
    assert (ended.value.code, capsys.readouterr().err.strip()) == (1, "carbon refused: [no]")


@pytest.mark.parametrize("arguments", [[], ORDER[:2], [*ORDER[:3], "boredom"]])
def test_an_event_and_a_known_reason_are_asked_for(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m infra.reverse" in capsys.readouterr().err
