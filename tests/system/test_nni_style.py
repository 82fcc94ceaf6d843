"""A script in the style of NNI's own runs in a sweep with nothing but its import changed."""

import json
import subprocess
import sys
from pathlib import Path

from tests.forked_commands import run_forked

SCRIPT = """
import logging

import nni

LOG = logging.getLogger("a script for NNI")


def default_parameters():
    return {"lr": 0.5, "momentum": 0.25, "epochs": 3, "layer": {"width": 4}}


def main(params):
    loss = 1.0
    for _ in range(params["epochs"]):
        loss *= params["lr"] * params["momentum"]
        nni.report_intermediate_result(loss)
    nni.report_final_result({"default": loss, "sequence": nni.get_sequence_id()})


if __name__ == "__main__":
    try:
        received = nni.get_next_parameter()
        LOG.debug(received)
        params = default_parameters()
        params.update(received)
        assert nni.get_current_parameter() == received
        print(f"experiment {nni.get_experiment_id()}, trial {nni.get_trial_id()}")
        main(params)
    except Exception as exception:
        LOG.exception(exception)
        raise
"""
MINE = SCRIPT.replace("import nni\n", "import sweepwright as nni\n")
SPACE = "lr: {_type: uniform, _value: [0.1, 0.9]}\n"


def test_the_script_runs_in_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "conf" / "space").mkdir(parents=True)
    (tmp_path / "conf" / "space" / "theirs.yaml").write_text(SPACE)
    (tmp_path / "train.py").write_text(MINE)
    script = ["trial=noop", "trial.name=theirs", "trial.entries.python=train.py"]
    options = ["space=theirs", "objective.direction=minimize", "max_trials=3", "strict=true"]
    run(tmp_path, "--config-dir", "conf", *script, *options)
    exported = run(tmp_path, "export", "--format", "jsonl").splitlines()
    (sweep,) = (tmp_path / "sweeps").iterdir()
    logs = {path.read_text() for path in sweep.glob("trials/*/1/*") if path.is_file()}

    assert len(exported) == 3
    for number, line in enumerate(map(json.loads, exported)):
        lr = line["assignment"]["lr"]
        assert abs(line["value"] - (lr * 0.25) ** 3) < 1e-12
        assert line["metrics"]["sequence"] == number
        assert any(
            f"experiment {sweep.name}, trial {sweep.name}-{number}-1" in log for log in logs
        )


def test_only_its_import_is_changed() -> None:
    changed = set(MINE.splitlines()) ^ set(SCRIPT.splitlines())

    assert changed == {"import nni", "import sweepwright as nni"}


def test_it_runs_by_hand_with_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(MINE)
    command = [sys.executable, "train.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert ended.stdout.splitlines()[0] == "experiment STANDALONE, trial STANDALONE"
    assert ended.stdout.splitlines()[-1] == "final result: {'default': 0.001953125, 'sequence': 0}"


def run(folder: Path, *arguments: str) -> str:
    ended = run_forked(arguments, folder=folder)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout
