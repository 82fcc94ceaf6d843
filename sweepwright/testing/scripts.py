"""Trials of the platform suite, as source code and as behaviors of simulated jobs."""

from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

from sweepwright.contracts import Job, PythonFile
from sweepwright.events import Failure, FailureKind

from .fake_cluster import Behavior

SCRIPTS: Mapping[str, str] = {
    "talk": """
from sweepwright.trial import report_final_result, report_intermediate_result
for step in range(5):
    report_intermediate_result(step)
report_final_result(5)
""",
    "offspring": """
import subprocess, sys
from sweepwright.trial import report_final_result, report_intermediate_result
report_intermediate_result(0)
code = "from sweepwright.trial import report_intermediate_result as r; r(1)"
subprocess.run([sys.executable, "-c", code], check=True)
report_final_result(2)
""",
    "boom": """
from sweepwright.trial import report_intermediate_result
report_intermediate_result(0)
raise ValueError("boom")
""",
    "leave": "raise SystemExit(3)",
    "hang": """
import time
from sweepwright.trial import report_intermediate_result
report_intermediate_result(0)
time.sleep(600)
""",
    "chatter": """
import sys, time
from sweepwright.trial import report_final_result, report_intermediate_result
print("to standard output", flush=True)
print("to standard error", file=sys.stderr, flush=True)
report_intermediate_result(0)
time.sleep(600)
""",
    "count": """
import os
from sweepwright.trial import report_final_result
with open(os.environ["WITNESS"], "a") as file:
    file.write("here\\n")
report_final_result(0)
""",
    "flood": """
from sweepwright.trial import report_final_result, report_intermediate_result
line = 99 * "x"
for step in range(20_000):
    print(line, line)
    report_intermediate_result(step)
report_final_result(0)
""",
    # The reporting role waits for the others, which may be stopped once it is done.
    "environ": """
import json, os, time
from sweepwright.trial import checkpoint_dir, report_final_result
role, rank = os.environ["SWEEPWRIGHT_ROLE"], os.environ["SWEEPWRIGHT_RANK"]
path = os.path.join(os.environ["WITNESS"], role + rank)
with open(path + ".part", "w") as file:
    json.dump({"folder": checkpoint_dir(), **os.environ}, file)
os.rename(path + ".part", path + ".json")
if role == "main":
    while sum(name.endswith(".json") for name in os.listdir(os.environ["WITNESS"])) < 3:
        time.sleep(0.02)
report_final_result(0)
""",
    "keep": """
import os
from sweepwright.trial import checkpoint_dir, report_final_result
with open(os.path.join(checkpoint_dir(), "weights"), "w") as file:
    file.write("42")
report_final_result(0)
""",
    "heir": """
import os
from sweepwright.trial import inherited_dir, report_final_result
with open(os.path.join(inherited_dir(), "weights")) as file:
    report_final_result(int(file.read()))
""",
    # A child, one in a session of its own, and an orphan; all of them ignore SIGTERM.
    "family": """
import os, subprocess, sys, time
from sweepwright.trial import report_intermediate_result
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); "
deaf = [sys.executable, "-S", "-c", deaf + "time.sleep(600)"]
born = [subprocess.Popen(deaf, stdout=subprocess.PIPE) for _ in range(1)]
born.append(subprocess.Popen(deaf, stdout=subprocess.PIPE, start_new_session=True))
for child in born:
    child.stdout.readline()
leave = "import subprocess, sys; p = subprocess.Popen(sys.argv[1:], start_new_session=True, "
leave += "stdout=subprocess.DEVNULL); print(p.pid)"
gone = subprocess.run([sys.executable, "-S", "-c", leave, *deaf], stdout=subprocess.PIPE)
pids = [os.getpid(), *(child.pid for child in born), int(gone.stdout)]
with open(os.environ["WITNESS"], "a") as file:
    file.write("".join("%d\\n" % pid for pid in pids))
report_intermediate_result(0)
time.sleep(float(os.environ.get("LINGER", "600")))
""",
}
"""Mapping from name to source code; some scripts write to the path in ``WITNESS``."""


_BEHAVIORS: Mapping[str, Behavior] = {
    "talk": Behavior(seconds=6, reports=range(5), result=5),
    "boom": Behavior(reports=[0], failure=Failure(FailureKind.ERROR, "ValueError: boom")),
    "leave": Behavior(failure=Failure(FailureKind.EXIT, "exit code 3")),
    "hang": Behavior(seconds=inf, lines=["ready"]),
    "chatter": Behavior(
        seconds=inf, lines=["ready"], stdout="to standard output\n", stderr="to standard error\n"
    ),
    "keep": Behavior(result=0, checkpoint={"weights": b"42"}),
}


def scripted(_assignment: Mapping[str, Any], job: Job) -> Behavior:
    """Return the behavior of a job's first script that fails, or of its first script."""
    behaviors = [
        _BEHAVIORS[Path(role.entry.path).stem]
        for role in job.roles
        if isinstance(role.entry, PythonFile)
    ]
    return next((behavior for behavior in behaviors if behavior.failure), behaviors[0])
