"""A sweep on several machines comes to what the same sweep comes to on this machine."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from sweepwright.core.store.history import History
from tests.optional_packages import require
from tests.system.remote.remote_sweeps import (
    Machines,
    attempts_on,
    outcome,
    run_sweep,
    system_python,
)

REPEATABLE = ("seed=3", "reproducible=true")
# Without it, OpenBLAS chooses by the processor, unless the environment of one of the two names it.
SAME_KERNELS = "+trial.environment.OPENBLAS_CORETYPE=Haswell"
NAMES = ("box1", "box2", "box3")

# The first three trials wait for one another, so that each is on a machine of its own.
TOGETHER = """
    import os
    import time
    from pathlib import Path

    import sweepwright as nni

    met = Path(os.environ["MET"])
    met.mkdir(exist_ok=True)
    (met / str(nni.get_sequence_id())).touch()
    while len(list(met.iterdir())) < 3:
        time.sleep(0.01)
    given = nni.get_next_parameter()
    nni.report_intermediate_result(given["hidden"])
    nni.report_final_result({"default": given["learning_rate"], "alpha": given["alpha"]})
"""
# Trial 0 occupies a machine until the other one has run the rest. So the best two trials are on
# the same machine, which has room for one of them when both are promoted. Both then wait for each
# other, so the other one runs elsewhere.
CLIMBER = """
    import os
    import time
    from pathlib import Path

    import sweepwright as nni

    number, budget = nni.get_sequence_id(), nni.get_next_parameter()["TRIAL_BUDGET"]
    scores, path = Path(os.environ["MET"]), []
    scores.mkdir(exist_ok=True)
    while number == 0 and budget == 1 and len(list(scores.glob("?"))) < 3:
        time.sleep(0.01)
    (scores / f"{number}@{budget:g}").touch()
    while budget > 1 and len(list(scores.glob("*@2"))) < 2:
        time.sleep(0.01)
    if inherited := nni.inherited_dir():
        path = Path(inherited, "path").read_text().split()
        assert len(path) == 1, path
    path.append(f"{number}@{budget:g}")
    Path(nni.checkpoint_dir(), "path").write_text(" ".join(path))
    (scores / str(number)).touch()
    nni.report_final_result({"default": number + budget, "steps": len(path)})
"""
# The leader waits for the worker at the address that both have been given.
PAIR = """
    import os
    import socket
    import time

    address = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    if os.environ["RANK"] == "0":
        import sweepwright as nni

        with socket.create_server(address, reuse_port=True) as listener:
            connection, _ = listener.accept()
            with connection, connection.makefile() as lines:
                nni.report_final_result(float(lines.readline()))
    else:
        while True:
            try:
                connection = socket.create_connection(address)
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        with connection:
            connection.sendall(b"0.25\\n")
"""
# It knows no sweepwright but the one that the runner brings along.
CARRIED = """
    import sweepwright

    assert "/kits/" in sweepwright.__file__, sweepwright.__file__
    sweepwright.report_final_result(sweepwright.get_next_parameter()["learning_rate"])
"""


def write_trial(folder: Path, code: str) -> list[str]:
    """Write a trial's script to a folder of its own, and return the arguments that select it."""
    folder.mkdir()
    script = folder / "train.py"
    script.write_text(dedent(code))
    entries = [f"++trial.entries.{framework}={script}" for framework in ("python", "pytorch")]
    return ["framework=python", f"trial.folder={folder}", *entries]


def on_both(
    tmp_path: Path, machines: Machines, *words: str, code: str = ""
) -> tuple[History, History]:
    """Run a sweep on this machine and on the machines; return both histories.

    A script finds the path of a folder of its sweep in the variable MET.
    """
    histories = []
    for name, platform in (("here", []), ("there", machines.words)):
        folder = tmp_path / name
        folder.mkdir()
        trial = write_trial(folder / "code", code) if code else []
        more = [f"+trial.environment.MET={folder / 'met'}"] if code else []
        histories.append(run_sweep(folder / "store", *trial, *more, *words, *platform))
    return histories[0], histories[1]


def test_the_same_seed_gives_the_same_assignments_and_values(
    tmp_path: Path, machines: Machines
) -> None:
    servers = machines.start(*NAMES, slots=1)
    words = (*REPEATABLE, "concurrency=3", "max_trials=9")
    here, there = on_both(tmp_path, machines, *words, code=TOGETHER)

    assert outcome(there) == outcome(here)
    assert all(trial.value is not None for trial in there.trials)
    assert all(attempts_on(server, there) for server in servers)


