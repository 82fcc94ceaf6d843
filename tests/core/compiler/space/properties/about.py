"""Draws expressions about the parameters of a space, each true of some of its assignments."""

from collections.abc import Sequence

from sweepwright.domains import Categorical, Ordinal
from sweepwright.expressions import Expression, Kind, Literal, Name, Unary, check, kind_of
from sweepwright.expressions.syntax import Call, Chain, Comparison, Conditional, Membership, Power
from tests.core.compiler.space.properties.drawn import Draw, perhaps, pick
from tests.core.compiler.space.properties.meant import Choice, Computed, Leaf, ParameterSlot
from tests.core.compiler.space.properties.reference import Row, value_of
from tests.sweepwright.expressions.trees import NULL, compute

NUMBERS = (Kind.INTEGER, Kind.NUMBER)
_MIRRORED = {"<=": ">=", "<": ">", ">=": "<=", ">": "<"}


def kind(seat: ParameterSlot) -> Kind:
    """Tell of what kind the values of a parameter are."""
    match seat.entry:
        case Computed(kind=known):
            return known
        case Leaf(domain=domain):
            return kind_of(domain)
    return Kind.TEXT


def condition(draw: Draw, seats: Sequence[ParameterSlot]) -> Expression:
    """Draw something that is true or false, of one or several parameters."""
    parts = [_atom(draw, seats) for _ in range(pick(draw, [1, 1, 1, 2, 3]))]
    if len(parts) == 1:
        return parts[0]
    operator = pick(draw, ["or", "and"])
    return Chain(parts[0], tuple((operator, part) for part in parts[1:]))


def _atom(draw: Draw, seats: Sequence[ParameterSlot]) -> Expression:
    seat = pick(draw, seats)
    if kind(seat) in NUMBERS:
        return _compared(draw, number(draw, seats), seats)
    said = _about_choice(draw, seat)
    if not isinstance(said, Name) and perhaps(draw, 5):
        said = Call("active", (said,))
    return Unary("not", said) if perhaps(draw) else said


def _about_choice(draw: Draw, seat: ParameterSlot) -> Expression:
    """Compare a choice with what it can be, or name one that is true or false."""
    name, known = Name(seat.name), _literals(seat)
    if isinstance(seat.entry, Computed) and kind(seat) is not Kind.BOOLEAN:
        return Comparison(name, "==", name)
    if not known and kind(seat) is Kind.BOOLEAN:
        return name
    if not known or perhaps(draw, 4):
        return Call("active", (name,))
    if kind(seat) is Kind.BOOLEAN:
        return name
    if perhaps(draw):
        several = [pick(draw, known) for _ in range(pick(draw, [1, 2, 3]))]
        return Membership(name, tuple(several), perhaps(draw))
    return Comparison(name, pick(draw, ["==", "!="]), pick(draw, known))


def _literals(seat: ParameterSlot) -> list[Literal]:
    """List the plain values of a choice, which can be written in an expression."""
    match seat.entry:
        case Choice(branches=branches):
            return [Literal(branch.name) for branch in branches]
        case Leaf(domain=Categorical(choices=choices) | Ordinal(choices)):
            return [Literal(each) for each in choices if not isinstance(each, list | dict)]
    return []


def _compared(draw: Draw, said: Expression, seats: Sequence[ParameterSlot]) -> Expression:
    """Compare a number with one that it comes to somewhere in the space."""
    operator = pick(draw, list(_MIRRORED))
    threshold = compute(said, _row(draw, seats))
    if isinstance(threshold, float):
        threshold = float(f"{threshold:.4g}")
    literal = Literal(1 if threshold is None else threshold)
    if perhaps(draw):
        return Comparison(literal, _MIRRORED[operator], said)
    return Comparison(said, operator, literal)


def _row(draw: Draw, seats: Sequence[ParameterSlot]) -> Row:
    """Draw a value for every parameter, as though all were active."""
    row: Row = {}
    for seat in seats:
        match seat.entry:
            case Choice(branches=branches):
                row[seat.name] = pick(draw, branches).name
            case Leaf(domain=domain):
                value = value_of(draw, domain)
                row[seat.name] = NULL if value is None else value
            case Computed(expression=expression):
                row[seat.name] = compute(expression, row)
    return row


def number(draw: Draw, seats: Sequence[ParameterSlot]) -> Expression:
    """Draw something that is computed of one or two parameters."""
    names = [Name(seat.name) for seat in seats if kind(seat) in NUMBERS]
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


def constraint(draw: Draw, seats: Sequence[ParameterSlot]) -> Expression:
    """Draw something that most assignments meet."""
    if not any(kind(seat) in NUMBERS for seat in seats):
        return condition(draw, seats)
    said = number(draw, seats)
    found = [compute(said, _row(draw, seats)) for _ in range(3)]
    known = sorted(value for value in found if value is not None) or [1]
    operator, threshold = pick(draw, [("<=", known[-1]), (">=", known[0])])
    return Comparison(said, operator, Literal(threshold))


def derived(draw: Draw, seats: Sequence[ParameterSlot]) -> tuple[Expression, Kind]:
    """Draw something to be derived, and its kind."""
    known = {seat.name: kind(seat) for seat in seats}
    texts = [seat for seat in seats if kind(seat) is Kind.TEXT]
    numeric = any(kind(seat) in NUMBERS for seat in seats)
    if numeric and pick(draw, [True, True, True, False]):
        said = number(draw, seats)
        return said, check(said, known)[0] or Kind.NUMBER
    if texts and perhaps(draw):
        return Name(pick(draw, texts).name), Kind.TEXT
    return condition(draw, seats), Kind.BOOLEAN
