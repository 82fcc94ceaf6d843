"""Spells a space: every parameter in one of the ways in which it can be written."""

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
from tests.core.compiler.space.properties.drawn import Draw, perhaps, pick, shuffled
from tests.core.compiler.space.properties.meant import (
    Branch,
    Choice,
    Computed,
    Entry,
    Leaf,
    Raw,
    Section,
    Space,
    ways_to_say,
)
from tests.core.compiler.space.properties.yaml_text import written


class Speller:
    """Draws how each thing is written."""

    def __init__(self, draw: Draw, space: Space) -> None:
        self._draw = draw
        self._space = space
        self._names = space.names
        self.spoken: dict[str, list[tuple[Expression, Section]]] = {}
        """What each text of an expression may stand for, and the section that it is in."""

    def text(self) -> str:
        """Write the whole file."""
        space = self._space
        tree = self._section(space.root)
        said = [self.said(constraint, space.root) for constraint in space.constraints]
        tree |= space.written
        for key, items in (("constraints", said), ("start", space.start)):
            besides = space.written.get(key, [])
            if isinstance(besides, list) and items + besides:
                tree[key] = items + besides
        return written(self._draw, {"space": tree})

    def said(self, expression: Expression, section: Section) -> str:
        """Write an expression, with names as one might call them from where it stands."""
        spoken = {}
        for name in {reference.name for reference in references(expression)}:
            ways = ways_to_say(name, section.scope, self._names)
            assume(ways)  # what is shadowed cannot be named
            spoken[name] = pick(self._draw, ways)
        text = str(renamed(expression, spoken))
        self.spoken.setdefault(text, []).append((expression, section))
        return text

    def _section(self, section: Section) -> dict[Any, Any]:
        entries = shuffled(self._draw, section.entries)
        return {entry.key: self._entry(entry, section) for entry in entries}

    def _entry(self, entry: Entry, section: Section) -> Any:
        match entry:
            case Raw(_, value):
                return value
            case Leaf(_, domain, default, condition):
                said = self.said(condition, section) if condition else None
                return self.leaf(domain, default, said)
            case Choice():
                return self._choice(entry, section)
            case Computed(_, expression, _, condition):
                said = self.said(condition, section) if condition else None
                return self._computed(expression, self.said(expression, section), said)

    def leaf(self, domain: Domain, default: Any, condition: str | None) -> Any:
        """Write a domain in any spelling that can say all that is to be said."""
        way = pick(self._draw, ["call", "table", "Hydra", "NNI", "fixed"])
        if way == "table":
            return _table(domain, default, condition)
        if way == "NNI" and default is None and condition is None:
            return in_nnis_form(domain) or call(domain)
        if way == "fixed" and default is None and _is_fixed(domain):
            return _fixed(domain, condition)
        text = in_hydras_grammar(domain) if way == "Hydra" else None
        return self._phrase(text or call(domain), default, condition)

    def _phrase(self, text: str, default: Any, condition: str | None) -> str:
        equals = pick(self._draw, [" = ", "=", " =  "])
        text += "" if default is None else f"{equals}{literal(default)}"
        return text if condition is None else f"{text} when {condition}"

    def _choice(self, choice: Choice, section: Section) -> dict[Any, Any]:
        if _can_be_nnis(choice) and self._draw(st.booleans()):
            return _nested_spec(choice)
        tree: dict[Any, Any] = {
            "choice": {branch.name: self._branch(branch, section) for branch in choice.branches}
        }
        if choice.weights:
            tree["weights"] = self._weights(choice, choice.weights)
        if choice.default is not None:
            tree["default"] = choice.default
        if choice.condition is not None:
            tree["when"] = self.said(choice.condition, section)
        return {key: tree[key] for key in shuffled(self._draw, list(tree))}

    def _weights(self, choice: Choice, weights: Mapping[str, float]) -> Any:
        listed = [weights.get(branch.name, 1) for branch in choice.branches]
        return pick(self._draw, [dict(weights), listed])

    def _branch(self, branch: Branch, around: Section) -> Any:
        tree = self._section(branch.section)
        if branch.condition is not None:
            tree = {"when": self.said(branch.condition, around)} | tree
        return tree or (None if perhaps(self._draw) else {})

    def _computed(self, expression: Expression, said: str, condition: str | None) -> Any:
        if isinstance(expression, Chain | Call) and self._draw(st.booleans()):
            return said if condition is None else f"{said} when {condition}"
        tree = {"type": "derived", "value": said}
        return tree if condition is None else tree | {"when": condition}


def literal(value: Any) -> str:
    """Write a value as a call has it."""
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
    """Write the call form, by position where that is possible."""
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
    """Name a domain, with all its arguments by name."""
    match domain:
        case Real(low, high, log, step, clip):
            extra = _but_none({"step": step, "clip": clip or None})
            return "loguniform" if log else "uniform", {"low": low, "high": high, **extra}
        case Integer(low, high, log, step):
            extra = _but_none({"log": log or None, "step": step if step > 1 else None})
            return "int", {"low": low, "high": high, **extra}
        case Normal(mean, std, log, step):
            name = "lognormal" if log else "normal"
            return name, {"mean": mean, "std": std, **_but_none({"step": step})}
        case Categorical(choices, weights):
            extra = _but_none({"weights": list(weights) if weights else None})
            return "choice", {"values": list(choices), **extra}
        case Ordinal(choices):
            return "ordinal", {"values": list(choices)}
    raise AssertionError(domain)


def _but_none(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}


def in_hydras_grammar(domain: Domain) -> str | None:
    """Write a domain as Hydra's sweepers would, None where they could not."""
    match domain:
        case Real(low, high, log, None, _):
            text = f"interval({literal(low)}, {literal(high)})"
            return f"tag(log, {text})" if log else text
        case Integer(low, high, False, 1):
            return f"range({low}, {high + 1})"
        case Integer(low, high, True, 1):
            return f"tag(log, int(interval({low}, {high})))"
    return None


def in_nnis_form(domain: Domain) -> dict[str, Any] | None:
    """Write a domain as NNI would, None where it could not."""
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


def _can_be_nnis(entry: Entry) -> bool:
    """Tell whether NNI could say all that a parameter is."""
    if entry.key in ("_type", "_value"):
        return False
    match entry:
        case Leaf(_, domain, None, None):
            return in_nnis_form(domain) is not None
        case Choice(_, branches, None, None, None):
            below = [inner for branch in branches for inner in branch.section.entries]
            return all(branch.condition is None for branch in branches) and all(
                map(_can_be_nnis, below)
            )
    return False


def _nested_spec(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, Leaf):
        return in_nnis_form(entry.domain) or {}
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
