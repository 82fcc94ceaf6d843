"""Mutations that insert an invalid expression, or a relation that nobody can intend."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sweepwright.diagnostics import Code
from sweepwright.domains import Categorical, Integer, Real
from sweepwright.expressions import format_name
from tests.core.compiler.space.properties.insertion import (
    NEW,
    add_constraints,
    insert,
    insert_condition,
    name_in_scope,
    require_parameter,
)
from tests.core.compiler.space.properties.model import Leaf, ParameterSlot, Section, SpaceModel
from tests.core.compiler.space.properties.yaml_writer import ExpressionText, culprit
from tests.sweepwright.draws import Draw, pick

Mutator: TypeAlias = Callable[[Draw, SpaceModel], None]
ExpressionWriter: TypeAlias = Callable[[str], str]
"""Writes an expression about the parameter with a given name."""

QUOTED = '"nobody"'


def _number(draw: Draw, space: SpaceModel) -> ParameterSlot:
    """Return an integer parameter that is always active."""

    def suits(slot: ParameterSlot) -> bool:
        entry = slot.entry
        plain = isinstance(entry, Leaf) and entry.condition is None and not slot.section.scope
        return plain and isinstance(entry, Leaf) and isinstance(entry.domain, Integer)

    return require_parameter(draw, space, suits, Leaf("given", Integer(1, 8)))


def _text(draw: Draw, space: SpaceModel) -> ParameterSlot:
    def suits(slot: ParameterSlot) -> bool:
        domain = slot.entry.domain if isinstance(slot.entry, Leaf) else None
        return isinstance(domain, Categorical) and domain.choices == ("relu", "tanh")

    return require_parameter(draw, space, suits, Leaf("given", Categorical(("relu", "tanh"))))


def _domain(slot: ParameterSlot) -> Integer:
    assert isinstance(slot.entry, Leaf)
    assert isinstance(slot.entry.domain, Integer)
    return slot.entry.domain


def _of_number(*writers: ExpressionWriter) -> Mutator:
    """Insert a condition about a numeric parameter."""
    return lambda draw, space: _insert_condition_on(
        draw, space, _number(draw, space), pick(draw, writers)
    )


def _of_text(*writers: ExpressionWriter) -> Mutator:
    return lambda draw, space: _insert_condition_on(
        draw, space, _text(draw, space), pick(draw, writers)
    )


def _insert_condition_on(
    draw: Draw, space: SpaceModel, slot: ParameterSlot, write: ExpressionWriter
) -> None:
    insert_condition(draw, space, lambda section: write(name_in_scope(draw, space, slot, section)))


def _derive(
    find: Callable[[Draw, SpaceModel], ParameterSlot], *writers: ExpressionWriter
) -> Mutator:
    """Insert a derived value."""

    def mutate(draw: Draw, space: SpaceModel) -> None:
        slot, section = find(draw, space), pick(draw, list(space.sections()))
        formula = pick(draw, writers)(name_in_scope(draw, space, slot, section))
        insert(draw, space, {"type": "derived", "value": ExpressionText(formula)}, section=section)

    return mutate


def _condition_at_bounds(write: Callable[[str, Integer], str]) -> Mutator:
    """Insert a condition about a numeric parameter and its bounds."""

    def mutate(draw: Draw, space: SpaceModel) -> None:
        slot = _number(draw, space)
        _insert_condition_on(draw, space, slot, lambda name: write(name, _domain(slot)))

    return mutate


def _constraint(*writers: Callable[[str, Integer], str]) -> Mutator:
    def mutate(draw: Draw, space: SpaceModel) -> None:
        slot = _number(draw, space)
        name = name_in_scope(draw, space, slot, space.root)
        add_constraints(space, *(write(name, _domain(slot)) for write in writers))

    return mutate


def _added(value: Callable[[Section], object]) -> Mutator:
    """Insert an entry that refers to itself."""

    def mutate(draw: Draw, space: SpaceModel) -> None:
        section = pick(draw, list(space.sections()))
        insert(draw, space, value(section), key=NEW, section=section)

    return mutate


def _hopeless(draw: Draw, space: SpaceModel) -> None:
    slot = require_parameter(draw, space, lambda _: False, Leaf("given", Real(0.0, 1.0)))
    add_constraints(
        space, culprit(f"abs({name_in_scope(draw, space, slot, space.root)} - 0.5) < 1e-9")
    )


def _shadow(draw: Draw, space: SpaceModel) -> None:
    slot = _number(draw, space)
    branches = {"a": {culprit(slot.entry.key): "uniform(0, 1)"}, "b": None}
    insert(draw, space, {"choice": branches}, section=space.root)


EXPRESSIONS: Mapping[str, tuple[Code, Mutator]] = {
    "`=` for `==`": (Code.BAD_EXPRESSION, _of_number(lambda x: f"{x} {culprit('=')} 1")),
    "`&&` for `and`": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{x} > 1 {culprit('&&')} {x} < 3"),
    ),
    "a parenthesis in an expression that is never closed": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{culprit('(')}{x} > 1", lambda x: f"max{culprit('(')}{x}, 1 > 2"),
    ),
    "an unknown function": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{culprit('foo')}({x}) > 1"),
    ),
    "an incomplete expression": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{x} {culprit('>')}", lambda x: f"{x} > 1 an{culprit('d')}"),
    ),
    "a list without `in`": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{culprit('[')}{x}] > 1"),
    ),
    "a name in a list": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{x} in [1, {culprit('nobody')}]"),
    ),
    "two expressions in a row": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{x} > 1 {culprit('twice')} 2"),
    ),
    "an unexpected character": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{x} > 1 {culprit('$')} 2"),
    ),
    "a function with an argument too many": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{culprit('abs')}({x}, 1) > 1"),
    ),
    "quotes in an expression that are never closed": (
        Code.BAD_EXPRESSION,
        _of_text(lambda x: f"{x} == {culprit(QUOTED[:-1])}"),
    ),
    "a number too large": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{x} < {culprit('1e999')}"),
    ),
    "an unknown name": (
        Code.UNKNOWN_NAME,
        _of_number(lambda x: f"{x} > {culprit('nobody')}", lambda _: culprit("nobody.at.all")),
    ),
    "a name of another branch": (
        Code.UNKNOWN_NAME,
        _added(
            lambda _: {
                "choice": {
                    "a": {"own": "int(1, 8)"},
                    "b": {"foreign": f"int(1, 8) when {culprit('own')} > 3"},
                }
            }
        ),
    ),
    "text in an order comparison": (
        Code.TYPE_MISMATCH,
        _of_text(lambda x: f"{culprit(x)} > 1", lambda x: f"3 <= {culprit(x)}"),
    ),
    "a number for a condition": (
        Code.TYPE_MISMATCH,
        _of_number(culprit, lambda x: culprit(f"{x} * 2"), lambda x: f"not {culprit(x)}"),
    ),
    "a number beside `and`": (
        Code.TYPE_MISMATCH,
        _of_number(lambda x: f"{x} > 1 and {culprit(x)}"),
    ),
    "a text for a condition": (Code.TYPE_MISMATCH, _of_text(culprit)),
    "a text compared with a number": (
        Code.TYPE_MISMATCH,
        _of_text(lambda x: f"{x} == {culprit('3')}", lambda x: f"{x} in ['relu', {culprit('3')}]"),
    ),
    "text in arithmetic": (
        Code.TYPE_MISMATCH,
        _derive(_text, lambda x: f"1000 // {culprit(x)}", lambda x: f"max(1, {culprit(x)})"),
    ),
    "a value that a choice never has": (
        Code.IMPOSSIBLE_COMPARISON,
        _of_text(
            lambda x: f"{x} == {culprit(QUOTED)}",
            lambda x: f"{x} != 'relu' and {x} in ['tanh', {culprit(QUOTED)}]",
        ),
    ),
    "a number outside of the bounds": (
        Code.IMPOSSIBLE_COMPARISON,
        _condition_at_bounds(lambda x, domain: f"{x} == {culprit(str(domain.high + 1))}"),
    ),
}

RELATIONS: Mapping[str, tuple[Code, Mutator]] = {
    "a divisor that can be 0": (
        Code.DIVISION_BY_ZERO,
        _derive(
            lambda draw, space: require_parameter(
                draw, space, lambda _: False, Leaf("given", Integer(0, 4))
            ),
            lambda x: f"1000 / {culprit(x)}",
            lambda x: f"1000 % ({culprit(f'{x} * 2')})",
        ),
    ),
    "a condition that refers to its own parameter": (
        Code.CYCLE,
        _added(lambda _: f"int(1, 8) when {culprit(f'{NEW} > 3')}"),
    ),
    "a cycle of conditions": (
        Code.CYCLE,
        _added(
            lambda _: {
                "choice": {
                    "a": {
                        "one": f"uniform(0, 1) when {culprit('two > 0.5')}",
                        "two": "uniform(0, 1) when one > 0.5",
                    }
                }
            }
        ),
    ),
    "a choice under a condition on its branch": (
        Code.CYCLE,
        _added(
            lambda section: {
                "choice": {"a": {"own": "int(1, 8)"}},
                "when": ExpressionText(
                    culprit(f"{format_name(f'{section.scope}{NEW}.a.own')} > 3")
                ),
            }
        ),
    ),
    "a derived value that uses itself": (
        Code.CYCLE,
        _added(lambda _: {"type": "derived", "value": ExpressionText(culprit(f"2 * {NEW}"))}),
    ),
    "a condition that never holds": (
        Code.NEVER_ACTIVE,
        _condition_at_bounds(lambda x, domain: culprit(f"{x} > {domain.high}")),
    ),
    "a condition that contradicts itself": (
        Code.NEVER_ACTIVE,
        _condition_at_bounds(
            lambda x, domain: culprit(f"{x} > {domain.low} and {x} <= {domain.low}")
        ),
    ),
    "a condition that always holds": (
        Code.ALWAYS_ACTIVE,
        _condition_at_bounds(lambda x, domain: culprit(f"{x} >= {domain.low}")),
    ),
    "a constraint that nothing meets": (
        Code.UNSATISFIABLE_CONSTRAINT,
        _constraint(lambda x, domain: culprit(f"{x} > {domain.high}")),
    ),
    "a constraint that everything meets": (
        Code.IDLE_CONSTRAINT,
        _constraint(lambda x, domain: culprit(f"{x} <= {domain.high}")),
    ),
    "a constraint that hardly anything meets": (Code.HOPELESS_CONSTRAINT, _hopeless),
    "one path with two types": (
        Code.COLLIDING_NAMES,
        _added(
            lambda _: {
                "choice": {
                    "a": {"p": "uniform(0, 1)"},
                    "b": {culprit("p"): "choice(relu, tanh)"},
                }
            }
        ),
    ),
    "a name that hides another": (Code.SHADOWED_NAME, _shadow),
}
