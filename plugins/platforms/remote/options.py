"""Options of ``platform=remote``, and the machines that they describe.

An option of a machine that is null is taken from `RemoteOptions.machine_defaults`.
`resolve_machines` fills in all options: it makes a `Machine` of each entry. No option contains a
secret: a password is read from an environment variable when a machine asks for it.
"""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

PYTHON = "python3"
FOLDER = "~/.sweepwright"
LOCAL_PATHS = ("identity_file", "ssh_config", "known_hosts")
"""Options that are paths on the machine of the driver."""


@dataclass(frozen=True, slots=True)
class MachineDefaults:
    """Options for all machines; the options of a machine override them."""

    port: int | None = None
    """Port of the SSH server; null for the port in the SSH configuration, or else 22."""
    user: str | None = None
    """User name on the machine; null for the one in the SSH configuration, or else your own."""
    identity_file: str | None = None
    """Private key to log in with; null for the keys in the SSH configuration, the keys of the
    SSH agent, and ``~/.ssh/id_*``."""
    agent: bool | None = None
    """Whether to try the keys of the SSH agent; null for true."""
    password_env: str | None = None
    """Name of an environment variable that contains the password to log in with."""
    jump: str | None = None
    """Jump hosts, as in ``ssh -J``: ``user@host:port``, separated by commas; null for
    ``ProxyJump`` in the SSH configuration, and ``none`` for no jump host."""
    jump_password_env: str | None = None
    """Name of an environment variable that contains the password for the hosts in `jump`."""
    ssh_config: str | None = None
    """Path of the SSH configuration; null for ``~/.ssh/config``, and ``none`` to read none."""
    known_hosts: str | None = None
    """Path of the file with known host keys; null for the files in the SSH configuration, or else
    ``~/.ssh/known_hosts``."""
    python: str | None = None
    """Interpreter of the trials, Python 3.8 or newer: a path on the machine, or a name that its
    shell finds; null for ``python3``."""
    activate: str | None = None
    """Shell command that prepares the environment of the interpreter, such as ``module load
    cuda`` or ``source ~/venv/bin/activate``."""
    folder: str | None = None
    """Folder for everything that sweepwright keeps on the machine; null for ``~/.sweepwright``."""
    slots: int | None = None
    """Maximum number of trials that run at the same time; null for the number of CPUs."""
    cpus: float | None = None
    """Number of CPUs that roles can request as ``cpu``; null for all CPUs of the machine."""
    memory: int | None = None
    """MiB of memory that roles can request; null for all memory of the machine."""
    gpus: int | tuple[int | str, ...] | None = None
    """Number of GPUs to use, or their ids; null for all GPUs that ``nvidia-smi`` lists."""
    tags: tuple[str, ...] | None = None
    """Words that describe the machine, which `require` can select; null for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineOptions(MachineDefaults):
    """Options of one machine; those that are null are taken from the options for all machines."""

    host: str
    """Address or name of the machine, or a ``Host`` of the SSH configuration."""
    name: str | None = None
    """Name of the machine in messages; null for `host`."""
    address: str | None = None
    """Address at which the other machines reach this machine, for trials of several roles; null
    for `host` as the SSH configuration resolves it."""


@dataclass(frozen=True, slots=True)
class RemoteOptions:
    """Options of ``platform=remote``."""

    machines: tuple[MachineOptions, ...] | str = ()
    """The machines, or the path of a YAML file, the inventory, with `machines` and `defaults`."""
    machine_defaults: MachineDefaults = field(default_factory=MachineDefaults)
    """Options for all machines; the options of a machine override them."""
    require: tuple[str, ...] = ()
    """Tags that a machine must have to run trials."""
    connect_timeout: float | None = None
    """Time limit in seconds for making a connection; null for ``ConnectTimeout`` in the SSH
    configuration, or else 10."""
    heartbeat_seconds: float = 15.0
    """Seconds without a message after which the driver closes a connection and connects again."""
    lost_after: float = 300.0
    """Seconds for which a machine may be out of reach before its trials count as lost."""
    orphan_seconds: float = 3600.0
    """Seconds without a driver after which a machine ends its trials."""
    fetch: Literal["none", "output", "all"] = "none"
    """Which files of a trial are copied from its machines when it ends."""
    max_output_mib: int | None = 64
    """MiB to keep of each file with a process's output; null for all. The middle of a longer file
    is dropped."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of the sweep, with all defaults filled in; the machine decides what is null."""

    name: str
    host: str
    port: int | None = None
    user: str | None = None
    identity_file: str | None = None
    agent: bool = True
    password_env: str | None = None
    jump: str | None = None
    jump_password_env: str | None = None
    ssh_config: str | None = None
    known_hosts: str | None = None
    python: str = PYTHON
    activate: str | None = None
    folder: str = FOLDER
    slots: int | None = None
    cpus: float | None = None
    memory: int | None = None
    gpus: int | tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    address: str | None = None


