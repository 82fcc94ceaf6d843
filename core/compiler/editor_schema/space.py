"""JSON Schema of the section ``space``: names, and the spellings of a domain."""

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
"""One of each call, for an editor to suggest."""


def space_schema() -> Schema:
    """Describe the section: a domain for each name, and what the space as a whole has."""
    constraints = flexible(_list_of(TEXT), _DOMAIN)
    start = flexible(_list_of({"type": "object"}), _DOMAIN)
    nni = flexible(closed(_NNI_SPACE), _DOMAIN)
    return {
        **_named(_DOMAIN),
        "properties": {
            "constraints": described(constraints, "Expressions that no assignment makes false."),
            "start": described(start, "Assignments that are tried first."),
            "nni": described(nni, "A whole search space of NNI's."),
        },
    }


def space_definitions() -> Schema:
    """Define what the section refers to, by name below ``$defs``."""
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
    """Describe a mapping of names, which have no dots."""
    names = {"pattern": r"^(?!_name$)[^.]+$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": values}


def _table(type_: str) -> tuple[str, Schema]:
    required, optional = _KEYS[type_]
    keys = ("type", *required, *optional, "when")
    return type_, closed({key: _VALUES[key] for key in keys}, required)


_FORMS = "A call, a table, a nested choice, one fixed value, or an expression to derive it."
_DOMAIN = _reference("domain")
_NUMBER = flexible({"type": "number"})
_SWITCH = flexible({"type": "boolean"})
_WEIGHT: Schema = {"type": "number", "exclusiveMinimum": 0}
_WHEN = described(TEXT, "An expression: the parameter is active only where it holds.")
_TAKEN = described(_DOMAIN, "An expression: the branch is taken only where it holds.")
_VALUES: Mapping[str, Schema] = {
    "type": {},
    "low": described(_NUMBER, "The smallest value."),
    "high": described(_NUMBER, "The largest value, which is one of them."),
    "step": described(_NUMBER, "Only its multiples are values."),
    "log": described(_SWITCH, "Whether its logarithm is what is drawn."),
    "clip": described(_SWITCH, "Whether the bounds are values too, as NNI has it."),
    "mean": described(_NUMBER, "Mean of what is drawn, for `lognormal` of the logarithm."),
    "std": described(_NUMBER, "Standard deviation of the same, above 0."),
    "values": described(flexible({"type": "array", "minItems": 1}), "What there is to choose."),
    "weights": described(flexible(_list_of(_WEIGHT), NULL), "How likely each is."),
    "value": described(TEXT, "The expression that computes it."),
    "default": described({}, "What it is in an assignment that leaves it out."),
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
"""For each type of table the keys that it must have, and those that it may have."""
_MEANINGS = {
    "uniform": "Real numbers, each as likely as the others.",
    "loguniform": "Positive numbers, each order of magnitude as likely as the others.",
    "int": "Integers.",
    "normal": "A normal distribution.",
    "lognormal": "Positive numbers, whose logarithm is normal.",
    "choice": "One of several values.",
    "ordinal": "One of several values in order.",
    "derived": "A value that is computed from others.",
}
_NESTED: Schema = {
    "choice": described(
        {**_named(flexible(_reference("branch"))), "minProperties": 1},
        "The branches by name, each with parameters of its own.",
    ),
    "weights": described(
        flexible({"type": "object", "additionalProperties": _WEIGHT}, _list_of(_WEIGHT), NULL),
        "How likely each branch is.",
    ),
    "default": described(TEXT, "The branch in an assignment that leaves it out."),
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
    "file": described(TEXT, "A file of JSON or YAML, looked for beside this one."),
    "space": described({"type": "object"}, "The search space itself."),
    "version": described(
        {"enum": ["v0", "v1"]}, "`v0` for what the types meant to NNI before its version 0.8."
    ),
    "names": described({"type": "object"}, "By branch that is a list: names for what is in it."),
}
