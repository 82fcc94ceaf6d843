"""Static checks of the options: every fault that can be found without a connection."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from sweepwright.contracts import Finding
from sweepwright.diagnostics import did_you_mean

from .inventory import InventoryError, read_inventory
from .jump_address import JUMP_HELP, split_jumps
from .options import (
    MachineDefaults,
    MachineOptions,
    RemoteOptions,
    eligible_machines,
    machine_name,
    make_paths_absolute,
    move_defaults,
    resolve_machines,
)
from .ssh_names import HOST_FAULT, HOST_HELP, USER_FAULT, is_host, is_user

_ONE_LINE = ("python", "activate", "folder", "host", "user", "name", "address")
_VARIABLES = ("password_env", "jump_password_env")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AT_LEAST = {"port": 1, "slots": 1, "memory": 1, "gpus": 0}
_LAST_PORT = 65535
_LIST_HELP = "list them: `machines=[{host: box1}, {host: box2}]`, or name an inventory file"


def check_options(options: RemoteOptions) -> Iterator[Finding]:
    """Find every fault in the options and in the inventory, and whether paramiko is missing."""
    yield from _missing_library()
    yield from _wrong_times(options)
    try:
        filled = read_inventory(options)
    except InventoryError as error:
        help_ = None if Path(error.path).expanduser().exists() else _LIST_HELP
        for fault in error.faults:
            yield Finding(("machines",), f"the inventory `{error.path}`: {fault}", help_)
        return
    found = [*_machine_findings(filled), *_requirement_findings(filled)]
    if isinstance(options.machines, str):
        yield from (_in_inventory(each, options.machines) for each in found)
    else:
        yield from found


def finalize_options(options: RemoteOptions) -> RemoteOptions:
    """Read the inventory, and make paths absolute, so that a resume needs only the plan.

    Defaults of the inventory become options of its machines, so that a resume that names another
    inventory, or the same one with other defaults, uses nothing of the old one.
    """
    filled = read_inventory(options)
    if filled is not options:
        filled = replace(move_defaults(filled), machine_defaults=options.machine_defaults)
    return make_paths_absolute(filled)


def _missing_library() -> Iterator[Finding]:
    if find_spec("paramiko") is None:
        help_ = f"install it: `{sys.executable} -m pip install 'sweepwright[remote]'`"
        yield Finding((), "the package `paramiko`, which speaks SSH, is not installed", help_)


def _wrong_times(options: RemoteOptions) -> Iterator[Finding]:
    for name in ("connect_timeout", "heartbeat_seconds", "orphan_seconds"):
        seconds = getattr(options, name)
        if seconds is not None and not seconds > 0:
            yield Finding((name,), f"`{name}` is {seconds:g}, not above 0")
    if 0 < options.orphan_seconds < options.heartbeat_seconds:
        rest = f"below the {options.heartbeat_seconds:g} s of `heartbeat_seconds`"
        message = f"`orphan_seconds` is {options.orphan_seconds:g}, {rest}"
        help_ = "the driver sends a machine only a few messages in `heartbeat_seconds`"
        yield Finding(("orphan_seconds",), message, help_)
    if not options.lost_after >= 0:
        yield Finding(("lost_after",), f"`lost_after` is {options.lost_after:g}, below 0")
    if options.max_output_mib is not None and options.max_output_mib < 0:
        yield Finding(
            ("max_output_mib",), f"`max_output_mib` is {options.max_output_mib}, below 0"
        )


def _machine_findings(options: RemoteOptions) -> Iterator[Finding]:
    machines = options.machines
    assert not isinstance(machines, str)
    if not machines:
        yield Finding(("machines",), "there are no machines", _LIST_HELP)
    yield from _repeated_names(machines)
    yield from _entry_findings(("machine_defaults",), options.machine_defaults)
    for index, entry in enumerate(machines):
        yield from _entry_findings(("machines", index), entry)


def _repeated_names(machines: Iterable[MachineOptions]) -> Iterator[Finding]:
    names = [machine_name(entry) for entry in machines]
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"{Counter(names)[name]} machines are called `{name}`"
            yield Finding(("machines", index), message, "give each a `name` of its own")


def _entry_findings(place: tuple[str | int, ...], entry: MachineDefaults) -> Iterator[Finding]:
    found = [
        *_text_findings(entry),
        *_variable_findings(entry),
        *_number_findings(entry),
        *_gpu_findings(entry),
        *_jump_findings(entry),
        *_file_findings(entry),
        *_key_findings(entry),
    ]
    yield from (replace(each, path=(*place, *each.path)) for each in found)


def _text_findings(entry: MachineDefaults) -> Iterator[Finding]:
    for name in _ONE_LINE:
        text = getattr(entry, name, None)
        if text is None:
            continue
        if set("\n\r\0") & set(text):
            yield Finding((name,), f"`{name}` contains a line break or a zero byte")
        elif not text.strip():
            yield Finding((name,), f"`{name}` is empty", "omit it, or give it a value")
        # Such a name is not shown: it may contain a password, as in an address.
        elif name in ("host", "address") and not is_host(text):
            yield Finding((name,), f"`{name}` {HOST_FAULT}", HOST_HELP)
        elif name == "user" and not is_user(text):
            yield Finding((name,), f"`user` {USER_FAULT}")


def _variable_findings(entry: MachineDefaults) -> Iterator[Finding]:
    for name in _VARIABLES:
        variable = getattr(entry, name)
        if variable is not None and not _VARIABLE.fullmatch(variable):
            # It is not shown, because it may be the password itself.
            message = f"`{name}` is not the name of an environment variable"
            help_ = "put the password into an environment variable, and write the variable's name"
            yield Finding((name,), message, help_)


def _number_findings(entry: MachineDefaults) -> Iterator[Finding]:
    for name, least in _AT_LEAST.items():
        value = getattr(entry, name)
        if isinstance(value, int) and value < least:
            yield Finding((name,), f"`{name}` is {value}, below {least}")
    if entry.port is not None and entry.port > _LAST_PORT:
        yield Finding(("port",), f"`port` is {entry.port}, above {_LAST_PORT}")
    if entry.cpus is not None and not 0 < entry.cpus < float("inf"):
        yield Finding(("cpus",), f"`cpus` is {entry.cpus:g}, not above 0")


def _gpu_findings(entry: MachineDefaults) -> Iterator[Finding]:
    if not isinstance(entry.gpus, tuple):
        return
    ids = [str(gpu) for gpu in entry.gpus]
    for index, gpu in enumerate(ids):
        if gpu in ids[:index]:
            yield Finding(("gpus", index), f"GPU `{gpu}` is listed twice")
        elif not gpu.strip() or "," in gpu or gpu.startswith("-"):
            help_ = "list indices or ids as `nvidia-smi -L` prints them"
            yield Finding(("gpus", index), f"`{gpu}` is not the id of a GPU", help_)


def _jump_findings(entry: MachineDefaults) -> Iterator[Finding]:
    if entry.jump is None or entry.jump.lower() == "none":
        return
    try:
        split_jumps(entry.jump)
    except ValueError as error:
        yield Finding(("jump",), str(error), JUMP_HELP)


def _file_findings(entry: MachineDefaults) -> Iterator[Finding]:
    config = entry.ssh_config
    if config not in (None, "none") and not Path(config or "").expanduser().exists():
        help_ = "correct the path, or write `none` for no configuration"
        yield Finding(("ssh_config",), f"there is no SSH configuration `{config}`", help_)


def _key_findings(entry: MachineDefaults) -> Iterator[Finding]:
    if entry.identity_file is None:
        return
    if entry.password_env is not None:
        message = "both `identity_file` and `password_env` are given"
        yield Finding(("password_env",), message, "keep one of the two")
    if not Path(entry.identity_file).expanduser().exists():
        message = f"there is no private key `{entry.identity_file}`"
        help_ = "correct the path, or make a key: `ssh-keygen -t ed25519`"
        yield Finding(("identity_file",), message, help_)


def _requirement_findings(options: RemoteOptions) -> Iterator[Finding]:
    machines = resolve_machines(options)
    known = {tag for machine in machines for tag in machine.tags}
    unknown = [tag for tag in options.require if tag not in known]
    for tag in unknown if machines else ():
        help_ = did_you_mean(tag, known) or "give machines `tags`"
        path = ("require", options.require.index(tag))
        yield Finding(path, f"no machine has the tag `{tag}`", help_)
    if machines and not unknown and not eligible_machines(options):
        yield Finding(("require",), "no machine has all of these tags", "require fewer of them")


def _in_inventory(found: Finding, file: str) -> Finding:
    """Say where in the inventory a fault is, and report it at the name of the inventory."""
    if not found.path or found.path[0] not in ("machines", "defaults"):
        return found
    place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in found.path)
    message = f"`{place.removeprefix('.')}` of the inventory `{file}`: {found.message}"
    return replace(found, path=("machines",), message=message)
