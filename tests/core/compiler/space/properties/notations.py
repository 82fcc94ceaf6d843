"""Write a model as YAML, with each parameter in a random notation."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from sweepwright.domains import Categorical, Domain, Integer, Normal, Ordinal, Real
from sweepwright.expressions import Expression, references, renamed
from sweepwright.expressions.syntax import Call, Chain
from sweepwright.space import NAME_KEY
from tests.core.compiler.space.properties.model import (
    Branch,
    Choice,
    DerivedValue,
    Entry,
    Leaf,
    Raw,
    Section,
    SpaceModel,
    valid_names,
)
from tests.core.compiler.space.properties.yaml_writer import write_yaml
from tests.sweepwright.draws import Draw, chance, pick, shuffled


class SpaceWriter:
    """Writes a model, and draws the notation of each part."""

    def __init__(self, draw: Draw, space: SpaceModel) -> None:
        self._draw = draw
        self._space = space
        self._names = space.names
        self.sources: dict[str, list[tuple[Expression, Section]]] = {}
        """By source text: the expressions that were written so, each with its section."""

    def text(self) -> str:
        """Return the text of the file."""
        space = self._space
        tree = self._section(space.root)
        constraints = [
            self.expression_text(constraint, space.root) for constraint in space.constraints
        ]
        tree |= space.raw_entries
        for key, items in (("constraints", constraints), ("start", space.start)):
            besides = space.raw_entries.get(key, [])
            if isinstance(besides, list) and items + besides:
                tree[key] = items + besides
        return write_yaml(self._draw, {"space": tree})

    def expression_text(self, expression: Expression, section: Section) -> str:
        """Return the text of an expression, with names in a form that its section can use."""
        sources = {}
        for name in {reference.name for reference in references(expression)}:
            names = valid_names(name, section.scope, self._names)
            assume(names)  # a hidden parameter has no name here
            sources[name] = pick(self._draw, names)
        text = str(renamed(expression, sources))
        self.sources.setdefault(text, []).append((expression, section))
        return text

    def _section(self, section: Section) -> dict[Any, Any]:
        entries = shuffled(self._draw, section.entries)
        return {entry.key: self._entry(entry, section) for entry in entries}

    def _entry(self, entry: Entry, section: Section) -> Any:
        match entry:
            case Raw(_, value):
                return value
            case Leaf(_, domain, default, condition):
                text = self.expression_text(condition, section) if condition else None
                return self.leaf(domain, default, text)
            case Choice():
                return self._choice(entry, section)
            case DerivedValue(_, expression, _, condition):
                text = self.expression_text(condition, section) if condition else None
                return self._computed(expression, self.expression_text(expression, section), text)

    def leaf(self, domain: Domain, default: Any, condition: str | None) -> Any:
        """Return a domain in a random notation that can express the whole domain."""
        way = pick(self._draw, ["call", "table", "Hydra", "NNI", "fixed"])
        if way == "table":
            return _table(domain, default, condition)
        if way == "NNI" and default is None and condition is None:
            return nni_spec(domain) or call(domain)
        if way == "fixed" and default is None and _is_fixed(domain):
            return _fixed(domain, condition)
        text = hydra_sweep(domain) if way == "Hydra" else None
        return self._parameter(text or call(domain), default, condition)

    def _parameter(self, text: str, default: Any, condition: str | None) -> str:
        equals = pick(self._draw, [" = ", "=", " =  "])
        text += "" if default is None else f"{equals}{literal(default)}"
        return text if condition is None else f"{text} when {condition}"

    def _choice(self, choice: Choice, section: Section) -> dict[Any, Any]:
        if _fits_nni(choice) and self._draw(st.booleans()):
            return _nested_spec(choice)
        tree: dict[Any, Any] = {
            "choice": {branch.name: self._branch(branch, section) for branch in choice.branches}
        }
        if choice.weights:
            tree["weights"] = self._weights(choice, choice.weights)
        if choice.default is not None:
            tree["default"] = choice.default
        if choice.condition is not None:
            tree["when"] = self.expression_text(choice.condition, section)
        return {key: tree[key] for key in shuffled(self._draw, list(tree))}

    def _weights(self, choice: Choice, weights: Mapping[str, float]) -> Any:
        listed = [weights.get(branch.name, 1) for branch in choice.branches]
        return pick(self._draw, [dict(weights), listed])

    def _branch(self, branch: Branch, around: Section) -> Any:
        tree = self._section(branch.section)
        if branch.condition is not None:
            tree = {"when": self.expression_text(branch.condition, around)} | tree
        return tree or (None if chance(self._draw) else {})

    def _computed(self, expression: Expression, text: str, condition: str | None) -> Any:
        if isinstance(expression, Chain | Call) and self._draw(st.booleans()):
            return text if condition is None else f"{text} when {condition}"
        tree = {"type": "derived", "value": text}
        return tree if condition is None else tree | {"when": condition}


def literal(value: Any) -> str:
    """Format a value as an argument of a call."""
    match value:
        case str():
            return value if _BARE.fullmatch(value) else json.dumps(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case Mapping():
            pairs = (f"{json.dumps(key)}: {literal(item)}" for key, item in value.items())
            return f"{{{', '.join(pairs)}}}"
    return json.dumps(value)


_BARE = re.compile(r"(?!(?:true|false|null)$)[a-z_][\w./-]*", re.IGNORECASE | re.ASCII)


def call(domain: Domain) -> str:
    """Return the call form of a domain, with positional arguments where possible."""
    name, given = _arguments(domain)
    if isinstance(domain, Categorical | Ordinal):
        values = ", ".join(map(literal, given.pop("values")))
        return f"{name}({', '.join([values, *_named(given)])})"
    positional = [literal(value) for value in [*given.values()][:2]]
    return f"{name}({', '.join([*positional, *_named(dict([*given.items()][2:]))])})"


def _named(given: Mapping[str, Any]) -> Iterator[str]:
    return (f"{key}={literal(value)}" for key, value in given.items())


def _table(domain: Domain, default: Any, condition: str | None) -> dict[str, Any]:
    name, given = _arguments(domain)
    tree = {"type": name, **given}
    if default is not None:
        tree["default"] = default
    return tree if condition is None else tree | {"when": condition}


def _arguments(domain: Domain) -> tuple[str, dict[str, Any]]:
    """Return the name of a domain, and all its arguments by name."""
    match domain:
        case Real(low, high, log, step, clip):
            extra = _without_none({"step": step, "clip": clip or None})
            return "loguniform" if log else "uniform", {"low": low, "high": high, **extra}
        case Integer(low, high, log, step):
            extra = _without_none({"log": log or None, "step": step if step > 1 else None})
            return "int", {"low": low, "high": high, **extra}
        case Normal(mean, std, log, step):
            name = "lognormal" if log else "normal"
            return name, {"mean": mean, "std": std, **_without_none({"step": step})}
        case Categorical(choices, weights):
            extra = _without_none({"weights": list(weights) if weights else None})
            return "choice", {"values": list(choices), **extra}
        case Ordinal(choices):
            return "ordinal", {"values": list(choices)}
    raise AssertionError(domain)


def _without_none(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}


def hydra_sweep(domain: Domain) -> str | None:
    """Return a domain in Hydra's sweep grammar, or None if it has no such form."""
    match domain:
        case Real(low, high, log, None, _):
            text = f"interval({literal(low)}, {literal(high)})"
            return f"tag(log, {text})" if log else text
        case Integer(low, high, False, 1):
            return f"range({low}, {high + 1})"
        case Integer(low, high, True, 1):
            return f"tag(log, int(interval({low}, {high})))"
    return None


