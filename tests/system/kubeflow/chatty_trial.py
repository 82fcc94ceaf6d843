"""A trial that prints much between its reports, and can be stopped after the first half.

It prints 40 portions of ``$PORTION`` lines of 64 bytes, and reports after each. After the first
half it makes a file ``half-<trial>`` in ``$MEETING``, and waits for the file ``go``.
"""

import os
import sys
import time
from pathlib import Path

import sweepwright.trial as nni

PORTIONS = 40
parameters = nni.get_next_parameter()
meeting = Path(os.environ["MEETING"])
digits = int(parameters["learning_rate"] * 1e9)
for portion in range(PORTIONS):
    if portion == PORTIONS // 2:
        (meeting / f"half-{nni.get_sequence_id()}").touch()
        while not (meeting / "go").exists():
            time.sleep(0.02)
    for line in range(int(os.environ["PORTION"])):
        sys.stdout.write(f"{portion:10}{line:10}{'.' * 43}\n")
    sys.stdout.flush()
    nni.report_intermediate_result(digits % 100 + portion)
nni.report_final_result(digits % 1000)
