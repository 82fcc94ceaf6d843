"""A trial that lasts a moment, and fails for one assignment in five however often it is tried.

It keeps in its checkpoint the budgets it came through, and its result tells what it found there:
a checkpoint that is lost, half written or another's makes another result.
"""

import json
import time
from pathlib import Path

import sweepwright.trial as nni

parameters = nni.get_next_parameter()
inherited = nni.inherited_dir()
budgets = json.loads(Path(inherited, "budgets.json").read_text()) if inherited else []
digits = int(parameters["learning_rate"] * 1e9)
nni.report_intermediate_result(digits % 100)
time.sleep(0.02 + 0.1 * (digits % 7) / 7)
if digits % 5 == 0:
    raise ValueError(f"digits {digits} are no good")
budgets.append(parameters.get("TRIAL_BUDGET", 0))
Path(nni.checkpoint_dir(), "budgets.json").write_text(json.dumps(budgets))
nni.report_final_result(digits % 1000 + sum(budgets) / 1000)
