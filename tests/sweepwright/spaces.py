"""Strategies for domains and spaces, including nested spaces."""

import json
from typing import Any

from hypothesis import strategies as st

from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
    SearchSpace,
)

STEPS = st.sampled_from([0.1, 0.25, 0.3, 1.0, 2.5, 1e-3, 0.7, 3.0])
SCALARS = st.one_of(
    st.integers(-5, 5),
    st.floats(-10, 10).map(lambda value: value + 0.0),
    st.booleans(),
    st.none(),
    st.text(max_size=3),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)


@st.composite
def reals(draw: st.DrawFn) -> Real:
    log = draw(st.booleans())
    low = draw(st.floats(1e-6, 1e3) if log else st.floats(-1e6, 1e6)) + 0.0
    step = draw(st.none() | STEPS)
    width = draw(st.floats(0, 1e3))
    room = step or 0
    clip = step is not None and draw(st.booleans())
    return Real(low, low + width + room, log, step, clip)


@st.composite
def integers(draw: st.DrawFn) -> Integer:
    log = draw(st.booleans())
    low = draw(st.integers(1 if log else -(10**6), 10**6))
    step = draw(st.integers(1, 7))
    return Integer(low, low + step + draw(st.integers(0, 10**6)), log, step)


def normals() -> st.SearchStrategy[Normal]:
    return st.builds(
        Normal,
        st.floats(-5, 5).map(lambda mean: mean + 0.0),
        st.floats(0.01, 3),
        log=st.booleans(),
        step=st.none() | STEPS,
    )


def values() -> st.SearchStrategy[list[Any]]:
    # 1 and 1.0 are one choice, and so are 0.0 and -0.0; 1 and true are two.
    return st.lists(VALUES, min_size=1, max_size=6, unique_by=identity)


def identity(value: Any) -> str:
    """Return a text that is equal for values that the compiler treats as the same choice."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(float(value)) if number else json.dumps(value, sort_keys=True)


@st.composite
def choices(draw: st.DrawFn) -> Categorical:
    chosen = draw(values())
    weight = st.floats(1e-3, 1e3)
    weights = draw(st.none() | st.tuples(*[weight for _ in chosen]))
    return Categorical(tuple(chosen), weights)


def ordinals() -> st.SearchStrategy[Ordinal]:
    return values().map(lambda chosen: Ordinal(tuple(chosen)))


def domains() -> st.SearchStrategy[Domain]:
    return st.one_of(reals(), integers(), normals(), choices(), ordinals())


@st.composite
def spaces(draw: st.DrawFn, depth: int = 3) -> SearchSpace:
    parameters: list[Parameter] = []
    for index in range(draw(st.integers(1, 4))):
        _grow(draw, parameters, (f"p{index}",), f"p{index}", None, depth)
    return SearchSpace(parameters)


def _grow(
    draw: st.DrawFn,
    parameters: list[Parameter],
    path: tuple[str, ...],
    name: str,
    when: Condition | None,
    depth: int,
) -> None:
    """Add a parameter and, if it is a nested choice, the parameters in its branches."""
    if depth == 0 or draw(st.booleans()):
        parameters.append(Parameter(name, draw(domains()), path, when))
        return
    branches = ("left", "right")
    parameters.append(Parameter(name, Nested(branches), path, when))
    for choice, branch in enumerate(branches):
        if draw(st.booleans()):
            below = (*path, "x")
            _grow(
                draw, parameters, below, f"{name}.{branch}", Condition(name, (choice,)), depth - 1
            )
