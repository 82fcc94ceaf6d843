"""Every notation of a domain or a nested choice gives the same drafts."""

import pytest

from sweepwright.space import (
    Categorical,
    Condition,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
)
from tests.core.compiler.space.syntax.drafting import domain, parameters

SAME: list[tuple[Domain, list[str]]] = [
    (
        Real(1e-4, 1e-1, log=True),
        [
            "loguniform(1e-4, 1e-1)",
            "loguniform(high=0.1, low=0.0001)",
            "uniform(1e-4, 1e-1, log=true)",
            "{type: loguniform, low: 1e-4, high: 1e-1}",
            "{type: uniform, low: 1e-4, high: 1e-1, log: true}",
            "{_type: loguniform, _value: [1e-4, 1e-1]}",
            "tag(log, interval(1e-4, 1e-1))",
            "tag(fast, log, float(interval(1e-4, 1e-1)))",
        ],
    ),
    (
        Real(0.0, 10.0, step=2.5, clip=True),
        [
            "uniform(0, 10, step=2.5, clip=true)",
            "{type: uniform, low: 0, high: 10, step: 2.5, clip: true}",
            "{_type: quniform, _value: [0, 10, 2.5]}",
        ],
    ),
    (
        Real(1.0, 64.0, log=True, step=1.0, clip=True),
        [
            "loguniform(1, 64, step=1, clip=true)",
            "{type: loguniform, low: 1, high: 64, step: 1, clip: true}",
            "{_type: qloguniform, _value: [1, 64, 1]}",
        ],
    ),
    (
        Integer(0, 7),
        [
            "int(0, 7)",
            "{type: int, low: 0, high: 7}",
            "{_type: randint, _value: [0, 8]}",
            "{_type: randint, _value: [-0.5, 7.5]}",
            "range(8)",
            "range(0, 8)",
            "range(start=0, stop=8)",
            "int(interval(0, 7))",
            "int(interval(0.5, 7.9))",
            "shuffle(range(8))",
        ],
    ),
    (
        Integer(1, 1024, log=True),
        [
            "int(1, 1024, log=true)",
            "{type: int, low: 1, high: 1024, log: true}",
            "tag(log, int(interval(1, 1024)))",
            "int(tag(log, interval(1, 1024)))",
            "tag(log, range(1, 1025))",
        ],
    ),
    (
        Integer(0, 8, step=2),
        [
            "int(0, 8, step=2)",
            "int(uniform(0.5, 8.5, step=2))",
            "int(uniform(0, 8, 2))",
            "int(uniform(high=8.5, low=0.5, step=2))",
        ],
    ),
    (
        Real(2.0, 8.0, step=2.0),
        ["float(int(2, 8, step=2))", "float(int(2, 8, false, 2))"],
    ),
    (
        Real(1.0, 8.0, log=True, step=1.0),
        ["float(int(1, 8, log=true))", "float(tag(log, range(1, 9)))"],
    ),
    (
        Normal(0.0, 1.0),
        [
            "normal(0, 1)",
            "float(normal(0, 1))",
            "{type: normal, mean: 0, std: 1}",
            "{_type: normal, _value: [0, 1]}",
        ],
    ),
    (
        Normal(0.0, 1.0, log=True, step=0.5),
        [
            "lognormal(0, 1, step=0.5)",
            "normal(0, 1, 0.5, log=true)",
            "tag(log, normal(0, 1, 0.5))",
            "{type: lognormal, mean: 0, std: 1, step: 0.5}",
            "{_type: qlognormal, _value: [0, 1, 0.5]}",
        ],
    ),
    (
        Normal(0.0, 1.0, step=0.5),
        ["normal(0, 1, step=0.5)", "{_type: qnormal, _value: [0, 1, 0.5]}"],
    ),
    (
        Categorical(("relu", "tanh")),
        [
            "choice(relu, tanh)",
            "{type: choice, values: [relu, tanh]}",
            "{_type: choice, _value: [relu, tanh]}",
            "sort(relu, tanh)",
            "shuffle(choice(relu, tanh))",
            "sort([relu, tanh], reverse=true)",
            "tag(log, choice(relu, tanh))",
        ],
    ),
    (
        Categorical(("relu", "tanh"), (3.0, 1.0)),
        [
            "choice(relu, tanh, weights=[3, 1])",
            "{type: choice, values: [relu, tanh], weights: [3, 1]}",
        ],
    ),
    (
        Categorical((None, [1, 2], {"a": 1})),
        [
            "'choice(null, [1, 2], {a: 1})'",
            "{type: choice, values: [null, [1, 2], {a: 1}]}",
            "{_type: choice, _value: [null, [1, 2], {a: 1}]}",
        ],
    ),
    (
        Ordinal(("small", "medium", "large")),
        ["ordinal(small, medium, large)", "{type: ordinal, values: [small, medium, large]}"],
    ),
    (Ordinal((1, 3, 5, 7)), ["ordinal(1, 3, 5, 7)", "range(1, 8, 2)"]),
    (Ordinal((3, 2, 1)), ["ordinal(3, 2, 1)", "range(3, 0, -1)"]),
    (Ordinal((0.0, 0.1, 0.2)), ["ordinal(0.0, 0.1, 0.2)", "range(0, 0.3, 0.1)"]),
    (Ordinal((1.0, 2.0)), ["ordinal(1.0, 2.0)", "float(range(1, 3))"]),
    (Categorical((1, 2)), ["choice(1, 2)", 'int(choice(1.5, "2"))']),
    (Categorical(("1", "true")), ['choice("1", "true")', "str(choice(1, true))"]),
    (Categorical((False, True)), ["choice(false, true)", "bool(choice(0, 'true'))"]),
    (Categorical((0.5,)), ["0.5", "choice(0.5)", "{type: choice, values: [0.5]}"]),
    (Real(99.9, 99.9), ["{_type: uniform, _value: [99.9, 99.9]}"]),
    (Real(2.0, 2.0, log=True, step=1.0, clip=True), ["{_type: qloguniform, _value: [2, 2, 1]}"]),
    (Integer(10, 10), ["{_type: randint, _value: [10, 11]}"]),
    (Real(-5.5, -0.5, step=6.0, clip=True), ["{_type: quniform, _value: [-5.5, -0.5, 6]}"]),
    (Categorical((1,)), ["{_type: choice, _value: [1]}"]),
]


@pytest.mark.parametrize(
    ("expected", "notation"),
    [(expected, notation) for expected, notations in SAME for notation in notations],
)
def test_every_notation_of_a_domain_gives_the_same(expected: Domain, notation: str) -> None:
    made = domain(notation)

    assert made == expected
    assert repr(made) == repr(expected)


NESTED = [
    Parameter(
        "optimizer", Nested(("sgd", "adam"), (3.0, 1.0)), ("optimizer",), None, default="sgd"
    ),
    Parameter(
        "optimizer.sgd.momentum",
        Real(0.0, 1.0),
        ("optimizer", "momentum"),
        Condition("optimizer", (0,)),
        default=0.9,
    ),
]


@pytest.mark.parametrize(
    "notation",
    [
        """
        optimizer:
          choice:
            sgd: {momentum: "uniform(0, 1) = 0.9"}
            adam: {}
          weights: {sgd: 3}
          default: sgd
        """,
        """
        optimizer:
          choice:
            sgd: {momentum: {type: uniform, low: 0, high: 1, default: 0.9}}
            adam:
          weights: [3, 1]
          default: sgd
        """,
    ],
)
def test_every_notation_of_a_nested_choice_gives_the_same(notation: str) -> None:
    assert parameters(notation) == NESTED
