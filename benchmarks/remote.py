"""Trials on another machine, compared with trials on this one: rate, latency, and code sent.

Usage: python benchmarks/remote.py [--trials 1000] [--latencies 110] [--code-mb 20]

Starts an OpenSSH server on the loopback interface, which stands for a machine with eight slots.
Everything else is real: connection, encryption, runner, fork server. The local platform runs the
same trials in the same run of the benchmark, because the machine's speed varies.
"""

import argparse
import getpass
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweepwright.core.store.catalog import Store

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.latency import times

ROOT = Path(__file__).parents[1]
SLOTS = 8
WARM = 20
"""Trials after which a sweep counts as warm."""


def main() -> None:
    """Measure everything once, and print ratios."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=1000, help="no-op trials for the rates")
    options.add_argument("--latencies", type=int, default=110, help="trials that import torch")
    options.add_argument("--code-mb", type=int, default=20, help="size of the trial's folder")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as machine:
        folder = Path(name)
        remote = ["platform=remote", f"platform.machines=[{in_overrides(machine)}]"]
        print_rates(folder, remote, chosen.trials)
        print_latencies(folder, remote, chosen.latencies)
        print_code(folder, remote, chosen.code_mb)


def print_rates(folder: Path, remote: list[str], trials: int) -> None:
    """Print trials per second on this machine and on the other one, and their ratio."""
    given = ["trial=noop", "tuner=random", f"concurrency={SLOTS}", f"max_trials={trials}"]
    rates = {}
    for name, more in (("local", []), ("remote", remote)):
        store = sweep(folder / f"rate-{name}", [*given, *more])
        _, reported = times(store)
        ended = sorted(reported.values())[WARM:]
        rates[name] = (len(ended) - 1) / (ended[-1] - ended[0])
        print(f"no-op trials, {SLOTS} slots, {name:<7}{rates[name]:>8.0f} trials/s")
    print(f"remote / local = {rates['remote'] / rates['local']:.2f}\n")


def print_latencies(folder: Path, remote: list[str], trials: int) -> None:
    """Print how long a trial that finds torch imported takes from `ask` to its first line."""
    given = ["trial=noop", "framework=pytorch", "tuner=random", "concurrency=2"]
    for name, more in (("local", []), ("remote", remote)):
        store = sweep(folder / f"latency-{name}", [*given, f"max_trials={trials}", *more])
        opened, reported = times(store)
        waits = [1000 * (reported[trial] - opened[trial]) for trial in opened][WARM:]
        print(f"warm torch trial, {name:<7} median {statistics.median(waits):>7.1f} ms")
    print()


def print_code(folder: Path, remote: list[str], megabytes: int) -> None:
    """Print what a large folder of code costs: it is sent once, and not for each trial."""
    code = folder / "code"
    code.mkdir()
    (code / "trial.py").write_text(
        "from sweepwright.trial import report_final_result\nreport_final_result(1)\n"
    )
    given = ["framework=python", f"+trial.entries.python={code / 'trial.py'}", "tuner=random"]
    given += [f"trial.folder={code}", "max_trials=40", "concurrency=8", "budget=null"]
    given += [f"+silence.{finding}='it is meant so'" for finding in ("T105", "P106")]
    spent = []
    for size in (0, megabytes):
        (code / "data.bin").write_bytes(bytes(size << 20))
        begun = time.perf_counter()
        sweep(folder / f"code-{size}", [*given, *remote])
        spent.append(time.perf_counter() - begun)
    archives = list((folder / "home" / ".sweepwright" / "code").glob("*.tar"))
    large = [path for path in archives if path.stat().st_size > megabytes << 20]
    print(f"40 trials with {megabytes} MB of code: {spent[1]:.1f} s, without {spent[0]:.1f} s")
    print(f"archives of that size on the machine: {len(large)}")


def sweep(store: Path, arguments: list[str]) -> Path:
    """Run a sweep, and return its folder."""
    argv = [sys.executable, str(ROOT / "run.py"), *arguments, f"store.path={store}", "--quiet"]
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return Store(store).find()


@contextmanager
def server(folder: Path) -> Iterator[dict[str, object]]:
    """Run an OpenSSH server, and give the options of a machine that stand for it."""
    port = free_port()
    make_keys(folder)
    (folder / "home").mkdir()
    host_key = (folder / "host_key.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {' '.join(host_key[:2])}\n")
    (folder / "sshd_config").write_text("\n".join(configuration(folder, port)) + "\n")
    sshd = shutil.which("sshd") or "/usr/sbin/sshd"
    Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([sshd, "-D", "-f", str(folder / "sshd_config"), "-E", "/dev/null"])
    try:
        while not (folder / "pid").exists():
            time.sleep(0.01)
        yield {
            "host": "127.0.0.1",
            "port": port,
            "user": getpass.getuser(),
            "identity_file": str(folder / "user_key"),
            "known_hosts": str(folder / "known_hosts"),
            "ssh_config": "none",
            "agent": False,
            "python": sys.executable,
            "slots": SLOTS,
        }
    finally:
        process.terminate()
        process.wait()


def make_keys(folder: Path) -> None:
    """Make the keys of the server and of the user."""
    for name in ("host_key", "user_key"):
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(argv, check=True)
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")


def configuration(folder: Path, port: int) -> list[str]:
    """Return the lines of the server's configuration."""
    return [
        "ListenAddress 127.0.0.1",
        f"Port {port}",
        f"HostKey {folder / 'host_key'}",
        f"AuthorizedKeysFile {folder / 'authorized_keys'}",
        f"PidFile {folder / 'pid'}",
        f'SetEnv "HOME={folder / "home"}"',
        "PasswordAuthentication no",
        "PermitRootLogin prohibit-password",
        "UsePAM no",
        "StrictModes no",
        "MaxSessions 100",
    ]


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def in_overrides(values: dict[str, object]) -> str:
    """Write a mapping in the language of overrides."""
    return "{" + ",".join(f"{name}:{json.dumps(value)}" for name, value in values.items()) + "}"


if __name__ == "__main__":
    main()
