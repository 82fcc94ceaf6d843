"""Decides which machines can run trials, from what the probe has seen; pure.

A machine with a fatal fault is left out. This is a warning if another machine is good; otherwise
it is an error, and the sweep does not begin.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweepwright.contracts import Finding, Package, Role

from .options import Machine

LOW_DISK = 10**9
"""Bytes of free disk space below which a warning is given."""
FULL_DISK = 10**8
"""Bytes of free disk space below which a machine is left out."""
CLOCK_SECONDS = 60.0
"""Difference between clocks, in seconds, above which a warning is given."""
_CARRIED = "sweepwright"  # the runner brings the trial API and the prologues along


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one machine."""

    message: str
    help: str | None = None
    key: str | None = None
    """Option of the machine that the fault is about, if any."""
    fatal: bool = True
    """Whether trials cannot run on the machine."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the probe has seen of a machine: its facts, or why there are none."""

    index: int
    """Position in the option `machines`."""
    machine: Machine
    facts: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    clock_ahead: float = 0.0
    """Seconds by which the machine's clock is ahead of this one."""


def judge(
    looks: Sequence[Look],
    roles: Sequence[Role],
    packages: Sequence[Package],
    imports: Sequence[str] = (),
) -> list[Finding]:
    """Return a finding for each fault of each machine, and for roles that fit on none.

    `imports` are modules that the trial's own code imports.
    """
    faults = {
        look.index: [*_faults(look, packages), *_missing_imports(look, imports)] for look in looks
    }
    good = [look for look in looks if not any(fault.fatal for fault in faults[look.index])]
    found = [
        _finding(look, fault, spared=bool(good)) for look in looks for fault in faults[look.index]
    ]
    return [*found, *_homeless_roles(good, roles)]


def good_machines(looks: Sequence[Look], packages: Sequence[Package]) -> list[Look]:
    """Return the machines without a fatal fault."""
    return [look for look in looks if not any(fault.fatal for fault in _faults(look, packages))]


def _finding(look: Look, fault: Fault, *, spared: bool) -> Finding:
    left_out = "; the machine is left out" if fault.fatal and spared else ""
    message = f"machine `{look.machine.name}`: {fault.message}{left_out}"
    key = (fault.key,) if fault.key else ()
    path = ("machines", look.index, *key)
    return Finding(path, message, fault.help, warning=spared or not fault.fatal)


def _faults(look: Look, packages: Sequence[Package]) -> Iterator[Fault]:
    if look.fault is not None:
        yield look.fault
        return
    yield from _missing_packages(look, packages)
    yield from _folder_faults(look.facts["folder"])
    yield from _gpu_faults(look.machine, look.facts["gpus"])
    yield from _clock_faults(look.clock_ahead)


def _missing_packages(look: Look, packages: Sequence[Package]) -> Iterator[Fault]:
    versions = look.facts["packages"]
    missing = [
        package
        for package in packages
        if package.module != _CARRIED and versions.get(package.module) is None
    ]
    if missing:
        executable = look.facts["python"]["executable"]
        names = ", ".join(f"`{package.module}`" for package in missing)
        wanted = shlex.join(dict.fromkeys(map(_requirement, missing)))
        help_ = f"run there: `{shlex.quote(executable)} -m pip install {wanted}`, or set `python`"
        yield Fault(f"`{executable}` cannot import {names}", help_, "python")


def _missing_imports(look: Look, imports: Sequence[str]) -> Iterator[Fault]:
    """Warn of modules that are missing; the code may still find them where it alone looks."""
    versions = look.facts.get("packages", {})
    missing = [name for name in imports if name in versions and versions[name] is None]
    if missing:
        executable = look.facts["python"]["executable"]
        names = ", ".join(f"`{name}`" for name in missing)
        message = f"`{executable}` cannot import {names}, which the trial's code imports"
        help_ = f"install there, for `{executable}`, what provides it, or set `python`"
        yield Fault(message, help_, "python", fatal=False)


