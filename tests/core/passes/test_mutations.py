"""One mistake in a sound space is found as what it is, and pointed at, wherever it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sweepwright.core.compiler import compile_sweep
from sweepwright.diagnostics import Code, CompileError, Diagnostic
from tests.core.hard_to_please import registry

# What is drawn is small already, and each example is a whole compilation.
FEW = settings(
    max_examples=3,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

SOUND = """
rate: loguniform(1e-4, 1e-1) = 1e-3
momentum: uniform(0, 1, step=0.1)
width: int(16, 256, log=true)
depth: {type: int, low: 1, high: 8, default: 3}
noise: normal(0, 1)
activation: choice(relu, tanh, weights=[3, 1])
size: ordinal(small, medium, large)
batch: choice(16, 32, 64)
drop: {_type: quniform, _value: [0, 1, 0.1]}
kind: {_type: choice, _value: [{_name: a, x: {_type: uniform, _value: [0, 1]}}, {_name: b}]}
grown: tag(log, interval(1, 8))
optimizer:
  choice:
    sgd: {decay: "uniform(0, 1)"}
    adam: {beta: "uniform(0.8, 0.99)"}
  weights: {sgd: 3}
  default: adam
late: uniform(0, 1) when activation == "relu"
steps: 1000 // batch
constraints:
  - batch * width <= 8192
start:
  - {momentum: 0.5, width: 32, noise: 0.5, activation: relu, size: small, batch: 16, drop: 0.5,
     kind: {_name: b}, grown: 2.5, optimizer: {_name: adam, beta: 0.9}, late: 0.25}
"""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A replacement in the text, and what is to be said of it."""

    old: str
    new: str
    code: Code
    culprit: str
    """What the caret is under."""


