"""A trial whose result follows from its assignment, so that a sweep of it is the same anywhere.

It continues from its checkpoint, reports once an epoch, and fails for some assignments: for some
at the first attempt, for others at every attempt.
"""

import json
import time
from pathlib import Path
from zlib import crc32

import sweepwright.trial as nni

assignment = nni.get_next_parameter()
budget = assignment.pop("TRIAL_BUDGET", 9)
digits = crc32(json.dumps(assignment, sort_keys=True).encode())
inherited = nni.inherited_dir()
first = int(Path(inherited, "epoch").read_text()) if inherited else 0
level = digits % 1000 / 1000
accuracy = 0.0
for epoch in range(first + 1, int(budget) + 1):
    accuracy = level * epoch / (epoch + 1)
    nni.report_intermediate_result({"default": accuracy, "loss": 1 - accuracy})
    time.sleep(0.05)
if digits % 11 == 0:
    raise ValueError(f"digits {digits} always fail")
marker = Path(nni.checkpoint_dir()).parent.parent / "failed_before"
if digits % 3 == 0 and not marker.exists():
    marker.touch()
    raise SystemExit(3)
Path(nni.checkpoint_dir(), "epoch").write_text(str(int(budget)))
nni.report_final_result({"default": accuracy, "loss": 1 - accuracy})
