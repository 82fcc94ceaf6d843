"""Says that it is ready and then waits to be stopped; early attempts may be told to die."""

import json
import os
import sys
import time
from pathlib import Path

attempt = json.loads(os.environ["SWEEPWRIGHT_TRIAL"])["attempt"]
while not Path(f"led-{attempt}").exists():
    time.sleep(0.02)
if attempt <= int(os.environ.get("DIES", "0")):
    sys.exit(7)
with Path(f"ready-{attempt}").open("a") as ready:
    ready.write(f"{os.environ['SWEEPWRIGHT_RANK']}\n")
time.sleep(1000)
