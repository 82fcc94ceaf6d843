"""Any value that YAML can represent is drafted or reported."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.contracts import TunerProvider
from sweepwright.core.compiler.error_recovery import INVALID
from sweepwright.core.compiler.settings import Settings
from sweepwright.core.compiler.space.draft import draft_space
from sweepwright.core.compiler.spans import Spans
from sweepwright.core.compiler.stages import Bound, BoundProvider, Resolved
from sweepwright.core.plan.plan import Selection
from sweepwright.diagnostics import Report
from sweepwright.domains import fault
from tests.core.stub_plugins import NoOptions, build

KEYS = st.sampled_from(
    [
        *("type", "low", "high", "log", "step", "clip", "mean", "std", "values", "weights"),
        *("value", "default", "when", "choice", "_type", "_value", "_name", "nni", "space"),
        *("file", "version", "names", "constraints", "start", "a", "b", "a.b", "", 3, True, None),
    ]
)
WORDS = st.sampled_from(
    [
        *("uniform", "loguniform", "int", "normal", "choice", "ordinal", "derived", "randint"),
        *("quniform", "qloguniform", "qnormal", "lognormal", "v0", "v1", "a", "b", "1e-7", "0.5"),
        *("int(1, 8)", "choice(a, b)", "uniform(1, 0) = 3 when a", "a * 2 when b", "range(8)"),
        *(
            "tag(log, interval(1, 8))",
            "int(choice(a))",
            "choice({a: [1]}, weights=[1])",
            "glob(x)",
        ),
        *("sort()", "str(range(3))", "float(int(1))", "choice(", "when", "a when", "", " "),
    ]
)
SCALARS = st.one_of(
    WORDS,
    st.text(max_size=4),
    st.integers(-3, 9) | st.sampled_from([2**53 + 1, -(10**400)]),
    st.floats() | st.sampled_from([0.0, 0.1, 1e300, 1e308]),
    st.booleans() | st.none() | st.just(INVALID) | st.just(b"x"),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


def specs(inner: Any) -> Any:
    kinds = st.sampled_from(["choice", "randint", "uniform", "quniform", "qloguniform", "normal"])
    return st.fixed_dictionaries({"_type": kinds, "_value": st.lists(inner, max_size=4)})


SPECS = st.recursive(
    SCALARS | specs(SCALARS),
    lambda inner: (
        specs(inner)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.lists(inner, max_size=3)
        | specs(st.fixed_dictionaries({"_name": WORDS, "x": inner}))
        | specs(st.tuples(WORDS, inner).map(list) | WORDS)
    ),
    max_leaves=12,
)


@given(
    tree=st.dictionaries(KEYS, VALUES | SPECS, max_size=4) | VALUES,
    options=st.sampled_from([{}, {"assignments": []}]),
)
@settings(deadline=None)
def test_a_space_of_any_shape_is_drafted_or_reported(tree: Any, options: dict[str, Any]) -> None:
    resolved = Resolved({"space": tree}, Spans(), Settings(), budget_valid=True, overrides=())
    tuner = BoundProvider(
        TunerProvider("x", NoOptions, build), Selection("tuner", "x", options), options_valid=True
    )
    report = Report()
    drafted = draft_space(Bound(resolved, {"tuner": tuner}), report)

    assert not (drafted.complete and report.failed)
    assert not any(fault(draft.parameter.domain) for draft in drafted.parameters)
    for found in report:
        assert "\n" not in found.message
