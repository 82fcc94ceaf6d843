"""Convert search spaces to and from JSON, for plans and journals."""

from collections.abc import Callable
from dataclasses import asdict

from ..domains import Categorical, Domain, Integer, Nested, Normal, Ordinal, Real
from ..events import Json
from ..expressions import Expression, parse
from .parameters import Condition, Derived, Parameter
from .search_space import SearchSpace

_DOMAINS: dict[str, Callable[..., Domain]] = {
    "real": Real,
    "integer": Integer,
    "normal": Normal,
    "categorical": Categorical,
    "ordinal": Ordinal,
    "nested": Nested,
}


def space_body(space: SearchSpace) -> Json:
    """Convert a search space to JSON."""
    return {
        "parameters": [_parameter_body(parameter) for parameter in space.parameters],
        "constraints": list(map(str, space.constraints)),
        "derived": [
            {"name": value.name, "expression": str(value.expression), **_place_body(value)}
            for value in space.derived
        ],
    }


def read_space(body: Json) -> SearchSpace:
    """Read a search space that the current or an earlier version of `space_body` wrote."""
    # In versions without constraints, the JSON of a space was the list of its parameters.
    if isinstance(body, list):
        return SearchSpace([_parameter(entry) for entry in body])
    return SearchSpace(
        [_parameter(entry) for entry in body["parameters"]],
        [parse(text) for text in body["constraints"]],
        [Derived(e["name"], parse(e["expression"]), *_place(e)) for e in body["derived"]],
    )


def _parameter(entry: Json) -> Parameter:
    domain = dict(entry["domain"])
    kind = _DOMAINS[domain.pop("kind")]
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in domain.items()}
    path, when, condition = _place(entry)
    return Parameter(entry["name"], kind(**values), path, when, entry["default"], condition)


def _parameter_body(parameter: Parameter) -> Json:
    kind = next(name for name, kind in _DOMAINS.items() if type(parameter.domain) is kind)
    return {
        "name": parameter.name,
        "domain": {"kind": kind, **asdict(parameter.domain)},
        "default": parameter.default,
        **_place_body(parameter),
    }


def _place_body(located: Parameter | Derived) -> dict[str, Json]:
    """Convert the path and the conditions of a parameter or derived value to JSON."""
    return {
        "path": list(located.path),
        "when": asdict(located.when) if located.when else None,
        "condition": str(located.condition) if located.condition else None,
    }


def _place(entry: Json) -> tuple[tuple[str, ...], Condition | None, Expression | None]:
    when, condition = entry["when"], entry.get("condition")
    return (
        tuple(entry["path"]),
        Condition(when["parent"], tuple(when["choices"])) if when else None,
        parse(condition) if condition else None,
    )
