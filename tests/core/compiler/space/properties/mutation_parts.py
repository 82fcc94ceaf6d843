"""Parts of mutations: valid bounds, names and words, and marked culprits."""

from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from sweepwright.diagnostics import Code
from tests.core.compiler.space.properties.yaml_writer import RawScalar, culprit
from tests.sweepwright.draws import Draw, pick

ValueMutation: TypeAlias = tuple[Code, Callable[[Draw], Any]]
"""The expected code, and a function that draws an invalid value with its culprit marked."""


def draw_bounds(draw: Draw) -> tuple[int, int]:
    """Draw two different integers, the lower one first."""
    low = draw(st.integers(1, 40))
    return low, low + draw(st.integers(1, 40))


def range_name(draw: Draw) -> str:
    """Draw the name of a domain with two bounds."""
    return pick(draw, ["uniform", "loguniform", "int"])


def normal_name(draw: Draw) -> str:
    """Draw the name of a normal distribution."""
    return pick(draw, ["normal", "lognormal"])


def draw_words(draw: Draw) -> list[str]:
    """Draw the values of a choice."""
    return pick(draw, [["relu", "tanh"], ["a", "b", "c"], ["sgd", "adam", "lamb", "lion"]])


def raw_culprit(value: Any) -> RawScalar:
    """Return a scalar without quotes that is the culprit."""
    return RawScalar(culprit(str(value)))


def with_bounds(draw: Draw, write: Callable[[str, int, int], Any]) -> Any:
    """Write a value with the name of a domain and two bounds."""
    low, high = draw_bounds(draw)
    return write(range_name(draw), low, high)


def with_words(draw: Draw, write: Callable[[list[str], str], Any]) -> Any:
    """Write a value with the values of a choice, as a list and joined by commas."""
    words = draw_words(draw)
    return write(words, ", ".join(words))


def nni_spec(type_: str, *value: Any) -> dict[str, Any]:
    """Return a spec in NNI's notation."""
    return {"_type": type_, "_value": list(value)}
