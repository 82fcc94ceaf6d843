"""A trial that leaves daemons behind: one as any, one that has closed everything that marks it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import sweepwright.trial as nni

parameters = nni.get_next_parameter()
home = Path.home()
sleep = [sys.executable, "-S", "-c", "import time; time.sleep(600)", f"daemon of {home}"]
subprocess.Popen(sleep, start_new_session=True)
if not (home / "marked").exists():
    null = subprocess.DEVNULL
    subprocess.Popen(sleep, start_new_session=True, env={}, stdin=null, stdout=null, stderr=null)
with (home / f"began-{nni.get_sequence_id()}").open("a") as began:
    began.write(f"{os.getpid()}\n")
while not (home / "go").exists():
    time.sleep(0.005)
nni.report_final_result(int(parameters["learning_rate"] * 1e9) % 1000)
