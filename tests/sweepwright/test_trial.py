"""The trial API works in a sweep and by hand, on Python 3.8, and costs nothing to import."""

import ast
import json
import os
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sweepwright
from sweepwright import trial
from sweepwright.events import Attempt, Trial
from sweepwright.protocol import describe_attempt, read_line

SOURCE = Path(trial.__file__).read_text(encoding="utf-8")
ASSIGNMENT = {"lr": 0.1, "model": {"_name": "net", "sizes": [1, 2]}}
DESCRIBED = describe_attempt(Attempt("abc", Trial(3, ASSIGNMENT, 9.0), 2))


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start each test as a process of its own would."""
    for name in [name for name in os.environ if name.startswith("SWEEPWRIGHT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(trial, "_state", {})
    monkeypatch.setattr(trial, "_variables", {})
    monkeypatch.setattr(trial, "_senders", {})
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def in_a_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEPWRIGHT_TRIAL", DESCRIBED)


@pytest.mark.usefixtures("in_a_sweep")
def test_a_trial_receives_its_assignment_and_its_identity() -> None:
    assert trial.get_next_parameter() == ASSIGNMENT
    assert trial.get_current_parameter() == ASSIGNMENT
    assert trial.get_current_parameter("lr") == 0.1
    assert trial.get_trial_id() == "abc-3-2"
    assert trial.get_experiment_id() == "abc"
    assert trial.get_sequence_id() == 3


@pytest.mark.usefixtures("in_a_sweep")
def test_the_assignment_wins_over_defaults() -> None:
    parameters = trial.get_next_parameter({"lr": 1.0, "epochs": 5})

    assert parameters == {**ASSIGNMENT, "epochs": 5}
    assert trial.get_current_parameter("epochs") == 5


@pytest.mark.usefixtures("in_a_sweep")
def test_changed_parameters_do_not_affect_later_calls() -> None:
    parameters = trial.get_next_parameter()
    parameters["model"]["sizes"].append(3)
    parameters.clear()

    assert trial.get_current_parameter() == ASSIGNMENT


def test_by_hand_the_defaults_are_the_parameters() -> None:
    assert trial.get_next_parameter({"lr": 0.5, "shape": (1, 2)}) == {"lr": 0.5, "shape": (1, 2)}
    assert trial.get_current_parameter("lr") == 0.5


def test_by_hand_a_trial_has_standalone_ids() -> None:
    assert trial.get_next_parameter() == {}
    assert trial.get_trial_id() == trial.get_experiment_id() == "STANDALONE"
    assert trial.get_sequence_id() == 0


def test_an_unknown_parameter_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="lr"):
        trial.get_current_parameter("lr")


def test_by_hand_reports_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    trial.report_intermediate_result(0.5)
    trial.report_final_result({"default": 0.75, "loss": 1})

    printed = "intermediate result: 0.5\nfinal result: {'default': 0.75, 'loss': 1}\n"
    assert capsys.readouterr().out == printed


def test_by_hand_an_assignment_may_be_given(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWEEPWRIGHT_TRIAL", '{"assignment": {"lr": 0.1}}')
    trial.report_final_result(trial.get_next_parameter({"lr": 1, "batch": 8})["lr"])

    assert capsys.readouterr().out == "final result: 0.1\n"
    assert trial.get_trial_id() == "STANDALONE"


@pytest.mark.usefixtures("in_a_sweep")
def test_reports_are_lines_of_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWEEPWRIGHT_ROLE", "worker")
    monkeypatch.setenv("SWEEPWRIGHT_RANK", "1")
    trial.report_intermediate_result(0.5)
    trial.report_final_result({"default": 0.75, "loss": 1})
    read = [read_line(line) for line in capsys.readouterr().out.splitlines()]
    first, second = (line for line in read if line)

    assert (first.attempt, first.role, first.rank, first.sequence) == (2, "worker", 1, 0)
    assert (first.final, first.metrics) == (False, {"default": 0.5})
    assert (second.sequence, second.final) == (1, True)
    assert second.metrics == {"default": 0.75, "loss": 1}


@pytest.mark.usefixtures("in_a_sweep")
def test_reports_go_to_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "reports").touch()
    monkeypatch.setenv("SWEEPWRIGHT_REPORTS", f"file:{tmp_path / 'reports'}")
    trial.report_intermediate_result(1)
    trial.report_final_result(2)
    lines = (tmp_path / "reports").read_text().splitlines()

    assert [json.loads(line)["sequence"] for line in lines] == [0, 1]


@pytest.mark.usefixtures("in_a_sweep")
def test_reports_go_to_a_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setenv("SWEEPWRIGHT_REPORTS", f"fd:{writer}")
    trial.report_final_result(2)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        line = read_line(pipe.read())

    assert line is not None
    assert line.final


@pytest.mark.parametrize(
    ("metric", "sent"),
    [
        (1, 1),
        (0.5, 0.5),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.array(0.25), 0.25),
        (np.array([0.25]), 0.25),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (10**400, "inf"),
        (-(10**400), "-inf"),
        (np.longdouble(0.5), 0.5),
        (np.longdouble("nan"), "nan"),
        (Decimal("0.5"), 0.5),
        (Decimal("-1e400"), "-inf"),
        (Fraction(1, 2), 0.5),
        (Fraction(10**400), "inf"),
        (np.ma.array(0.5, mask=False), 0.5),
    ],
)
@pytest.mark.usefixtures("in_a_sweep")
def test_scalars_of_other_libraries_are_numbers(
    metric: Any, sent: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    trial.report_final_result(metric)
    line = read_line(capsys.readouterr().out)

    assert line is not None
    assert line.metrics == {"default": sent}
    assert type(line.metrics["default"]) is type(sent)


class Tensor:
    """Refuses as torch does when it holds more than one number."""

    def item(self) -> float:
        raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")


@pytest.mark.parametrize(
    "metric",
    [
        "0.5",
        b"0.5",
        np.str_("0.5"),
        None,
        True,
        1j,
        np.zeros(2),
        np.bool_(1),
        Tensor(),
        [1],
        Decimal("sNaN"),
        np.ma.masked,
        np.ma.array(0.5, mask=True),
        np.ma.array([0.5], mask=[True]),
        {"a": "b"},
    ],
)
def test_a_metric_that_is_not_a_number_is_a_type_error(metric: Any) -> None:
    with pytest.raises(TypeError, match="a metric is a number, not"):
        trial.report_final_result(metric)


@pytest.mark.usefixtures("in_a_sweep")
def test_metrics_that_take_too_long_a_line_are_refused_with_the_bound() -> None:
    with pytest.raises(ValueError, match=r"at most 65536 bytes; 9000 metrics take"):
        trial.report_final_result({str(number): 0.5 for number in range(9000)})


@pytest.mark.usefixtures("in_a_sweep")
def test_a_forked_process_counts_its_own_reports(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "reports").touch()
    monkeypatch.setenv("SWEEPWRIGHT_REPORTS", f"file:{tmp_path / 'reports'}")
    trial.report_intermediate_result(1)
    if os.fork() == 0:
        trial.report_intermediate_result(2)
        os._exit(0)
    os.wait()
    trial.report_final_result(3)
    lines = [json.loads(line) for line in (tmp_path / "reports").read_text().splitlines()]

    assert [line["sequence"] for line in lines] == [0, 0, 1]
    assert lines[0]["process"] == lines[2]["process"] != lines[1]["process"]


def test_checkpoints_have_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert trial.checkpoint_dir() == "checkpoint"
    monkeypatch.setenv("SWEEPWRIGHT_CHECKPOINTS", str(tmp_path / "deep" / "own"))

    assert Path(trial.checkpoint_dir()).is_dir()
    assert Path("checkpoint").is_dir()


def test_logs_for_tensorboard_have_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert trial.tensorboard_dir() == "tensorboard"
    monkeypatch.setenv("SWEEPWRIGHT_TENSORBOARD", str(tmp_path / "deep" / "own"))

    assert Path(trial.tensorboard_dir()).is_dir()
    assert Path("tensorboard").is_dir()


def test_a_script_that_clears_its_environment_is_heard(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SWEEPWRIGHT_TRIAL", DESCRIBED)
    monkeypatch.setenv("SWEEPWRIGHT_RANK", "1")
    monkeypatch.setenv("SWEEPWRIGHT_REPORTS", f"file:{tmp_path / 'reports'}")
    monkeypatch.setenv("SWEEPWRIGHT_CHECKPOINTS", str(tmp_path / "own"))
    (tmp_path / "reports").touch()
    trial.get_next_parameter()
    for name in [name for name in os.environ if name.startswith("SWEEPWRIGHT_")]:
        monkeypatch.delenv(name)
    trial.report_final_result(1)
    line = read_line((tmp_path / "reports").read_text())

    assert line is not None
    assert (line.rank, line.final) == (1, True)
    assert trial.checkpoint_dir() == str(tmp_path / "own")


def test_nothing_is_inherited_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trial.inherited_dir() is None
    monkeypatch.setenv("SWEEPWRIGHT_INHERITED", "there")

    assert trial.inherited_dir() == "there"


def test_reports_say_that_a_trial_continues_once_it_has_asked_for_the_checkpoint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SWEEPWRIGHT_TRIAL", json.dumps({"sweep": "s", "attempt": 2}))
    trial.report_intermediate_result(1)
    trial.inherited_dir()
    trial.report_intermediate_result(2)
    monkeypatch.setenv("SWEEPWRIGHT_INHERITED", "there")
    trial.report_intermediate_result(3)
    trial.inherited_dir()
    trial.report_intermediate_result(4)
    lines = map(read_line, capsys.readouterr().out.splitlines())

    assert [line and line.continued for line in lines] == [False, False, False, True]


def test_a_copy_of_the_file_works_by_hand_and_in_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "nni.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "script.py").write_text(
        "import nni\nlr = nni.get_next_parameter({'lr': 2})['lr']\nnni.report_final_result(lr)\n"
    )
    by_hand, in_a_sweep = (
        subprocess.run(
            [sys.executable, "script.py"],
            env={**os.environ, **environment},
            cwd=tmp_path,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for environment in ({}, {"SWEEPWRIGHT_TRIAL": DESCRIBED})
    )
    line = read_line(in_a_sweep)

    assert by_hand == "final result: 2\n"
    assert line is not None
    assert line.metrics == {"default": 0.1}


def test_it_is_python_3_8_of_the_standard_library() -> None:
    tree = ast.parse(SOURCE, feature_version=(3, 8))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]

    names = {alias.name for node in imports for alias in node.names}
    assert names == {"_thread", "errno", "fcntl", "itertools", "json", "os", "stat", "sys"}


def test_its_functions_are_found_where_those_of_nni_are() -> None:
    mine = {name for name in vars(trial) if name[0].islower() and callable(vars(trial)[name])}

    assert set(sweepwright.__all__) == mine
    assert all(getattr(sweepwright, name) is getattr(trial, name) for name in mine)


def test_the_package_has_no_attributes_outside_the_trial_api() -> None:
    with pytest.raises(AttributeError, match="module 'sweepwright' has no attribute 'report'"):
        _ = sweepwright.report  # type: ignore[attr-defined]


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys; before = {*sys.modules}; import sweepwright; print(*{*sys.modules} - before)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert told.stdout.split() == ["sweepwright"]


def test_importing_it_takes_less_than_ten_milliseconds() -> None:
    assert min(_seconds_of_import() for _ in range(5)) < 0.010


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, sweepwright.trial; print(*sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    heavy = {"numpy", "pluggy", "dataclasses", "typing", "inspect"}

    assert "sweepwright.trial" in told.stdout.split()
    assert not heavy & set(told.stdout.split())


def _seconds_of_import() -> float:
    """Time the import alone, in a fresh interpreter that nobody traces."""
    code = (
        "from time import process_time; begun = process_time()\n"
        "import sweepwright.trial\n"
        "print(process_time() - begun)"
    )
    untraced = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    told = subprocess.run(
        [sys.executable, "-c", code], env=untraced, capture_output=True, check=True, text=True
    )
    return float(told.stdout)
