"""Drafts keep defaults, conditions and derived values, and omit invalid parameters."""

from typing import Any

import pytest

from sweepwright.core.compiler.stages import DerivedDraft
from sweepwright.space import (
    Categorical,
)
from tests.core.compiler.space.syntax.drafting import drafted, drafts, parameters


@pytest.mark.parametrize(
    ("notation", "default"),
    [
        ("uniform(0, 1) = 1", 1.0),
        ("int(1, 8) = 3.0", 3),
        ("choice(64, 128) = 64.0", 64),
        ("choice([1, 2], [3]) = [3]", [3]),
        ("'choice(null, 1) = null'", None),
        ("{type: normal, mean: 0, std: 1, default: -3}", -3.0),
        ("{type: normal, mean: 0, std: 1, default: null}", None),
    ],
)
def test_a_default_has_the_type_of_its_domain(notation: str, default: Any) -> None:
    (only,) = parameters(f"x: {notation}")

    assert repr(only.default) == repr(default)


@pytest.mark.parametrize(
    "notation",
    [
        "x: uniform(0, 1) = 0.5 when y > 1",
        'x: {type: uniform, low: 0, high: 1, default: 0.5, when: "y > 1"}',
    ],
)
def test_a_condition_is_kept_as_source_text(notation: str) -> None:
    (only,) = drafted(notation).parameters

    assert only.condition
    assert (only.condition.text, only.condition.scope) == ("y > 1", "")
    assert only.parameter.default == 0.5


def test_a_condition_has_the_scope_of_its_branch() -> None:
    found = drafted(
        """
        optimizer:
          choice:
            sgd:
              when: size > 32
              momentum: uniform(0, 1)
              nesterov: choice(true, false) when momentum > 0
          when: size > 16
        """
    )
    conditions = {draft.parameter.name: draft.condition for draft in found.parameters}
    (branch,) = found.branches

    assert conditions["optimizer"]
    assert conditions["optimizer"].text == "size > 16"
    nesterov = conditions["optimizer.sgd.nesterov"]
    assert nesterov
    assert (nesterov.text, nesterov.scope) == ("momentum > 0", "optimizer.sgd.")
    assert (branch.parent, branch.branch) == ("optimizer", 0)
    assert (branch.condition.text, branch.condition.scope) == ("size > 32", "")


def test_a_parameter_of_a_branch_may_be_called_when() -> None:
    made = parameters("x: {choice: {a: {when: 'int(1, 8)'}, b: {when: 3}}}")

    assert [parameter.name for parameter in made] == ["x", "x.a.when", "x.b.when"]


@pytest.mark.parametrize(
    ("notation", "expression", "condition"),
    [
        ("1000 // size", "1000 // size", None),
        ("max(size, 16) when size > 8", "max(size, 16)", "size > 8"),
        ("'\"a when b\" == kind when size > 8'", '"a when b" == kind', "size > 8"),
        ("{type: derived, value: size}", "size", None),
        ('{type: derived, value: 2 * size, when: "size > 8"}', "2 * size", "size > 8"),
    ],
)
def test_a_derived_value_is_kept_as_source_text(
    notation: str, expression: str, condition: str | None
) -> None:
    found = drafted(f"size: choice(16, 32)\nx: {notation}")
    (derived,) = found.derived

    assert isinstance(derived, DerivedDraft)
    assert (derived.name, derived.path) == ("x", ("x",))
    assert derived.expression.text == expression
    assert (derived.condition.text if derived.condition else None) == condition


def test_a_number_with_a_condition_is_a_constant() -> None:
    (_, only) = drafted("size: choice(16, 32)\nx: 0.5 when size > 16").parameters

    assert only.parameter.domain == Categorical((0.5,))
    assert only.condition
    assert only.condition.text == "size > 16"


def test_constraints_and_start_are_lists_or_else_names_of_parameters() -> None:
    lists = drafted("x: uniform(0, 1)\nconstraints: [x < 1]\nstart: [{x: 0.5}, {x: 0.25}]")
    names = parameters("constraints: int(1, 8)\nstart: 3\nnni: choice(a)")

    assert [constraint.text for constraint in lists.constraints] == ["x < 1"]
    assert [start.values for start in lists.start] == [{"x": 0.5}, {"x": 0.25}]
    assert lists.start[1].origin == ("space", "start", 1)
    assert [parameter.name for parameter in names] == ["constraints", "start", "nni"]


def test_an_invalid_parameter_is_left_out_and_the_rest_stays() -> None:
    found, diagnostics = drafts("a: uniform(1, 0)\nb: uniform(0, 1)\nc: nonsense")

    assert [draft.parameter.name for draft in found.parameters] == ["b"]
    assert not found.complete
    assert found.invalid_names == {"a", "c"}
    assert len(diagnostics) == 2


def test_a_parameter_with_an_invalid_value_is_left_out_without_a_report() -> None:
    text = """
        value: ${nope}
        table: {type: choice, values: [1, "${nope}"]}
        nested: {choice: {a: {x: "int(1, 8)"}, b: "${nope}"}, default: "${nope}"}
        branches: {choice: "${nope}"}
        spec: {_type: choice, _value: ["${nope}"]}
        nni: {space: "${nope}"}
        constraints: ["${nope}", x < 1]
        start: [{x: "${nope}"}]
        """
    found, diagnostics = drafts(text)

    assert not diagnostics
    assert [draft.parameter.name for draft in found.parameters] == ["nested", "nested.a.x"]
    assert found.invalid_names == {"value", "table", "nested.b", "branches", "spec", ""}
    assert len(found.constraints) == 1
    assert not found.complete


@pytest.mark.parametrize(
    ("notation", "suggestion"),
    [
        ("choice[a, b]", "write `choice(a, b)`"),
        ("{distribution: log_uniform_values, min: 0.1, max: 1}", "write `type: loguniform`"),
        ("{distribution: beta, min: 0.1, max: 1}", ""),
        ("trial.suggest_float(0, 1)", "write a domain, such as `uniform(low, high)`"),
        ("tune.choice([1, 2])", "write a domain, such as `uniform(low, high)`"),
    ],
)
def test_the_notation_of_another_library_is_not_suggested_as_a_value(
    notation: str, suggestion: str
) -> None:
    _, (only,) = drafts(f"x: {notation}")

    assert (only.help or "").startswith(suggestion)
    assert 'choice("' not in (only.help or "")
