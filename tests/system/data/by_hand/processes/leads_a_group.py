import os
import signal
import subprocess

import sweepwright as nni

os.setpgrp()
signal.signal(signal.SIGTERM, lambda *_: print("ends its children", flush=True))
child = subprocess.Popen(["sleep", "600"])
nni.report_final_result(1)
os.killpg(0, signal.SIGTERM)
print(child.wait())
