"""Kinds of expressions at fault and of relations that cannot be meant, each with its culprit."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sweepwright.diagnostics import Code
from sweepwright.domains import Categorical, Integer, Real
from sweepwright.expressions import written_name
from tests.core.compiler.space.properties.drawn import Draw, pick
from tests.core.compiler.space.properties.meant import Leaf, ParameterSlot, Section, Space
from tests.core.compiler.space.properties.placing import NEW, constrain, given, hang, put, say
from tests.core.compiler.space.properties.yaml_text import Said, culprit

Breaks: TypeAlias = Callable[[Draw, Space], None]
Says: TypeAlias = Callable[[str], str]
"""Writes an expression about a parameter that is called so."""

QUOTED = '"nobody"'


def _number(draw: Draw, space: Space) -> ParameterSlot:
    """Find a number that is there always."""

    def suits(seat: ParameterSlot) -> bool:
        entry = seat.entry
        plain = isinstance(entry, Leaf) and entry.condition is None and not seat.section.scope
        return plain and isinstance(entry, Leaf) and isinstance(entry.domain, Integer)

    return given(draw, space, suits, Leaf("given", Integer(1, 8)))


def _text(draw: Draw, space: Space) -> ParameterSlot:
    def suits(seat: ParameterSlot) -> bool:
        domain = seat.entry.domain if isinstance(seat.entry, Leaf) else None
        return isinstance(domain, Categorical) and domain.choices == ("relu", "tanh")

    return given(draw, space, suits, Leaf("given", Categorical(("relu", "tanh"))))


def _domain(seat: ParameterSlot) -> Integer:
    assert isinstance(seat.entry, Leaf)
    assert isinstance(seat.entry.domain, Integer)
    return seat.entry.domain


def _of_number(*said: Says) -> Breaks:
    """Hang up a condition about a number."""
    return lambda draw, space: _hang(draw, space, _number(draw, space), pick(draw, said))


def _of_text(*said: Says) -> Breaks:
    return lambda draw, space: _hang(draw, space, _text(draw, space), pick(draw, said))


def _hang(draw: Draw, space: Space, seat: ParameterSlot, said: Says) -> None:
    hang(draw, space, lambda section: said(say(draw, space, seat, section)))


def _derive(find: Callable[[Draw, Space], ParameterSlot], *said: Says) -> Breaks:
    """Put a derived value into a space."""

    def breaks(draw: Draw, space: Space) -> None:
        seat, section = find(draw, space), pick(draw, list(space.sections()))
        formula = pick(draw, said)(say(draw, space, seat, section))
        put(draw, space, {"type": "derived", "value": Said(formula)}, section=section)

    return breaks


def _at_the_end(said: Callable[[str, Integer], str]) -> Breaks:
    """Hang up a condition about a number and its bounds."""

    def breaks(draw: Draw, space: Space) -> None:
        seat = _number(draw, space)
        _hang(draw, space, seat, lambda name: said(name, _domain(seat)))

    return breaks


def _constraint(*said: Callable[[str, Integer], str]) -> Breaks:
    def breaks(draw: Draw, space: Space) -> None:
        seat = _number(draw, space)
        name = say(draw, space, seat, space.root)
        constrain(space, *(write(name, _domain(seat)) for write in said))

    return breaks


def _added(value: Callable[[Section], object]) -> Breaks:
    """Add something that is about itself."""

    def breaks(draw: Draw, space: Space) -> None:
        section = pick(draw, list(space.sections()))
        put(draw, space, value(section), key=NEW, section=section)

    return breaks


def _hopeless(draw: Draw, space: Space) -> None:
    seat = given(draw, space, lambda _: False, Leaf("given", Real(0.0, 1.0)))
    constrain(space, culprit(f"abs({say(draw, space, seat, space.root)} - 0.5) < 1e-9"))


def _shadow(draw: Draw, space: Space) -> None:
    seat = _number(draw, space)
    branches = {"a": {culprit(seat.entry.key): "uniform(0, 1)"}, "b": None}
    put(draw, space, {"choice": branches}, section=space.root)


EXPRESSIONS: Mapping[str, tuple[Code, Breaks]] = {
    "`=` for `==`": (Code.BAD_EXPRESSION, _of_number(lambda x: f"{x} {culprit('=')} 1")),
    "`&&` for `and`": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{x} > 1 {culprit('&&')} {x} < 3"),
    ),
    "a parenthesis in an expression that is never closed": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{culprit('(')}{x} > 1", lambda x: f"max{culprit('(')}{x}, 1 > 2"),
    ),
    "a function that there is not": (
        Code.BAD_EXPRESSION,
        _of_number(lambda x: f"{culprit('foo')}({x}) > 1"),
    ),
    "an expression that breaks off": (
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
    "a character that means nothing": (
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
    "a name that there is not": (
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
    "a text that is greater or smaller": (
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
    "a text to compute with": (
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
        _at_the_end(lambda x, domain: f"{x} == {culprit(str(domain.high + 1))}"),
    ),
}

RELATIONS: Mapping[str, tuple[Code, Breaks]] = {
    "a divisor that can be 0": (
        Code.DIVISION_BY_ZERO,
        _derive(
            lambda draw, space: given(draw, space, lambda _: False, Leaf("given", Integer(0, 4))),
            lambda x: f"1000 / {culprit(x)}",
            lambda x: f"1000 % ({culprit(f'{x} * 2')})",
        ),
    ),
    "a condition on itself": (
        Code.CYCLE,
        _added(lambda _: f"int(1, 8) when {culprit(f'{NEW} > 3')}"),
    ),
    "conditions in a circle": (
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
                "when": Said(culprit(f"{written_name(f'{section.scope}{NEW}.a.own')} > 3")),
            }
        ),
    ),
    "a derived value of itself": (
        Code.CYCLE,
        _added(lambda _: {"type": "derived", "value": Said(culprit(f"2 * {NEW}"))}),
    ),
    "a condition that never holds": (
        Code.NEVER_ACTIVE,
        _at_the_end(lambda x, domain: culprit(f"{x} > {domain.high}")),
    ),
    "a condition that contradicts itself": (
        Code.NEVER_ACTIVE,
        _at_the_end(lambda x, domain: culprit(f"{x} > {domain.low} and {x} <= {domain.low}")),
    ),
    "a condition that always holds": (
        Code.ALWAYS_ACTIVE,
        _at_the_end(lambda x, domain: culprit(f"{x} >= {domain.low}")),
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
    "one name for two kinds": (
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
