"""A trial that lasts a moment, and fails for one assignment in five however often it is tried.

Its machine's home has a file ``began-<trial>`` with a line for each attempt. Its result tells
which budgets it came through, so that a checkpoint that is lost makes another result.
"""

import json
import os
import time
from pathlib import Path

import sweepwright.trial as nni

parameters = nni.get_next_parameter()
with (Path.home() / f"began-{nni.get_sequence_id()}").open("a") as began:
    began.write(f"{os.getpid()}\n")
digits = int(parameters["learning_rate"] * 1e9)
inherited = nni.inherited_dir()
budgets = json.loads(Path(inherited, "budgets.json").read_text()) if inherited else []
nni.report_intermediate_result(digits % 100)
time.sleep(0.1 + 0.3 * (digits % 7) / 7)
if digits % 5 == 0:
    raise ValueError(f"digits {digits} are no good")
budgets.append(parameters.get("TRIAL_BUDGET", 0))
Path(nni.checkpoint_dir(), "budgets.json").write_text(json.dumps(budgets))
nni.report_final_result(digits % 1000 + sum(budgets) / 1000)
