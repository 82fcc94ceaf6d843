"""Draws random spaces: nested, conditional and constrained, with names of every kind."""

from collections.abc import Sequence

from hypothesis import strategies as st

from sweepwright.expressions import Expression
from tests.core.compiler.space.properties.about import condition, constraint, derived
from tests.core.compiler.space.properties.drawn import Draw, perhaps, pick
from tests.core.compiler.space.properties.meant import (
    Branch,
    Choice,
    Computed,
    Leaf,
    ParameterSlot,
    Section,
    Space,
)
from tests.core.compiler.space.properties.reference import assignment, broken, row_of, value_of
from tests.core.compiler.space.properties.usual import domain

USUAL = ["lr", "momentum", "size", "depth", "kind", "rate", "x", "y", "optimizer", "sgd", "adam"]
ODD = [
    *[
        "learning-rate",
        "a b",
        "größe",
        "2nd",
        "x:y",
        "it's",
        'a"b',
        "#1",
        "~",
        "-",
        "日本",
        "\N{GOTHIC LETTER AHSA}",
    ],
    *["a/b", "x=1", "{x}", "[0]", "*", "&a", "a, b", "a: b", "a #b", "when", "in", "true", "and"],
    *["choice", "type", "_type", "_value", "weights", "default", "values", "log", "min", "null"],
    *[
        "active",
        "x·y",
        "if",
        "else",
        "None",
        "1e5",
        "-1",
        "a\tb",
        "a\nb",
        " ",
        "a ",
        "constraints",
    ],
]
ANY = st.text(min_size=1, max_size=6).filter(lambda name: not {*".`$\ue000\ue001"} & {*name})
OF_THE_SPACE = ("constraints", "start", "nni")
"""Keys at the top whose value may be no parameter."""
MOST = 10
"""Parameters and derived values of a space."""
DEEPEST = 4


@st.composite
def spaces(draw: st.DrawFn, *, related: bool = True) -> Space:
    """Draw a space; `related` is with conditions, constraints, derived values and a start."""
    return _Drawer(draw, related=related).space()


class _Drawer:
    def __init__(self, draw: Draw, *, related: bool) -> None:
        self._draw = draw
        self._related = related
        self._space = Space()
        self._left = MOST

    def space(self) -> Space:
        space = self._space
        self._fill(space.root, pick(self._draw, range(1, DEEPEST + 1)), OF_THE_SPACE)
        if not space.order:
            self._add(Leaf("only", domain(self._draw)), space.root, 1)
        if self._related:
            constraints = range(pick(self._draw, [0, 0, 1, 1, 2]))
            space.constraints = [constraint(self._draw, space.order) for _ in constraints]
            drawn = [assignment(self._draw, space) for _ in range(pick(self._draw, [0, 0, 1, 2]))]
            space.start = [each for each in drawn if not broken(space, row_of(space, each))]
        return space

    def _fill(self, section: Section, depth: int, kept: Sequence[str]) -> None:
        """Fill a section with parameters under other keys than those that are kept."""
        for _ in range(pick(self._draw, [1, 0, 2, 3] if section.scope else [2, 3, 4, 1])):
            key = self._name([*self._keys(section), *kept])
            if key and self._left > 0:
                self._left -= 1
                self._add(self._entry(key, section, depth), section, depth)

    def _keys(self, section: Section) -> list[str]:
        return [entry.key for entry in section.entries]

    def _name(self, taken: list[str]) -> str | None:
        names = pick(self._draw, [USUAL, USUAL, ODD, None])
        name = pick(self._draw, names) if names else self._draw(ANY)
        return None if name in (*taken, "_name") else name

    def _add(self, entry: Leaf | Choice | Computed, section: Section, depth: int) -> None:
        section.entries.append(entry)
        self._space.order.append(ParameterSlot(f"{section.scope}{entry.key}", entry, section))
        for branch in entry.branches if isinstance(entry, Choice) else ():
            self._fill(branch.section, depth - 1, ["when"] if branch.condition else [])

    def _entry(self, key: str, section: Section, depth: int) -> Leaf | Choice | Computed:
        said = self._condition(section, one_in=2)
        kind = pick(self._draw, ["leaf", "leaf", "choice", "choice", "computed"])
        if kind == "computed" and self._can_be_computed(key):
            return Computed(key, *derived(self._draw, self._space.order), said)
        if kind == "choice" and depth > 1:
            return self._choice(key, section, said)
        given = domain(self._draw)
        default = value_of(self._draw, given) if perhaps(self._draw) else None
        return Leaf(key, given, default, said)

    def _can_be_computed(self, key: str) -> bool:
        related = self._related and bool(self._space.order)
        return related and key not in ("when", *OF_THE_SPACE)

    def _choice(self, key: str, around: Section, said: Expression | None) -> Choice:
        count = pick(self._draw, [2, 1, 3])
        names = dict.fromkeys(self._name([]) or "only" for _ in range(count))
        branches = [self._branch(name, f"{around.scope}{key}", around) for name in names]
        weights = {name: pick(self._draw, [1, 2, 0.5]) for name in names if perhaps(self._draw)}
        default = pick(self._draw, [None, branches[-1].name])
        return Choice(key, branches, weights or None, default, said)

    def _branch(self, name: str, choice: str, around: Section) -> Branch:
        section = Section(f"{choice}.{name}.", choice, name)
        return Branch(name, section, self._condition(around, one_in=4))

    def _condition(self, section: Section, *, one_in: int) -> Expression | None:
        if not (self._related and self._space.order and perhaps(self._draw, one_in)):
            return None
        near = [seat for seat in self._space.order if section.scope.startswith(seat.section.scope)]
        return condition(self._draw, self._space.order if perhaps(self._draw, 4) else near)