def resolve_machines(options: RemoteOptions) -> tuple[Machine, ...]:
    """Fill in the defaults of each machine; the options must not name an inventory."""
    assert not isinstance(options.machines, str), "`finalize_options` reads the inventory"
    return tuple(_resolve(entry, options.machine_defaults) for entry in options.machines)


def eligible_machines(options: RemoteOptions) -> tuple[Machine, ...]:
    """Return the machines that have all required tags."""
    required = set(options.require)
    return tuple(each for each in resolve_machines(options) if required <= set(each.tags))


def merge_defaults(above: MachineDefaults, below: MachineDefaults) -> MachineDefaults:
    """Replace the options that are null in `above` by those in `below`."""
    return MachineDefaults(**_merged(above, below))


def move_defaults(options: RemoteOptions) -> RemoteOptions:
    """Copy the defaults of all machines to the entry of each machine."""
    assert not isinstance(options.machines, str), "`finalize_options` reads the inventory"
    machines = (replace(m, **_merged(m, options.machine_defaults)) for m in options.machines)
    return replace(options, machines=tuple(machines), machine_defaults=MachineDefaults())


def machine_name(entry: MachineOptions) -> str:
    """Return the name of a machine in messages and handles."""
    return entry.name or entry.host


def make_paths_absolute(options: RemoteOptions) -> RemoteOptions:
    """Make paths on this machine absolute, because a resume may start in another folder."""
    assert not isinstance(options.machines, str), "`finalize_options` reads the inventory"
    machines = tuple(replace(entry, **_absolute_paths(entry)) for entry in options.machines)
    defaults = replace(options.machine_defaults, **_absolute_paths(options.machine_defaults))
    return replace(options, machines=machines, machine_defaults=defaults)


def _absolute_paths(entry: MachineDefaults) -> dict[str, Any]:
    given = {name: getattr(entry, name) for name in LOCAL_PATHS}
    # A path that begins with `~` is left as it is: the plan may be resumed by another user.
    return {
        name: str(Path(path).absolute())
        for name, path in given.items()
        if path and path != "none" and not path.startswith("~")
    }


def _resolve(entry: MachineOptions, defaults: MachineDefaults) -> Machine:
    merged = _merged(entry, defaults)
    known = {name: value for name, value in merged.items() if value is not None}
    if not isinstance(gpus := known.get("gpus", 0), int):
        known["gpus"] = tuple(map(str, gpus))
    return Machine(machine_name(entry), entry.host, **known, address=entry.address)


def _merged(above: MachineDefaults, below: MachineDefaults) -> dict[str, Any]:
    """Merge common options; a password replaces a default key, and a key a default password."""
    ways = ("identity_file", "password_env")
    chosen = any(getattr(above, name) is not None for name in ways)
    return {
        entry.name: value
        if (value := getattr(above, entry.name)) is not None or (chosen and entry.name in ways)
        else getattr(below, entry.name)
        for entry in fields(MachineDefaults)
    }