MUTATIONS = {
    "bounds swapped": Mutation("1e-4, 1e-1", "1e-1, 1e-4", Code.EMPTY_DOMAIN, "1e-1"),
    "log of zero": Mutation("1e-4, 1e-1", "0, 1e-1", Code.LOG_OF_NONPOSITIVE, "0"),
    "log of negative": Mutation("int(16,", "int(-16,", Code.LOG_OF_NONPOSITIVE, "-16"),
    "default outside": Mutation("= 1e-3", "= 2.0", Code.BAD_DEFAULT, "2.0"),
    "default of a table outside": Mutation("default: 3", "default: 9", Code.BAD_DEFAULT, "9"),
    "no such domain": Mutation("loguniform(", "loguniforn(", Code.UNKNOWN_DOMAIN, "loguniforn"),
    "no such keyword": Mutation("step=", "stap=", Code.BAD_ARGUMENTS, "stap"),
    "too few arguments": Mutation("normal(0, 1)", "normal(0)", Code.BAD_ARGUMENTS, "normal"),
    "too many arguments": Mutation("normal(0, 1)", "normal(0, 1, 1, 7)", Code.BAD_ARGUMENTS, "7"),
    "text for a number": Mutation("normal(0, 1)", "normal(0, x)", Code.BAD_ARGUMENTS, "x"),
    "not a number": Mutation(
        "uniform(0, 1, step", "uniform(0, nan, step", Code.BAD_ARGUMENTS, "nan"
    ),
    "no end": Mutation("0, 1, step", "0, inf, step", Code.BAD_ARGUMENTS, "inf"),
    "too large": Mutation("normal(0, 1)", "normal(1e308, 1)", Code.BAD_ARGUMENTS, "1e308"),
    "no spread": Mutation("normal(0, 1)", "normal(0, 0)", Code.BAD_ARGUMENTS, "0"),
    "never closed": Mutation("normal(0, 1)", "normal(0, 1", Code.BAD_ARGUMENTS, "("),
    "step of zero": Mutation("step=0.1", "step=0", Code.BAD_STEP, "0"),
    "step below zero": Mutation("step=0.1", "step=-0.1", Code.BAD_STEP, "-0.1"),
    "step beyond the range": Mutation("(0, 1, step=0.1", "(0.2, 0.3, step=7", Code.BAD_STEP, "7"),
    "one value": Mutation("normal(0, 1)", "uniform(2, 2)", Code.ONE_VALUE, "uniform(2, 2)"),
    "a choice twice": Mutation("16, 32, 64", "16, 32, 16", Code.DUPLICATE_CHOICE, "16"),
    "an ordinal twice": Mutation("small, medium", "small, small", Code.DUPLICATE_CHOICE, "small"),
    "a choice of nothing": Mutation("choice(16, 32, 64)", "choice()", Code.EMPTY_DOMAIN, "choice"),
    "mixed choices": Mutation("16, 32, 64", "16, two, 64", Code.MIXED_CHOICES, "two"),
    "a boolean among numbers": Mutation(
        "choice(16, 32, 64)",
        "{type: choice, values: [16, yes, 64]}",
        Code.BOOL_AMONG_NUMBERS,
        "yes",
    ),
    "a weight too many": Mutation("[3, 1]", "[3, 1, 2]", Code.BAD_WEIGHTS, "[3, 1, 2]"),
    "a weight of zero": Mutation("[3, 1]", "[3, 0]", Code.BAD_WEIGHTS, "0"),
    "a weight of no branch": Mutation("{sgd: 3}", "{sgb: 3}", Code.BAD_WEIGHTS, "sgb"),
    "a default of no branch": Mutation("default: adam", "default: adan", Code.BAD_DEFAULT, "adan"),
    "no such key of a table": Mutation("high: 8", "hihg: 8", Code.BAD_ARGUMENTS, "hihg"),
    "no such type of a table": Mutation("type: int,", "type: itn,", Code.UNKNOWN_DOMAIN, "itn"),
    "a table reversed": Mutation("low: 1, high: 8", "low: 9, high: 8", Code.EMPTY_DOMAIN, "9"),
    "no domain at all": Mutation("normal(0, 1)", "relu", Code.NOT_A_DOMAIN, "relu"),
    "a list for a domain": Mutation("normal(0, 1)", "[1, 2]", Code.NOT_A_DOMAIN, "[1, 2]"),
    "branches without names": Mutation(
        "weights: {sgd: 3}",
        "weights: {sgd: 3}\nother:\n  choice: [{a: 1}, {b: 2}]",
        Code.UNNAMED_BRANCH,
        "[{a",
    ),
    "a branch that is no mapping": Mutation(
        '{decay: "uniform(0, 1)"}', "[1, 2]", Code.NOT_A_DOMAIN, "[1, 2]"
    ),
    "a reserved name": Mutation('{beta: "', '{_name: "', Code.BAD_NAME, "_name"),
    "a name that is no text": Mutation("noise: normal", "7: normal", Code.BAD_NAME, "7"),
    "NNI: no such type": Mutation("quniform", "quniforn", Code.BAD_NNI_SPACE, "quniforn"),
    "NNI: a step of zero": Mutation("[0, 1, 0.1]", "[0, 1, 0]", Code.BAD_STEP, "0"),
    "NNI: reversed": Mutation("[0, 1, 0.1]", "[2, 1, 0.1]", Code.EMPTY_DOMAIN, "2"),
    "NNI: a value too few": Mutation("[0, 1, 0.1]", "[0, 1]", Code.BAD_NNI_SPACE, "[0, 1]"),
    "NNI: a number as text": Mutation("[0, 1, 0.1]", "[0, 1, '0.1']", Code.BAD_NNI_SPACE, "'0.1'"),
    "NNI: a branch without a name": Mutation(
        "{_name: b}]", "{y: {_type: uniform, _value: [0, 1]}}]", Code.BAD_NNI_SPACE, "{y: "
    ),
    "Hydra: an interval reversed": Mutation("(1, 8))", "(9, 8))", Code.EMPTY_DOMAIN, "9"),
    "an expression that ends": Mutation('== "relu"', "==", Code.BAD_EXPRESSION, "="),
    "= for ==": Mutation('== "relu"', '= "relu"', Code.BAD_EXPRESSION, "="),
    "no such name": Mutation("1000 // batch", "1000 // bacth", Code.UNKNOWN_NAME, "bacth"),
    "a name of another branch": Mutation(
        "1000 // batch", "1000 // decay", Code.UNKNOWN_NAME, "decay"
    ),
    "a text for a number": Mutation(
        "1000 // batch", "1000 // activation", Code.TYPE_MISMATCH, "activation"
    ),
    "a number for a condition": Mutation(
        'when activation == "relu"', "when width", Code.TYPE_MISMATCH, "width"
    ),
    "never equal": Mutation('"relu"', '"rleu"', Code.IMPOSSIBLE_COMPARISON, '"rleu"'),
    "a divisor of zero": Mutation(
        "1000 // batch", "1000 // (batch - 16)", Code.DIVISION_BY_ZERO, "batch - 16"
    ),
    "depends on itself": Mutation('activation == "relu"', "late > 0", Code.CYCLE, "late > 0"),
    "never active": Mutation(
        'activation == "relu"', "width > 300", Code.NEVER_ACTIVE, "width > 300"
    ),
    "always active": Mutation(
        'activation == "relu"', "width > 3", Code.ALWAYS_ACTIVE, "width > 3"
    ),
    "a constraint that nothing meets": Mutation(
        "<= 8192", "<= 10", Code.UNSATISFIABLE_CONSTRAINT, "batch * width <= 10"
    ),
    "a constraint that all meet": Mutation(
        "<= 8192", "<= 99999", Code.IDLE_CONSTRAINT, "batch * width <= 99999"
    ),
    "a start outside": Mutation("width: 32,", "width: 8,", Code.BAD_START, "8"),
    "a start that is not active": Mutation(
        "activation: relu,", "activation: tanh,", Code.BAD_START, "late"
    ),
    "a start that breaks a constraint": Mutation("<= 8192", "<= 511", Code.BAD_START, "{"),
}


