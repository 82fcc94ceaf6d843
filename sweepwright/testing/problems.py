"""Problems of the tuner suite: all kinds of domain, and spaces that are hard to search."""

from collections.abc import Mapping

from sweepwright.contracts import Problem
from sweepwright.expressions import parse
from sweepwright.space import (
    Categorical,
    Condition,
    Derived,
    Domain,
    Integer,
    Nested,
    Normal,
    Ordinal,
    Parameter,
    Real,
    SearchSpace,
)


def space(**domains: Domain) -> SearchSpace:
    """Build a space without conditions from named domains."""
    return SearchSpace([Parameter(name, domain) for name, domain in domains.items()])


def nested_space() -> SearchSpace:
    """Build a space with four levels of nested choices, in which two branches share a name."""
    return SearchSpace(
        [
            Parameter("seed", Integer(0, 9)),
            Parameter("model", Nested(("linear", "net"))),
            _under("model", 0, "model.linear.l2", Real(1e-6, 1, log=True), "model", "l2"),
            _under("model", 1, "model.net.l2", Categorical((0, 0.1)), "model", "l2"),
            _under("model", 1, "model.net.layer", Nested(("conv", "pool")), "model", "layer"),
            _under("model.net.layer", 0, "kernel", Integer(2, 8, step=2), *_LAYER, "kernel"),
            _under("model.net.layer", 0, "norm", Nested(("none", "batch")), *_LAYER, "norm"),
            _under("norm", 1, "decay", Real(0.8, 1.0), *_LAYER, "norm", "decay"),
            _under("norm", 1, "order", Categorical(("first", "last")), *_LAYER, "norm", "order"),
            _under("order", 1, "gain", Normal(1, 0.1), *_LAYER, "norm", "gain"),
        ]
    )


_LAYER = ("model", "layer")


def _under(parent: str, choice: int, name: str, domain: Domain, *path: str) -> Parameter:
    return Parameter(name, domain, path, Condition(parent, (choice,)))


def _finite_space() -> SearchSpace:
    return SearchSpace(
        [
            Parameter("size", Integer(1, 4)),
            Parameter("kind", Nested(("plain", "deep"))),
            _under("kind", 1, "kind.deep.layers", Integer(2, 4), "kind", "layers"),
            _under("kind", 1, "kind.deep.rate", Real(0, 0.3, step=0.1), "kind", "rate"),
        ]
    )


def _constrained_space() -> SearchSpace:
    """Build a space that contains all ways in which parameters can depend on one another."""
    weighted = Nested(("sgd", "adam"), (3.0, 1.0))
    return SearchSpace(
        [
            Parameter("optimizer", weighted),
            _under("optimizer", 0, "optimizer.sgd.momentum", Real(0, 1), "optimizer", "momentum"),
            Parameter(
                "optimizer.sgd.nesterov",
                Categorical((True, False)),
                ("optimizer", "nesterov"),
                Condition("optimizer", (0,)),
                condition=parse("optimizer.sgd.momentum > 0.5"),
            ),
            Parameter("batch", Ordinal((16, 32, 64, 128))),
            Parameter("hidden", Integer(16, 4096, log=True)),
            Parameter("drop", Real(0, 0.5, step=0.2, clip=True), condition=parse("hidden > 64")),
        ],
        [parse("batch * hidden <= 65536"), parse('optimizer != "adam" or batch >= 32')],
        [
            Derived("steps", parse("100000 // batch")),
            Derived(
                "optimizer.sgd.slow",
                parse("1 - optimizer.sgd.momentum"),
                ("optimizer", "slow"),
                Condition("optimizer", (0,)),
            ),
        ],
    )


def _wide_space() -> SearchSpace:
    """Build a space of 100 parameters of several kinds, of which 10 are conditional."""
    kinds: tuple[Domain, ...] = (
        Real(0, 1),
        Real(1e-4, 1, log=True),
        Integer(0, 20),
        Real(0, 1, step=0.05),
        Nested(("on", "off")),
        Normal(0, 1),
        Categorical(("a", "b", "c", "d")),
        Integer(1, 1000, log=True),
        Ordinal((1, 10, 100)),
    )
    groups = [
        [Parameter(f"x{group}_{kind}", domain) for kind, domain in enumerate(kinds)]
        + [_under(f"x{group}_4", 0, f"y{group}", Real(0, 1), f"x{group}_4", "y")]
        for group in range(10)
    ]
    return SearchSpace([parameter for group in groups for parameter in group])


PROBLEMS: Mapping[str, Problem] = {
    "smooth": Problem(
        space(rate=Real(1e-5, 1e-1, log=True), momentum=Real(0, 1), noise=Normal(0, 1)),
        concurrency=4,
    ),
    "every_kind": Problem(
        space(
            uniform=Real(-1, 1),
            stepped=Real(0, 1, step=0.1),
            log_stepped=Real(0.1, 10, log=True, step=0.1),
            integer=Integer(-3, 12),
            log_integer=Integer(1, 1024, log=True),
            even=Integer(2, 64, step=2),
            normal=Normal(5, 2, step=0.25),
            log_normal=Normal(0, 1, log=True),
            choice=Categorical((1, 1.5, "a", True, None)),
            weighted=Categorical(("a", "b"), (1.0, 4.0)),
            ordered=Ordinal(("small", "medium", "large")),
            clipped=Real(2, 10, step=5, clip=True),
        ),
        concurrency=4,
    ),
    "nested": Problem(nested_space(), concurrency=4),
    "finite": Problem(_finite_space(), concurrency=4),
    "constrained": Problem(_constrained_space(), concurrency=4),
    "discrete": Problem(
        space(batch=Integer(8, 256, step=8), kind=Categorical(("a", "b", "c"))), concurrency=4
    ),
    "one_value": Problem(
        space(fixed=Real(3, 3), count=Integer(5, 5), only=Categorical((64,))), concurrency=4
    ),
    "many_choices": Problem(
        space(word=Categorical(tuple(f"w{i}" for i in range(1000))), scale=Real(0, 1)),
        concurrency=4,
    ),
    "many_parameters": Problem(_wide_space(), concurrency=4),
}
"""Mapping from name to problem; the suite runs each test once per problem."""
