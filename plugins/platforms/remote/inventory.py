"""The inventory: a YAML file that lists machines, so that several sweeps can share them.

    defaults: {user: lab, folder: /scratch/sweeps}
    machines:
      - {host: box1, gpus: 2}
      - {host: box2, gpus: 4}

Its entries have the keys of the option `machines`, and are checked in the same way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sweepwright.diagnostics import did_you_mean

from .options import MachineDefaults, MachineOptions, RemoteOptions, merge_defaults
from .ssh_names import is_host

O = TypeVar("O", bound=MachineDefaults)  # noqa: E741 - options

_SECTIONS = ("machines", "defaults")
_LARGEST = 1 << 20
"""Maximum size of an inventory in bytes, ten times that of one with a thousand machines."""
_WORDS = {int: "an integer", float: "a number", str: "text", bool: "true or false"}


class InventoryError(ValueError):
    """An inventory that cannot be used; `faults` has one line for each reason."""

    def __init__(self, path: str, faults: list[str]) -> None:
        super().__init__(f"`{path}`: {'; '.join(faults)}")
        self.path = path
        self.faults = faults


def read_inventory(options: RemoteOptions) -> RemoteOptions:
    """Replace the name of an inventory by the machines in it.

    The platform's own `defaults` come before those of the inventory.

    Raises
    ------
    InventoryError
        If the file cannot be read, or an entry has a fault.
    """
    if not isinstance(options.machines, str):
        return options
    content = _parse(options.machines)
    if faults := list(_faults(content)):
        raise InventoryError(options.machines, faults)
    defaults = _build(MachineDefaults, content.get("defaults") or {})
    machines = tuple(_build(MachineOptions, entry) for entry in content.get("machines") or ())
    return replace(
        options,
        machines=machines,
        machine_defaults=merge_defaults(options.machine_defaults, defaults),
    )


def _parse(path: str) -> dict[str, Any]:
    # Imported here because a sweep without an inventory does not need it.
    from .inventory_yaml import load_yaml  # noqa: PLC0415 - see above

    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(_LARGEST + 1)
        content = load_yaml(data.decode()) if len(data) <= _LARGEST else None
    except OSError as error:
        reason = (error.strerror or "an error").lower()
        raise InventoryError(path, [f"it cannot be read: {reason}"]) from None
    except ValueError as error:
        raise InventoryError(path, [f"it is not valid YAML: {error}"]) from None
    if len(data) > _LARGEST:
        raise InventoryError(path, [f"it is larger than {_LARGEST >> 20} MiB"])
    if not isinstance(content, dict):
        advice = "; write `machines:` above the list" if isinstance(content, list) else ""
        raise InventoryError(path, [f"it is not a mapping with the key `machines`{advice}"])
    return content


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    """List all faults in the form of an inventory, with the checks for options of a sweep."""
    for section in content:
        if section not in _SECTIONS:
            yield _unknown(str(section), list(_SECTIONS))
    machines = content.get("machines") or []
    if not isinstance(machines, list):
        yield "`machines` is not a list"
        return
    for index, entry in enumerate(machines):
        yield from _entry_faults(f"machines[{index}]", MachineOptions, entry)
    yield from _entry_faults("defaults", MachineDefaults, content.get("defaults") or {})


def _entry_faults(place: str, options: type[MachineDefaults], entry: Any) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        names_host = isinstance(entry, str) and options is MachineOptions and is_host(entry)
        yield f"`{place}` is not a mapping" + (f"; write `host: {entry}`" if names_host else "")
        return
    hints = get_type_hints(options)
    for key, value in entry.items():
        if key not in hints:
            yield _unknown(f"{place}.{key}", list(hints), str(key))
        elif not _fits(hints[key], value):
            # The value is not shown: it may be a password in the wrong place.
            yield f"`{place}.{key}` is not {_describe(hints[key])}"
    for field in fields(options):
        if field.default is MISSING and field.name not in entry:
            yield f"`{place}` has no `{field.name}`"


def _unknown(place: str, known: list[str], key: str | None = None) -> str:
    advice = did_you_mean(key or place, known)
    return f"`{place}` is not a key of an inventory" + (f"; {advice}" if advice else "")


def _fits(hint: Any, value: Any) -> bool:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return isinstance(value, list) and all(_fits(arguments[0], each) for each in value)
    if arguments:
        return any(_fits(each, value) for each in arguments)
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, (int, float) if hint is float else hint)


def _describe(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return "a list"
    known = [_describe(each) for each in get_args(hint) if each is not type(None)]
    return " or ".join(known) if known else _WORDS[hint]


def _build(options: type[O], entry: Mapping[str, Any]) -> O:
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return options(**given)
