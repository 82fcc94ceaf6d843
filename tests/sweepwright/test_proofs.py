"""Proofs find the conditions that are always or never true in a space."""

import pytest

from sweepwright.expressions import parse
from sweepwright.space import (
    Categorical,
    Condition,
    Integer,
    Nested,
    Normal,
    Parameter,
    Real,
    SearchSpace,
)
from sweepwright.space.proofs import Verdict, prove, prove_active

SPACE = SearchSpace(
    [
        Parameter("opt", Nested(("sgd", "adam"))),
        Parameter("mom", Real(0, 1), ("opt", "mom"), Condition("opt", (0,))),
        Parameter("lr", Real(1e-5, 1, log=True)),
        Parameter("bs", Categorical((16, 32, 64))),
        Parameter("bell", Normal(0, 1)),
        Parameter("logbell", Normal(0, 1, log=True)),
        Parameter("width", Integer(1, 4096, log=True)),
        Parameter("cut", Real(0, 1, step=0.1)),
        Parameter("extra", Real(0, 1), condition=parse("mom > 0.5")),
        Parameter("idle", Real(0, 1), condition=parse("mom > 2")),
    ]
)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("lr > 0", Verdict.ALWAYS),
        ("lr > 0.5 and lr < 0.2", Verdict.NEVER),
        ("lr > 0.2 and lr < 0.21", Verdict.SOMETIMES),
        ("opt == 'sgd' and opt == 'adam'", Verdict.NEVER),
        ("opt == 'sgd' or opt == 'adam'", Verdict.ALWAYS),
        ("bs * width <= 64 * 4096", Verdict.ALWAYS),
        ("bs * width <= 4", Verdict.NEVER),
        ("bs % 16 == 0", Verdict.ALWAYS),
        ("bell ** 2 < 0", Verdict.NEVER),
        ("bell > -5", Verdict.SOMETIMES),
        ("bell < 5 and bell > 6", Verdict.NEVER),
        ("logbell > 3 and logbell < 2", Verdict.NEVER),
        ("cut == 0.3 and cut > 0.25", Verdict.SOMETIMES),
        ("cut * 10 == 3.3", Verdict.NEVER),
        ("width // 5000 == 0", Verdict.ALWAYS),
        ("mom >= 0", Verdict.SOMETIMES),
        ("mom >= 0 or opt == 'adam'", Verdict.ALWAYS),
        ("mom > 0.5 and opt == 'adam'", Verdict.NEVER),
        ("extra > 0 and mom < 0.25", Verdict.NEVER),
        ("active(mom) or opt == 'adam'", Verdict.ALWAYS),
        ("bell - bell > 0.001", Verdict.UNPROVEN),
    ],
)
def test_prove_decides_a_condition_or_leaves_it_unproven(text: str, verdict: Verdict) -> None:
    assert prove(SPACE, parse(text)) is verdict


def test_prove_active_decides_whether_a_parameter_is_active() -> None:
    found = {name: prove_active(SPACE, name) for name in ("lr", "mom", "extra", "idle")}

    assert found == {
        "lr": Verdict.ALWAYS,
        "mom": Verdict.SOMETIMES,
        "extra": Verdict.SOMETIMES,
        "idle": Verdict.NEVER,
    }
