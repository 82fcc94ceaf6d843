"""Kinds of names, constraints and starts at fault, with the culprit marked."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sweepwright.diagnostics import Code
from sweepwright.domains import Integer
from sweepwright.space import NAME_KEY
from tests.core.compiler.space.properties.drawn import Draw, pick
from tests.core.compiler.space.properties.meant import Leaf, Raw, Space
from tests.core.compiler.space.properties.placing import NEW, constrain, given, put
from tests.core.compiler.space.properties.reference import assignment
from tests.core.compiler.space.properties.yaml_text import Marked, Plain, culprit

Breaks: TypeAlias = Callable[[Draw, Space], None]


def _start(change: Callable[[dict[str, Any]], Any], default: Any = None) -> Breaks:
    """Start with an assignment whose value of `given`, one of 1 to 8, is changed."""

    def breaks(draw: Draw, space: Space) -> None:
        given(draw, space, lambda _: False, Leaf("given", Integer(1, 8), default))
        tree = assignment(draw, space)
        space.constraints = []
        space.written["start"] = [change(tree) or tree]

    return breaks


def _nested_start(draw: Draw, space: Space) -> None:
    put(draw, space, {"choice": {"a": None, "b": None}}, NEW, space.root)
    tree = assignment(draw, space)
    space.constraints = []
    space.written["start"] = [tree | {NEW: culprit("a")}]


def _broken_start(draw: Draw, space: Space) -> None:
    given(draw, space, lambda _: False, Leaf("given", Integer(1, 8)))
    tree = assignment(draw, space)
    space.constraints = []
    constrain(space, "given < 8")
    space.written["start"] = [Marked(tree | {"given": 8})]


def _named(key: Any) -> Breaks:
    return lambda draw, space: put(draw, space, "int(1, 8)", key)


def _twice(_: Draw, space: Space) -> None:
    space.root.entries.append(Raw(NEW, "int(1, 8)"))
    spec = {"_type": "uniform", "_value": [0, 1]}
    space.written["nni"] = {"space": {culprit(NEW): spec}}
    space.start = []


LISTS: Mapping[str, tuple[Code, Breaks]] = {
    "a name that is kept": (Code.BAD_NAME, _named(culprit(NAME_KEY))),
    "a name with a dot in it": (Code.BAD_NAME, _named(culprit("a.b"))),
    "a name with a backtick in it": (Code.BAD_NAME, _named(culprit("a`b"))),
    "a name that is a number": (Code.BAD_NAME, _named(Plain(culprit("3")))),
    "an empty name": (Code.BAD_NAME, _named(culprit(""))),
    "a name given twice": (Code.BAD_NAME, _twice),
    "constraints that are no list": (
        Code.NOT_A_DOMAIN,
        lambda _, space: _write(space, "constraints", culprit("1 < 2")),
    ),
    "a constraint that is no text": (
        Code.BAD_ARGUMENTS,
        lambda draw, space: constrain(space, Plain(culprit(pick(draw, ["3", "null", "[1]"])))),
    ),
    "a start that is no list": (
        Code.NOT_A_DOMAIN,
        lambda _, space: _write(space, "start", Marked({"x": 1})),
    ),
    "a start that is no mapping": (
        Code.NOT_A_DOMAIN,
        lambda _, space: _write(space, "start", [Plain(culprit("0.1"))]),
    ),
    "a start outside of the space": (
        Code.BAD_START,
        _start(lambda tree: tree.update(given=Plain(culprit("9")))),
    ),
    "a start of another kind": (
        Code.BAD_START,
        _start(lambda tree: tree.update(given=Plain(culprit("2.5")))),
    ),
    "a start with a value that there is not": (
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


def _write(space: Space, key: str, value: Any) -> None:
    space.constraints, space.start = [], []
    space.written[key] = value