def _requirement(package: Package) -> str:
    """Return what to install for a package, on a machine that does not need sweepwright."""
    extra = package.install.startswith(f"{_CARRIED}[")
    return package.module if extra else package.install


def _folder_faults(folder: Mapping[str, Any]) -> Iterator[Fault]:
    path = folder["path"]
    if folder["error"]:
        help_ = "make it writable, or choose another `folder`"
        yield Fault(f"the folder `{path}` cannot be used: {folder['error']}", help_, "folder")
        return
    if folder["free"] < LOW_DISK:
        message = f"only {folder['free'] / 1e6:,.0f} MB are free in `{path}`"
        help_ = "free some disk space, or choose another `folder`"
        yield Fault(message, help_, "folder", fatal=folder["free"] < FULL_DISK)
    if folder["in_memory"]:
        message = f"the folder `{path}` is in memory ({folder['file_system']}), not on a disk"
        help_ = "choose a `folder` whose files outlive a restart and use up no memory"
        yield Fault(message, help_, "folder", fatal=False)


def _gpu_faults(machine: Machine, gpus: Mapping[str, Any]) -> Iterator[Fault]:
    devices = gpus["devices"]
    if gpus["error"] and machine.gpus != 0:
        help_ = "repair the GPU driver, or set `gpus` to 0"
        message = f"its GPUs cannot be listed: {gpus['error']}"
        yield Fault(message, help_, "gpus", fatal=bool(machine.gpus))
    elif isinstance(machine.gpus, int) and machine.gpus > len(devices):
        message = f"{machine.gpus} GPUs are configured, but `nvidia-smi` lists {len(devices)}"
        yield Fault(message, "correct `gpus`, or check the GPU driver", "gpus")
    elif isinstance(machine.gpus, tuple):
        known = [name for device in devices for name in (device["index"], device["id"])]
        if unknown := [gpu for gpu in machine.gpus if gpu not in known]:
            listed = ", ".join(device["index"] for device in devices) or "none"
            message = f"`nvidia-smi` lists no GPU {', '.join(unknown)}; it lists {listed}"
            yield Fault(message, "correct `gpus`, or check the GPU driver", "gpus")


def _clock_faults(ahead: float) -> Iterator[Fault]:
    if abs(ahead) > CLOCK_SECONDS:
        direction = "ahead of" if ahead > 0 else "behind"
        message = f"its clock is {abs(ahead):,.0f} s {direction} the clock here"
        help_ = (
            "set it: `timedatectl set-ntp true`; the times in its log files are wrong until then"
        )
        yield Fault(message, help_, fatal=False)


def _homeless_roles(good: Sequence[Look], roles: Sequence[Role]) -> Iterator[Finding]:
    """Report each role of which a process needs more than every good machine has."""
    capacities = [_capacity(look) for look in good]
    for role in roles if good else ():
        if not any(_fits(role.resources, capacity) for capacity in capacities):
            needs = ", ".join(f"{_amount(*each)}" for each in sorted(role.resources.items()))
            largest = ", ".join(
                _amount(name, max(capacity.get(name, 0.0) for capacity in capacities))
                for name in sorted(role.resources)
            )
            message = f"no machine has what a process of role `{role.name}` needs: {needs}"
            help_ = f"the most that a machine has is {largest}; request less, or add a machine"
            yield Finding(("machines",), message, help_)


def _capacity(look: Look) -> dict[str, float]:
    machine, facts = look.machine, look.facts
    devices = len(facts["gpus"]["devices"])
    gpus = devices if machine.gpus is None else machine.gpus
    return {
        "cpu": machine.cpus or float(facts["cpus"]),
        "gpu": float(gpus if isinstance(gpus, int) else len(gpus)),
        "memory": float(machine.memory << 20) if machine.memory else float(facts["memory"]),
    }


def _fits(needs: Mapping[str, float], capacity: Mapping[str, float]) -> bool:
    return all(amount <= capacity.get(name, 0.0) for name, amount in needs.items())


def _amount(name: str, amount: float) -> str:
    return f"{amount / (1 << 20):,.0f} MiB of memory" if name == "memory" else f"{amount:g} {name}"
