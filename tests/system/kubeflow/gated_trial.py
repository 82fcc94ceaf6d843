"""A trial that waits for tests: it says in a folder that it runs, and ends when it is told to.

The folder ``$MEETING`` has a file ``began-<trial>`` for each trial that began, with a line for
each attempt. A trial ends once there is a file ``go``.
"""

import os
import time
from pathlib import Path

import sweepwright.trial as nni

parameters = nni.get_next_parameter()
meeting = Path(os.environ["MEETING"])
trial = nni.get_sequence_id()
with (meeting / f"began-{trial}").open("a") as began:
    began.write(f"{os.getpid()}\n")
digits = int(parameters["learning_rate"] * 1e9)
nni.report_intermediate_result(digits % 100)
while not (meeting / "go").exists():
    time.sleep(0.02)
nni.report_final_result(digits % 1000)