def nni_spec(domain: Domain) -> dict[str, Any] | None:
    """Return a domain in NNI's notation, or None if it has no such form."""
    match domain:
        case Real(low, high, log, None, _):
            return _spec("loguniform" if log else "uniform", [low, high])
        case Real(low, high, log, step, True):
            return _spec("qloguniform" if log else "quniform", [low, high, step])
        case Integer(low, high, False, 1):
            return _spec("randint", [low, high + 1])
        case Normal(mean, std, log, step):
            name = f"{'q' if step else ''}{'log' if log else ''}normal"
            return _spec(name, [mean, std, *([step] if step else [])])
        case Categorical(choices, None):
            return _spec("choice", list(choices))
    return None


def _spec(type_: str, value: list[Any]) -> dict[str, Any]:
    return {"_type": type_, "_value": value}


def _fits_nni(entry: Entry) -> bool:
    """Tell whether NNI's notation can express a parameter."""
    if entry.key in ("_type", "_value"):
        return False
    match entry:
        case Leaf(_, domain, None, None):
            return nni_spec(domain) is not None
        case Choice(_, branches, None, None, None):
            below = [inner for branch in branches for inner in branch.section.entries]
            return all(branch.condition is None for branch in branches) and all(
                map(_fits_nni, below)
            )
    return False


def _nested_spec(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, Leaf):
        return nni_spec(entry.domain) or {}
    assert isinstance(entry, Choice)
    branches = [
        {NAME_KEY: branch.name, **{e.key: _nested_spec(e) for e in branch.section.entries}}
        for branch in entry.branches
    ]
    return _spec("choice", branches)


def _is_fixed(domain: Domain) -> bool:
    return (
        isinstance(domain, Categorical)
        and len(domain.choices) == 1
        and domain.weights is None
        and isinstance(domain.choices[0], int | float)
    )


def _fixed(domain: Domain, condition: str | None) -> Any:
    assert isinstance(domain, Categorical)
    (value,) = domain.choices
    return value if condition is None else f"{literal(value)} when {condition}"