@st.composite
def around(draw: st.DrawFn) -> Sequence[str]:
    """Draw parameters of other names that stand before the mistake."""
    names = draw(st.lists(st.from_regex(r"o_[a-z]{1,6}", fullmatch=True), max_size=3, unique=True))
    domains = ("uniform(0, 1)", "int(1, 8) = 2", "{type: choice, values: [a, b]}", "normal(0, 1)")
    lines = [f"{name}: {draw(st.sampled_from(domains))}" for name in names]
    return [*lines, *draw(st.lists(st.sampled_from(["", "# äöü €"]), max_size=2))]


def found(lines: Sequence[str], text: str, folder: Path) -> list[Diagnostic]:
    file = folder / "space" / "mine.yaml"
    file.parent.mkdir(exist_ok=True)
    # What stands before is no part of the assignment to start with, which would lack it.
    names = [line.partition(":")[0] for line in lines if ":" in line]
    given_too = "".join(
        f"{name}: {_value(line)}, " for name, line in zip(names, lines, strict=False)
    )
    file.write_text("\n".join([*lines, text.replace("- {momentum", f"- {{{given_too}momentum")]))
    try:
        return compile_sweep(["space=mine"], registry(), folder).warnings
    except CompileError as error:
        return error.diagnostics


def _value(line: str) -> str:
    return {"u": "0.5", "i": "2", "{": "a", "n": "0.5"}[line.partition(": ")[2][0]]


def mine(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Leave out what is said of the trial, which does not read these parameters."""
    return [d for d in diagnostics if d.code is not Code.UNREAD_PARAMETER]


@given(lines=around())
@FEW
def test_the_space_is_sound(
    lines: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert [f"{d.span}: {d.message}" for d in mine(found(lines, SOUND, tmp_path))] == []


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
@given(lines=around())
@FEW
def test_a_mutation_is_found_at_its_place(
    mutation: Mutation, lines: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert SOUND.count(mutation.old) == 1, "a mutation is made in one place"
    diagnostics = mine(found(lines, SOUND.replace(mutation.old, mutation.new), tmp_path))
    said = [d for d in diagnostics if d.code is mutation.code]

    assert said, [f"{d.code.value} {d.message}" for d in diagnostics]
    spans = [d.span for d in said]
    pointed = [s.text[s.column - 1 : s.column - 1 + s.length] for s in spans]
    assert any(text.startswith(mutation.culprit) for text in pointed), pointed
    assert {s.file for s in spans} == {"space/mine.yaml"}
    written = (tmp_path / "space" / "mine.yaml").read_text().splitlines()
    assert all(written[s.line - 1] == s.text for s in spans)


def test_there_are_more_than_forty_kinds_of_mutation() -> None:
    assert len(MUTATIONS) > 40
    assert len({mutation.code for mutation in MUTATIONS.values()}) >= 25
