"""`explain --format json` prints the history of a value as JSON."""

import pytest

from tests.core.cli.application import App, read_json


def test_json_contains_every_change(explain: App) -> None:
    explained = read_json(explain("space.a.x", "space.a.x=7", "--format", "json"))
    first, second = explained["steps"]

    assert (explained["key"], explained["value"], explained["there"]) == ("space.a.x", 7, True)
    assert (first["value"], first["in_force"], first["change"]) == (1, False, "set")
    assert (first["file"], first["line"], first["column"]) == ("space/mine.yaml", 1, 8)
    assert first["text"] == "a: {x: 1, y: [2, 3]}"
    assert first["chosen_by"]["choice"] == "space=mine"
    assert first["chosen_by"]["instead_of"][0]["choice"] == "space: mnist"
    assert (second["value"], second["in_force"]) == (7, True)
    assert second["chosen_by"] is None


def test_json_follows_references(explain: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIN", "fields")
    explained = read_json(explain("space.c", "--format", "json"))

    assert explained["resolved"]["value"] == "1-fields"
    assert explained["resolved"]["asked"] == [
        {"key": "space.b"},
        {"resolver": "oc.env", "arguments": ["PLAIN"], "value": "fields"},
    ]
    assert [target["key"] for target in explained["refers_to"]] == ["space.b"]
    assert explained["refers_to"][0]["refers_to"][0]["key"] == "space.a.x"


def test_json_of_a_section_contains_its_values(explain: App) -> None:
    explained = read_json(explain("tuner", "--format", "json"))

    assert explained["holds"][0]["key"] == "tuner.name"
    assert explained["holds"][0]["default_of"] == "`tuner=tpe` in sweepwright 0.1.0"
    assert explained["holds"][0]["file"] is None
    assert explained["choices"][0]["choice"] == "tuner: tpe"


def test_json_writes_other_values_as_text(explain: App) -> None:
    assert read_json(explain("space.x", "+space.x=nan", "--format", "json"))["value"] == "nan"
