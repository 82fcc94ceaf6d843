"""Generate models of spaces: nested, conditional and constrained, with names of every kind."""

from collections.abc import Sequence

from hypothesis import strategies as st

from sweepwright.expressions import Expression
from tests.core.compiler.space.properties.domain_generators import domain
from tests.core.compiler.space.properties.expression_generators import (
    constraint,
    derived,
    satisfiable_condition,
)
from tests.core.compiler.space.properties.model import (
    Branch,
    Choice,
    DerivedValue,
    Leaf,
    ParameterSlot,
    Section,
    SpaceModel,
)
from tests.core.compiler.space.properties.oracle import (
    assignment,
    row_of,
    value_of,
    violated_expressions,
)
from tests.sweepwright.draws import Draw, chance, pick

COMMON_NAMES = [
    "lr",
    "momentum",
    "size",
    "depth",
    "kind",
    "rate",
    "x",
    "y",
    "optimizer",
    "sgd",
    "adam",
]
ODD_NAMES = [
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
ANY_NAME = st.text(min_size=1, max_size=6).filter(lambda name: not {*".`$\ue000\ue001"} & {*name})
TOP_LEVEL_KEYS = ("constraints", "start", "nni")
"""Top-level keys whose value may be something other than a parameter."""
MAX_ENTRIES = 10
"""Largest number of parameters and derived values in a space."""
MAX_DEPTH = 4


@st.composite
def spaces(draw: st.DrawFn, *, related: bool = True) -> SpaceModel:
    """Generate a space; `related` adds expressions and starting assignments."""
    return _SpaceGenerator(draw, related=related).space()


class _SpaceGenerator:
    def __init__(self, draw: Draw, *, related: bool) -> None:
        self._draw = draw
        self._related = related
        self._space = SpaceModel()
        self._left = MAX_ENTRIES

    def space(self) -> SpaceModel:
        space = self._space
        self._fill(space.root, pick(self._draw, range(1, MAX_DEPTH + 1)), TOP_LEVEL_KEYS)
        if not space.order:
            self._add(Leaf("only", domain(self._draw)), space.root, 1)
        if self._related:
            constraints = range(pick(self._draw, [0, 0, 1, 1, 2]))
            space.constraints = [constraint(self._draw, space.order) for _ in constraints]
            drawn = [assignment(self._draw, space) for _ in range(pick(self._draw, [0, 0, 1, 2]))]
            space.start = [
                each for each in drawn if not violated_expressions(space, row_of(space, each))
            ]
        return space

    def _fill(self, section: Section, depth: int, kept: Sequence[str]) -> None:
        """Fill a section with parameters, under keys that are not reserved."""
        for _ in range(pick(self._draw, [1, 0, 2, 3] if section.scope else [2, 3, 4, 1])):
            key = self._name([*self._keys(section), *kept])
            if key and self._left > 0:
                self._left -= 1
                self._add(self._entry(key, section, depth), section, depth)

    def _keys(self, section: Section) -> list[str]:
        return [entry.key for entry in section.entries]

    def _name(self, taken: list[str]) -> str | None:
        names = pick(self._draw, [COMMON_NAMES, COMMON_NAMES, ODD_NAMES, None])
        name = pick(self._draw, names) if names else self._draw(ANY_NAME)
        return None if name in (*taken, "_name") else name

    def _add(self, entry: Leaf | Choice | DerivedValue, section: Section, depth: int) -> None:
        section.entries.append(entry)
        self._space.order.append(ParameterSlot(f"{section.scope}{entry.key}", entry, section))
        for branch in entry.branches if isinstance(entry, Choice) else ():
            self._fill(branch.section, depth - 1, ["when"] if branch.condition else [])

    def _entry(self, key: str, section: Section, depth: int) -> Leaf | Choice | DerivedValue:
        expr = self._condition(section, one_in=2)
        kind = pick(self._draw, ["leaf", "leaf", "choice", "choice", "computed"])
        if kind == "computed" and self._can_be_computed(key):
            return DerivedValue(key, *derived(self._draw, self._space.order), expr)
        if kind == "choice" and depth > 1:
            return self._choice(key, section, expr)
        given = domain(self._draw)
        default = value_of(self._draw, given) if chance(self._draw) else None
        return Leaf(key, given, default, expr)

    def _can_be_computed(self, key: str) -> bool:
        related = self._related and bool(self._space.order)
        return related and key not in ("when", *TOP_LEVEL_KEYS)

    def _choice(self, key: str, around: Section, expr: Expression | None) -> Choice:
        count = pick(self._draw, [2, 1, 3])
        names = dict.fromkeys(self._name([]) or "only" for _ in range(count))
        branches = [self._branch(name, f"{around.scope}{key}", around) for name in names]
        weights = {name: pick(self._draw, [1, 2, 0.5]) for name in names if chance(self._draw)}
        default = pick(self._draw, [None, branches[-1].name])
        return Choice(key, branches, weights or None, default, expr)

    def _branch(self, name: str, choice: str, around: Section) -> Branch:
        section = Section(f"{choice}.{name}.", choice, name)
        return Branch(name, section, self._condition(around, one_in=4))

    def _condition(self, section: Section, *, one_in: int) -> Expression | None:
        if not (self._related and self._space.order and chance(self._draw, one_in)):
            return None
        near = [slot for slot in self._space.order if section.scope.startswith(slot.section.scope)]
        slots = self._space.order if chance(self._draw, 4) else near
        return satisfiable_condition(self._draw, slots, section)
