"""Generate well-typed expressions over a space, each true for some of its assignments."""

from collections.abc import Sequence
from typing import Any

from sweepwright.domains import Categorical, Ordinal
from sweepwright.expressions import Expression, Kind, Literal, Name, Unary, check, kind_of
from sweepwright.expressions.syntax import Call, Chain, Comparison, Conditional, Membership, Power
from tests.core.compiler.space.properties.model import (
    Choice,
    DerivedValue,
    Leaf,
    ParameterSlot,
    Section,
)
from tests.core.compiler.space.properties.oracle import Row, is_active, value_of
from tests.sweepwright.draws import Draw, chance, pick
from tests.sweepwright.expressions.reference_evaluator import NULL, evaluate

NUMBERS = (Kind.INTEGER, Kind.NUMBER)
_MIRRORED = {"<=": ">=", "<": ">", ">=": "<=", ">": "<"}


def kind(slot: ParameterSlot) -> Kind:
    """Return the kind of the values of a parameter."""
    match slot.entry:
        case DerivedValue(kind=known):
            return known
        case Leaf(domain=domain):
            return kind_of(domain)
    return Kind.TEXT


def satisfiable_condition(
    draw: Draw, slots: Sequence[ParameterSlot], section: Section
) -> Expression:
    """Generate a condition that, seven times in eight, is true in some row that has a section.

    Random conditions contradict each other in most spaces, and a space with a parameter that is
    never active does not compile.
    """
    expr = condition(draw, slots)
    if chance(draw, 8):
        return expr
    match evaluate(expr, _reachable_row(draw, slots, section)):
        case False:
            return Unary("not", expr)
        case None if not isinstance(expr, Name):
            return Unary("not", Call("active", (expr,)))
    return expr


def _reachable_row(draw: Draw, slots: Sequence[ParameterSlot], section: Section) -> Row:
    """Draw a row in which the branches around a section are taken."""
    parts = section.scope.split(".")[:-1]
    taken = {".".join(parts[: i + 1]): parts[i + 1] for i in range(0, len(parts), 2)}
    row: Row = {}
    for slot in slots:
        if is_active(slot, row):
            row[slot.name] = taken.get(slot.name) or _value(draw, slot, row)
    return row


def condition(draw: Draw, slots: Sequence[ParameterSlot]) -> Expression:
    """Generate a boolean expression over one or several parameters."""
    parts = [_atom(draw, slots) for _ in range(pick(draw, [1, 1, 1, 2, 3]))]
    if len(parts) == 1:
        return parts[0]
    operator = pick(draw, ["or", "and"])
    return Chain(parts[0], tuple((operator, part) for part in parts[1:]))


def _atom(draw: Draw, slots: Sequence[ParameterSlot]) -> Expression:
    slot = pick(draw, slots)
    if kind(slot) in NUMBERS:
        return _compared(draw, number(draw, slots), slots)
    expr = _about_choice(draw, slot)
    if not isinstance(expr, Name) and chance(draw, 5):
        expr = Call("active", (expr,))
    return Unary("not", expr) if chance(draw) else expr


def _about_choice(draw: Draw, slot: ParameterSlot) -> Expression:
    """Compare a choice with one of its values, or use a boolean choice as a condition."""
    name, known = Name(slot.name), _literals(slot)
    if isinstance(slot.entry, DerivedValue) and kind(slot) is not Kind.BOOLEAN:
        return Comparison(name, "==", name)
    if not known and kind(slot) is Kind.BOOLEAN:
        return name
    if not known or chance(draw, 4):
        return Call("active", (name,))
    if kind(slot) is Kind.BOOLEAN:
        return name
    if chance(draw):
        several = [pick(draw, known) for _ in range(pick(draw, [1, 2, 3]))]
        return Membership(name, tuple(several), chance(draw))
    return Comparison(name, pick(draw, ["==", "!="]), pick(draw, known))


def _literals(slot: ParameterSlot) -> list[Literal]:
    """List the values of a choice that are literals of the expression language."""
    match slot.entry:
        case Choice(branches=branches):
            return [Literal(branch.name) for branch in branches]
        case Leaf(domain=Categorical(choices=choices) | Ordinal(choices)):
            return [Literal(each) for each in choices if not isinstance(each, list | dict)]
    return []


def _compared(draw: Draw, expr: Expression, slots: Sequence[ParameterSlot]) -> Expression:
    """Compare a numeric expression with a value that it has for some assignment of the space."""
    operator = pick(draw, list(_MIRRORED))
    threshold = evaluate(expr, _row(draw, slots))
    if isinstance(threshold, float):
        threshold = float(f"{threshold:.4g}")
    literal = Literal(1 if threshold is None else threshold)
    if chance(draw):
        return Comparison(literal, _MIRRORED[operator], expr)
    return Comparison(expr, operator, literal)


def _row(draw: Draw, slots: Sequence[ParameterSlot]) -> Row:
    """Draw a value for every parameter, as if all were active."""
    row: Row = {}
    for slot in slots:
        row[slot.name] = _value(draw, slot, row)
    return row


def _value(draw: Draw, slot: ParameterSlot, row: Row) -> Any:
    match slot.entry:
        case Choice(branches=branches):
            return pick(draw, branches).name
        case Leaf(domain=domain):
            value = value_of(draw, domain)
            return NULL if value is None else value
        case DerivedValue(expression=expression):
            return evaluate(expression, row)


def number(draw: Draw, slots: Sequence[ParameterSlot]) -> Expression:
    """Generate a numeric expression over one or two parameters."""
    names = [Name(slot.name) for slot in slots if kind(slot) in NUMBERS]
    first, second = pick(draw, names), pick(draw, names)
    forms: list[Expression] = [
        first,
        first,
        Chain(first, (("+", second),)),
        Chain(first, (("*", second),)),
        Chain(first, (("-", second), ("+", Literal(2)))),
        Chain(first, (("*", second), ("//", Literal(3)))),
        Chain(first, (("/", second),)),
        Chain(first, (("%", Literal(3)),)),
        Chain(Literal(1000), (("//", first),)),
        Power(first, Literal(2)),
        Unary("-", first),
        Call("max", (first, second, Literal(0.5))),
        Call("min", (first, second)),
        Call("abs", (first,)),
        Call("round", (first,)),
        Call("sqrt", (Call("abs", (first,)),)),
        Conditional(first, Comparison(first, "<", second), Literal(1)),
    ]
    return pick(draw, forms)


def constraint(draw: Draw, slots: Sequence[ParameterSlot]) -> Expression:
    """Generate a constraint that most assignments satisfy."""
    if not any(kind(slot) in NUMBERS for slot in slots):
        return condition(draw, slots)
    expr = number(draw, slots)
    found = [evaluate(expr, _row(draw, slots)) for _ in range(3)]
    known = sorted(value for value in found if value is not None) or [1]
    operator, threshold = pick(draw, [("<=", known[-1]), (">=", known[0])])
    return Comparison(expr, operator, Literal(threshold))


def derived(draw: Draw, slots: Sequence[ParameterSlot]) -> tuple[Expression, Kind]:
    """Generate the expression of a derived value, and its kind."""
    known = {slot.name: kind(slot) for slot in slots}
    texts = [slot for slot in slots if kind(slot) is Kind.TEXT]
    numeric = any(kind(slot) in NUMBERS for slot in slots)
    if numeric and pick(draw, [True, True, True, False]):
        expr = number(draw, slots)
        return expr, check(expr, known)[0] or Kind.NUMBER
    if texts and chance(draw):
        return Name(pick(draw, texts).name), Kind.TEXT
    return condition(draw, slots), Kind.BOOLEAN
