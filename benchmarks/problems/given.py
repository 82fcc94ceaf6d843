"""The 13 given problems: nine surrogates of YAHPO Gym and four functions, read where they lie.

They are data beside the checkout, with their own reader, which is loaded from there; nothing of
it is part of the project.
"""

import importlib.util
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from sweepwright.space import Categorical, Condition, Domain, Integer, Parameter, Real, SearchSpace

from .landscape import Landscape, Values

FOLDER = Path(__file__).parents[3] / "shared" / "surrogates"
"""Where the data are, unless somebody says otherwise."""


def given(folder: Path = FOLDER) -> Mapping[str, Callable[[], Landscape]]:
    """Name the problems, and how to make each; none where the folder is not there."""
    norms = folder / "norms.json"
    if not norms.exists():
        return {}
    known = json.loads(norms.read_text())
    return {f"given/{name}": partial(_landscape, folder, name, known[name]) for name in known}


def _landscape(folder: Path, name: str, norms: Mapping[str, float]) -> Landscape:
    problem = reader(folder, "problems").make(name)
    space = space_of(problem.space)

    def loss(values: Values) -> float:
        return float(problem.evaluate(values))

    return Landscape(f"given/{name}", space, loss, norms["best"], norms["median"])


def space_of(entries: Sequence[Mapping[str, Any]]) -> SearchSpace:
    """Build a space of the reader's list of parameters; a condition is a parent with values.

    Of several conditions the last, in the order of parameters, is what a parameter hangs on:
    the others are conditions of its parent as well.
    """
    at = {entry["name"]: position for position, entry in enumerate(entries)}
    return SearchSpace(
        [
            Parameter(entry["name"], _domain(entry), when=_condition(entry, entries, at))
            for entry in entries
        ]
    )


def _domain(entry: Mapping[str, Any]) -> Domain:
    match entry["type"]:
        case "float":
            return Real(entry["lower"], entry["upper"], entry["log"])
        case "int":
            return Integer(entry["lower"], entry["upper"], entry["log"])
    return Categorical(tuple(entry["choices"]))


def _condition(
    entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], at: Mapping[str, int]
) -> Condition | None:
    if not entry["cond"]:
        return None
    parent, values = max(entry["cond"], key=lambda condition: at[condition[0]])
    choices = entries[at[parent]]["choices"]
    return Condition(parent, tuple(sorted(choices.index(value) for value in values)))


@cache
def reader(folder: Path, name: str) -> ModuleType:
    """Load the module `surrogates` or `problems`, the second of which imports the first."""
    if name == "surrogates":
        return _load(folder / "surrogates.py")
    before = sys.modules.get("surrogates")
    sys.modules["surrogates"] = reader(folder, "surrogates")
    try:
        return _load(folder / f"{name}.py")
    finally:
        del sys.modules["surrogates"]
        if before is not None:
            sys.modules["surrogates"] = before


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"given_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
