"""JSON Schema of the section ``space``: parameter names, and the notations of a domain."""

from collections.abc import Mapping

from .options import NULL, TEXT, Schema, chosen_by, closed, described, flexible

CALLS = (
    "uniform(0, 1)",
    "loguniform(1e-4, 1e-1)",
    "int(1, 8)",
    "int(1, 1024, log=true)",
    "normal(0, 1)",
    "lognormal(0, 1)",
    "choice(relu, tanh)",
    "ordinal(small, medium, large)",
)
"""An example of each call. Editors suggest these examples."""


def space_schema() -> Schema:
    """Describe the section: a domain for each name, `constraints`, `start` and `nni`."""
    constraints = flexible(_list_of(TEXT), _DOMAIN)
    start = flexible(_list_of({"type": "object"}), _DOMAIN)
    nni = flexible(closed(_NNI_SPACE), _DOMAIN)
    return {
        **_named(_DOMAIN),
        "properties": {
            "constraints": described(constraints, "Expressions that every assignment satisfies."),
            "start": described(start, "Assignments to evaluate first."),
            "nni": described(nni, "A search space in NNI's format."),
        },
    }


def space_definitions() -> Schema:
    """Define the schemas that the section refers to by their name under ``$defs``."""
    forms = [{"type": ["number", "boolean"]}, *map(_reference, ("table", "nested", "nni"))]
    return {
        "domain": described(flexible({**TEXT, "examples": [*CALLS]}, *forms), _FORMS),
        "table": {**chosen_by("type", dict(map(_table, _KEYS)), _MEANINGS), "required": ["type"]},
        "nested": closed(_NESTED, ["choice"]),
        "branch": {"anyOf": [{**_named(_DOMAIN), "properties": {"when": _TAKEN}}, NULL]},
        "nni": closed(_NNI, ["_type", "_value"]),
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _named(values: Schema) -> Schema:
    """Describe a mapping whose keys are names without dots."""
    names = {"pattern": r"^(?!_name$)[^.]+$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": values}


def _table(type_: str) -> tuple[str, Schema]:
    required, optional = _KEYS[type_]
    keys = ("type", *required, *optional, "when")
    return type_, closed({key: _VALUES[key] for key in keys}, required)


_FORMS = (
    "A call, a table, a nested choice, a fixed value, or an expression that derives the value."
)
_DOMAIN = _reference("domain")
_NUMBER = flexible({"type": "number"})
_SWITCH = flexible({"type": "boolean"})
_WEIGHT: Schema = {"type": "number", "exclusiveMinimum": 0}
_WHEN = described(TEXT, "An expression; the parameter is active only if the expression is true.")
_TAKEN = described(_DOMAIN, "An expression; the branch can be taken only if it is true.")
_VALUES: Mapping[str, Schema] = {
    "type": {},
    "low": described(_NUMBER, "The smallest value."),
    "high": described(_NUMBER, "The largest value, inclusive."),
    "step": described(_NUMBER, "All values are multiples of the step."),
    "log": described(_SWITCH, "Whether values are drawn on a logarithmic scale."),
    "clip": described(
        _SWITCH, "Whether to clip multiples of the step to the bounds, as NNI does."
    ),
    "mean": described(_NUMBER, "Mean of the value; for `lognormal`, mean of its logarithm."),
    "std": described(
        _NUMBER,
        "Standard deviation, above 0; for `lognormal`, standard deviation of the logarithm.",
    ),
    "values": described(flexible({"type": "array", "minItems": 1}), "The values to choose from."),
    "weights": described(flexible(_list_of(_WEIGHT), NULL), "Relative probability of each value."),
    "value": described(TEXT, "The expression that computes the value."),
    "default": described({}, "The value if an assignment does not contain the parameter."),
    "when": _WHEN,
}
_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "uniform": (("low", "high"), ("step", "log", "clip", "default")),
    "loguniform": (("low", "high"), ("step", "clip", "default")),
    "int": (("low", "high"), ("step", "log", "default")),
    "normal": (("mean", "std"), ("step", "log", "default")),
    "lognormal": (("mean", "std"), ("step", "default")),
    "choice": (("values",), ("weights", "default")),
    "ordinal": (("values",), ("default",)),
    "derived": (("value",), ()),
}
"""The required and the optional keys of each type of table."""
_MEANINGS = {
    "uniform": "Real numbers, uniformly distributed.",
    "loguniform": "Positive numbers, uniformly distributed on a logarithmic scale.",
    "int": "Integers, uniformly distributed.",
    "normal": "Real numbers, normally distributed.",
    "lognormal": "Positive numbers whose logarithm is normally distributed.",
    "choice": "One of several values.",
    "ordinal": "One of several values that have an order.",
    "derived": "A value computed from other parameters.",
}
_NESTED: Schema = {
    "choice": described(
        {**_named(flexible(_reference("branch"))), "minProperties": 1},
        "The branches by name. Each branch has its own parameters.",
    ),
    "weights": described(
        flexible({"type": "object", "additionalProperties": _WEIGHT}, _list_of(_WEIGHT), NULL),
        "Relative probability of each branch.",
    ),
    "default": described(TEXT, "The branch if an assignment does not name a branch."),
    "when": _WHEN,
}
_NNI: Schema = {
    "_type": {
        "enum": [
            "choice",
            "randint",
            "uniform",
            "quniform",
            "loguniform",
            "qloguniform",
            "normal",
            "qnormal",
            "lognormal",
            "qlognormal",
        ]
    },
    "_value": {"type": "array"},
}
_NNI_SPACE: Schema = {
    "file": described(TEXT, "A JSON or YAML file; paths are relative to the folder of this file."),
    "space": described({"type": "object"}, "The search space itself."),
    "version": described(
        {"enum": ["v0", "v1"]}, "`v0` reads the types as NNI did before version 0.8."
    ),
    "names": described(
        {"type": "object"}, "Names of the parameters in each branch that is written as a list."
    ),
}
