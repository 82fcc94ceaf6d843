"""Mutations that insert an invalid name, list of constraints, or starting assignment."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sweepwright.diagnostics import Code
from sweepwright.domains import Integer
from sweepwright.space import NAME_KEY
from tests.core.compiler.space.properties.insertion import (
    NEW,
    add_constraints,
    insert,
    require_parameter,
)
from tests.core.compiler.space.properties.model import Leaf, Raw, SpaceModel
from tests.core.compiler.space.properties.oracle import assignment
from tests.core.compiler.space.properties.yaml_writer import Marked, RawScalar, culprit
from tests.sweepwright.draws import Draw, pick

Mutator: TypeAlias = Callable[[Draw, SpaceModel], None]


def _start(change: Callable[[dict[str, Any]], Any], default: Any = None) -> Mutator:
    """Add a starting assignment in which the parameter `given`, from 1 to 8, is changed."""

    def mutate(draw: Draw, space: SpaceModel) -> None:
        require_parameter(draw, space, lambda _: False, Leaf("given", Integer(1, 8), default))
        tree = assignment(draw, space)
        space.constraints = []
        space.raw_entries["start"] = [change(tree) or tree]

    return mutate


def _nested_start(draw: Draw, space: SpaceModel) -> None:
    insert(draw, space, {"choice": {"a": None, "b": None}}, NEW, space.root)
    tree = assignment(draw, space)
    space.constraints = []
    space.raw_entries["start"] = [tree | {NEW: culprit("a")}]


def _broken_start(draw: Draw, space: SpaceModel) -> None:
    require_parameter(draw, space, lambda _: False, Leaf("given", Integer(1, 8)))
    tree = assignment(draw, space)
    space.constraints = []
    add_constraints(space, "given < 8")
    space.raw_entries["start"] = [Marked(tree | {"given": 8})]


def _named(key: Any) -> Mutator:
    return lambda draw, space: insert(draw, space, "int(1, 8)", key)


def _twice(_: Draw, space: SpaceModel) -> None:
    space.root.entries.append(Raw(NEW, "int(1, 8)"))
    spec = {"_type": "uniform", "_value": [0, 1]}
    space.raw_entries["nni"] = {"space": {culprit(NEW): spec}}
    space.start = []


LISTS: Mapping[str, tuple[Code, Mutator]] = {
    "a reserved name": (Code.BAD_NAME, _named(culprit(NAME_KEY))),
    "a name with a dot in it": (Code.BAD_NAME, _named(culprit("a.b"))),
    "a name with a backtick in it": (Code.BAD_NAME, _named(culprit("a`b"))),
    "a name that is a number": (Code.BAD_NAME, _named(RawScalar(culprit("3")))),
    "an empty name": (Code.BAD_NAME, _named(culprit(""))),
    "a name given twice": (Code.BAD_NAME, _twice),
    "constraints that are no list": (
        Code.NOT_A_DOMAIN,
        lambda _, space: _write(space, "constraints", culprit("1 < 2")),
    ),
    "a constraint that is no text": (
        Code.BAD_ARGUMENTS,
        lambda draw, space: add_constraints(
            space, RawScalar(culprit(pick(draw, ["3", "null", "[1]"])))
        ),
    ),
    "a start that is no list": (
        Code.NOT_A_DOMAIN,
        lambda _, space: _write(space, "start", Marked({"x": 1})),
    ),
    "a start that is no mapping": (
        Code.NOT_A_DOMAIN,
        lambda _, space: _write(space, "start", [RawScalar(culprit("0.1"))]),
    ),
    "a start outside of the space": (
        Code.BAD_START,
        _start(lambda tree: tree.update(given=RawScalar(culprit("9")))),
    ),
    "a start of another type": (
        Code.BAD_START,
        _start(lambda tree: tree.update(given=RawScalar(culprit("2.5")))),
    ),
    "a start with an unknown parameter": (
        Code.BAD_START,
        _start(lambda tree: tree.update({culprit("nobody"): 1})),
    ),
    "a start that lacks a value": (
        Code.BAD_START,
        _start(lambda tree: Marked({k: v for k, v in tree.items() if k != "given"})),
    ),
    "a start with a branch as text": (Code.BAD_START, _nested_start),
    "a start that breaks a constraint": (Code.BAD_START, _broken_start),
}


def _write(space: SpaceModel, key: str, value: Any) -> None:
    space.constraints, space.start = [], []
    space.raw_entries[key] = value
