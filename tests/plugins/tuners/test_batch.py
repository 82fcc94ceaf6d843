"""The batch tries its assignments in order, and reports invalid ones in advance."""

import json
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Finding, Problem
from sweepwright.events import Start
from sweepwright.plugins.tuners.batch import (
    BatchOptions,
    build,
    check,
    ends_after,
    finalize_options,
    sweep_tuners,
)
from sweepwright.space import Integer, Real
from sweepwright.testing.problems import nested_space, space
from sweepwright.testing.tuner_harness import TunerHarness, mixed

PROBLEM = Problem(space(lr=Real(0, 1), n=Integer(1, 3)))
GIVEN = ({"lr": 0.5, "n": 2}, {"lr": 0.25, "n": 1}, {"lr": 0.5, "n": 2})


def findings(options: BatchOptions) -> list[Finding]:
    return list(check(options, PROBLEM))


def test_assignments_are_tried_in_order_and_then_it_ends() -> None:
    played = TunerHarness(build(BatchOptions(GIVEN), PROBLEM)).run(9, mixed, concurrency=2)

    assert played.assignments == list(GIVEN)
    assert not played.tuner.ask(1)
    assert ends_after(BatchOptions(GIVEN), PROBLEM) == len(played.trials)


def test_trials_receive_values_of_the_types_of_the_space() -> None:
    tuner = build(BatchOptions(({"n": 3.0, "lr": 1},)), PROBLEM)

    assert json.dumps([s.assignment for s in tuner.ask(1) if isinstance(s, Start)]) == (
        '[{"lr": 1.0, "n": 3}]'
    )


def test_each_opened_assignment_is_removed_once_from_the_list() -> None:
    played = TunerHarness(build(BatchOptions(GIVEN), PROBLEM))
    played.end(played.open(Start(GIVEN[2])).number, mixed)
    played.run(9, mixed)

    assert played.assignments == [GIVEN[2], GIVEN[1], GIVEN[2]]


def test_a_trial_of_another_assignment_removes_nothing_from_the_list() -> None:
    played = TunerHarness(build(BatchOptions(GIVEN), PROBLEM))
    played.end(played.open(Start({"lr": 0.125, "n": 3})).number, mixed)
    played.run(9, mixed)

    assert played.assignments[1:] == list(GIVEN)


def test_every_misfit_is_reported_with_its_path() -> None:
    options = BatchOptions(({"lr": 2, "n": "x"}, {"lr": 0.5, "n": 1, "m": 3}, {"lr": 0.5}))

    assert findings(options) == [
        Finding(("assignments", 0, "lr"), "`lr` is 2, outside uniform(0, 1)"),
        Finding(("assignments", 0, "n"), "`n` is 'x', outside int(1, 3)"),
        Finding(("assignments", 1, "m"), "`m` is not an active parameter here"),
        Finding(("assignments", 2, "n"), "`n` is missing: int(1, 3)"),
    ]


def test_nested_misfits_have_nested_paths() -> None:
    given = {"seed": 1, "model": {"_name": "linear", "l2": 5}}
    found = list(check(BatchOptions((given,)), Problem(nested_space())))

    assert [finding.path for finding in found] == [("assignments", 0, "model", "l2")]


@pytest.mark.parametrize("name", ["given.json", "given.yaml"])
def test_a_file_can_list_the_assignments(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(GIVEN))
    options = BatchOptions(file=str(path))

    assert findings(options) == []
    assert len(build(options, PROBLEM).ask(9)) == 3


def test_the_plan_holds_the_contents_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_text('[{"n": 3.0, "lr": 1}]')
    final = finalize_options(BatchOptions(file=str(path)), PROBLEM)
    path.unlink()

    assert final == BatchOptions(({"lr": 1.0, "n": 3},))
    assert finalize_options(final, PROBLEM) == final


def test_misfits_of_a_file_name_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "given.yaml"
    path.write_text("- {lr: 1e-5, n: 1}\n- {lr: 0.5, n: 7}\n- {lr: x, n: 1}\n- {lr: '3', n: 1}\n")
    found = findings(BatchOptions(file=str(path)))

    assert {finding.path for finding in found} == {("file",)}
    assert [finding.message.partition(": ")[2] for finding in found] == [
        "`lr` is '1e-5', outside uniform(0, 1)",
        "`n` is 7, outside int(1, 3)",
        "`lr` is 'x', outside uniform(0, 1)",
        "`lr` is '3', outside uniform(0, 1)",
    ]
    assert [finding.help for finding in found] == [
        "YAML reads `1e-5` as text; write `1.0e-05`",
        None,
        None,
        "YAML reads `3` as text; write `3.0`",
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("missing.yaml", None, "does not exist"),
        ("broken.json", "[", "cannot be read"),
        ("broken.yaml", "a: [\nb", "cannot be read"),
        ("single.yaml", "lr: 0.5", "is not a list of assignments"),
        ("numbers.json", "[1, 2]", "is not a list of assignments"),
        ("empty.json", "[]", "lists no assignments"),
    ],
)
def test_a_bad_file_is_one_finding_in_one_line(
    name: str, text: str | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    (found,) = findings(BatchOptions(file=str(path)))

    assert found.path == ("file",)
    assert said in found.message
    assert "\n" not in found.message


def test_a_folder_is_reported(tmp_path: Path) -> None:
    (found,) = findings(BatchOptions(file=str(tmp_path)))

    assert "directory" in found.message


@pytest.mark.parametrize(
    ("options", "path"),
    [(BatchOptions(), ()), (BatchOptions(GIVEN, "given.yaml"), ("file",))],
)
def test_assignments_and_a_file_together_are_reported(
    options: BatchOptions, path: tuple[Any, ...]
) -> None:
    (found,) = findings(options)

    assert found.path == path
    assert found.help


def test_the_provider_offers_its_checks_and_final_options() -> None:
    (provider,) = sweep_tuners()

    assert (provider.check, provider.finalize_options) == (check, finalize_options)