@pytest.mark.ci_only
def test_the_default_sweep_comes_to_the_same_values(tmp_path: Path, machines: Machines) -> None:
    require("sklearn")
    machines.start(*NAMES)
    here, there = on_both(tmp_path, machines, *REPEATABLE, SAME_KERNELS)

    assert len(there.trials) == 20
    assert outcome(there) == outcome(here)


def test_a_promoted_trial_finds_its_checkpoint_on_another_machine(
    tmp_path: Path, machines: Machines
) -> None:
    servers = machines.start("box1", "box2", slots=1)
    budget = "budget={minimum: 1, maximum: 2}"
    tuner = ("tuner=successive_halving", "tuner.trials=4", "tuner.eta=2", "max_trials=null")
    words = (*tuner, budget, "seed=3", "concurrency=2")
    here, there = on_both(tmp_path, machines, *words, code=CLIMBER)
    first, second = (attempts_on(server, there) for server in servers)

    assert outcome(there) == outcome(here)
    assert [dict(trial.metrics)["steps"] for trial in there.trials] == [1, 1, 2, 2]
    # The attempt of which the checkpoint was copied has its folder on both machines.
    assert {attempt for _, attempt in first & second} == {1}


@pytest.mark.ci_only
def test_hyperband_continues_trials_on_three_machines(tmp_path: Path, machines: Machines) -> None:
    require("torch")
    machines.start(*NAMES, slots=1)
    words = ("+experiment=mnist_hyperband", "framework.deterministic=true", "concurrency=3")
    here, there = on_both(tmp_path, machines, *words, *REPEATABLE)
    climbed = [step for trial in there.trials for step in trial.evaluations[1:]]

    assert outcome(there) == outcome(here)
    assert climbed
    assert all(step.continued for step in climbed)


@pytest.mark.ci_only
def test_roles_on_two_machines_find_each_other(tmp_path: Path, machines: Machines) -> None:
    servers = machines.start("box1", "box2", cpus=1)
    # As programs, the processes import no PyTorch, which takes longer than everything else.
    role = f"entry: [{sys.executable}, train.py], resources: {{cpu: 1}}"
    roles = f"+trial.roles={{master: {{reports: true, {role}}}, worker: {{{role}}}}}"
    words = (roles, "framework=pytorch", "framework.preload=[]", "max_trials=2", "concurrency=1")
    here, there = on_both(tmp_path, machines, *words, code=PAIR)

    assert [trial.value for trial in there.trials] == [0.25] * 2
    assert outcome(there) == outcome(here)
    assert all(attempts_on(server, there) == {(0, 1), (1, 1)} for server in servers)


@pytest.mark.ci_only
def test_pytorch_trains_one_network_on_two_machines(tmp_path: Path, machines: Machines) -> None:
    require("torch")
    servers = machines.start("box1", "box2", cpus=1)
    words = ("+experiment=mnist_distributed_pytorch", "framework.deterministic=true", SAME_KERNELS)
    here, there = on_both(tmp_path, machines, *words, *REPEATABLE, "max_trials=2")

    assert outcome(there) == outcome(here)
    assert all(attempts_on(server, there) == {(0, 1), (1, 1)} for server in servers)


@pytest.mark.ci_only
def test_tensorflow_trains_one_network_on_two_machines(tmp_path: Path, machines: Machines) -> None:
    require("tensorflow")
    servers = machines.start("box1", "box2", cpus=1)
    words = ("+experiment=mnist_distributed_tf", "max_trials=2", *REPEATABLE)
    here, there = on_both(tmp_path, machines, *words)

    # Workers update the network when they are done with a batch, in an order that varies.
    assert [trial.assignment for trial in there.trials] == [
        trial.assignment for trial in here.trials
    ]
    assert max(trial.value or 0.0 for trial in there.trials) > 0.8
    assert all(attempts_on(server, there) == {(0, 1), (1, 1)} for server in servers)


def test_a_machine_needs_no_sweepwright(tmp_path: Path, machines: Machines) -> None:
    machines.start("box1", python=system_python())
    trial = write_trial(tmp_path / "code", CARRIED)
    history = run_sweep(tmp_path / "store", *trial, *machines.words, "max_trials=2")

    assert [trial.value for trial in history.trials] == [
        trial.assignment["learning_rate"] for trial in history.trials
    ]
