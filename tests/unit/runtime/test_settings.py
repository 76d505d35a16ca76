import pytest

from shared.runtime.settings import setting


def test_a_setting_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("SOME_TABLE", "table-1")
    assert setting("SOME_TABLE") == "table-1"


@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_a_missing_setting_stops_the_function_by_name(monkeypatch, value):
    monkeypatch.delenv("SOME_TABLE", raising=False)
    if value is not None:
        monkeypatch.setenv("SOME_TABLE", value)
    with pytest.raises(RuntimeError, match="SOME_TABLE"):
        setting("SOME_TABLE")
