"""A Kubernetes cluster in a process of its own, for `cluster.py`; its requests are counted.

Usage: python benchmarks/scripted_cluster.py FOLDER [--seconds 30] [--interval 3] [--processes]

Writes `FOLDER/config`, a kubeconfig, and then prints a line. It answers each line of its input
with the counts of the requests since the last one, and ends when its input ends.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sweepwright.protocol import TrialLine, write_line
from sweepwright.runner.pod.log_writer import LogWriter
from sweepwright.runner_client.pods.environment import POD
from sweepwright.testing.kubernetes import ApiServer
from sweepwright.testing.kubernetes.cluster import (
    Cluster,
    Finish,
    KubeletSettings,
    LocalProcesses,
    Node,
    Scripted,
    ScriptedContainer,
    Write,
)

NODE = Node(cpu=100_000, memory="1000Ti", pods=100_000)
PRINTING = 5
"""One trial in so many prints text beside each report."""
TEXT = b"".join(b"step %4d  loss 0.1234  accuracy 0.9876\n" % step for step in range(50))


def main() -> None:
    """Run a cluster until the input ends."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--seconds", type=float, default=30, help="duration of a trial")
    options.add_argument("--interval", type=float, default=3, help="time between two reports")
    options.add_argument("--processes", action="store_true", help="run trials instead of scripts")
    chosen = options.parse_args()
    script = Scripted(Trials(chosen.seconds, chosen.interval).play)
    pods = LocalProcesses(chosen.folder / "pods") if chosen.processes else script
    # With TLS, as everywhere: encryption takes part of the driver's time and memory.
    settings = KubeletSettings(look_seconds=60)
    with (
        ApiServer(tls=True) as server,
        Cluster(server, pods, nodes=[NODE], settings=settings),
    ):
        server.kubeconfig(chosen.folder / "config")
        print("ready", flush=True)
        for _ in sys.stdin:
            counts = sorted(server.requests.counts.items())
            server.requests.clear()
            print(json.dumps(counts), flush=True)


class Trials:
    """The scripts of pods: what the agent of a trial writes to the log, in real time."""

    def __init__(self, seconds: float, interval: float) -> None:
        self._reports = max(1, round(seconds / interval))
        self._interval = interval
        self._count = 0

    def play(self, container: ScriptedContainer) -> Iterator[Write | Finish]:
        """Yield what a container does."""
        self._count += 1
        prints = self._count % PRINTING == 0
        role = json.loads(container.environment[POD])["role"]
        written: list[bytes] = []
        log = LogWriter(written.append)
        log.record({"event": "launched", "handle": {"pids": [1]}})
        yield Write(0, _taken(written))
        for report in range(self._reports):
            yield Write(self._interval, b"")  # a report tells the time after this pause
            if prints:
                log.text(TEXT)
            line = _report(role, report, final=report == self._reports - 1)
            log.record({"event": "output", "line": line})
            yield Write(0, _taken(written))
        log.record({"event": "ended", "failure": None})
        ended = {"failure": None, "records": log.count}
        yield Write(0, _taken(written))
        yield Finish(0, 0, json.dumps({"sweepwright_ended": ended}))


def _taken(written: list[bytes]) -> bytes:
    data = b"".join(written)
    written.clear()
    return data


def _report(role: str, sequence: int, *, final: bool) -> str:
    metrics: dict[str, Any] = {"default": 1 / (1 + sequence), "written": time.time()}
    return write_line(TrialLine(1, role, 0, sequence, final, metrics, process="a1b2c3d4"))


if __name__ == "__main__":
    main()
