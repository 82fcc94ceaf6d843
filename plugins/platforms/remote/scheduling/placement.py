"""Placement: which machines run a job's processes, what it waits for, and whether it can ever run.

A job runs on one machine if any machine that is ready could hold all its processes when idle.
Otherwise its processes are spread over several machines; a process itself is never divided. The
technique is first-fit decreasing: the processes with the largest needs choose first, and the
machines are tried in the order of their load. First fit may miss a division that exists.

The machine with the lowest load relative to its slots, or to its CPUs, is preferred; ties are
broken by the order of the machines. A machine that holds the checkpoint that the job inherits is
preferred to less loaded machines, unless its load is higher by more than `HOME_BONUS`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sweepwright.runner.slots import Needs

from .machine_room import MachineRoom

Kind: TypeAlias = tuple[tuple[tuple[str, float], ...], ...]
"""The needs of the processes of a job, as a key."""
HOME_BONUS = 0.5
"""Additional load for which a job still prefers a machine with its checkpoint."""


@dataclass(frozen=True, slots=True)
class Share:
    """The processes of a job that one machine runs, as indexes into the job's processes."""

    machine: str
    processes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """What a job waits for; `refusal` is the reason of a machine that cannot be used."""

    wants: str
    refusal: str = ""


def kind_of(needs: Needs) -> Kind:
    """Return the key of the needs of a job."""
    return tuple(tuple(sorted(need.items())) for need in needs)


def choose_machines(
    needs: Needs, rooms: Sequence[MachineRoom], homes: Collection[str] = ()
) -> Sequence[Share]:
    """Choose the machines for a job from those given; return nothing if the job must wait."""
    everything = tuple(range(len(needs)))
    if any(room.could_hold(needs) for room in rooms):
        fitting = (room for room in _by_load(rooms, homes) if room.fits(needs))
        return [Share(room.name, everything) for room in fitting][:1]
    return _spread(needs, _by_load(rooms, homes), idle=False)


def find_target(
    needs: Needs, rooms: Sequence[MachineRoom], homes: Collection[str] = ()
) -> Sequence[str]:
    """Choose the machines that a waiting job would use if they were idle."""
    ordered = _by_load(rooms, homes)
    whole = next((room.name for room in ordered if room.could_hold(needs)), None)
    if whole is not None:
        return [whole]
    return [share.machine for share in _spread(needs, ordered, idle=True)]


def explain_impossible(needs: Needs, rooms: Sequence[MachineRoom]) -> str:
    """Say why no machines could ever run a job, even if all were idle; empty if some could."""
    if find_target(needs, rooms):
        return ""
    return ", ".join(f"{room.name} has less than {room.never(needs)}" for room in rooms)


def describe_wait(needs: Needs, rooms: Sequence[MachineRoom]) -> Wait:
    """Say what a job waits for: resources that other jobs use, or a machine that is not open."""
    able = [room for room in rooms if room.could_hold(needs)] or list(rooms)
    usable = [room for room in able if room.open]
    if not usable:
        reasons = [f"{room.name}: {room.reason}" for room in able if room.reason]
        closed = {room.name: room.closed for room in able}
        return Wait(", or ".join(_group_closed(closed)), "; ".join(reasons))
    lacks = {room.name: room.lacking(needs) or "earlier trials" for room in usable}
    return Wait(" or ".join(_group(lacks)))


def _group_closed(closed: dict[str, str]) -> Iterable[str]:
    """Join the names of the machines that are closed alike: ``box1, box2, each of which is …``."""
    for why in dict.fromkeys(closed.values()):
        names = [name for name in closed if closed[name] == why]
        each = "each of which" if len(names) > 1 else "which"
        yield f"{', '.join(names)}, {each} {why}"


def _group(lacks: dict[str, str]) -> Iterable[str]:
    """Join the names of the machines that lack the same, as in ``a slot on box1, box2``."""
    for lack in dict.fromkeys(lacks.values()):
        yield f"{lack} on {', '.join(name for name in lacks if lacks[name] == lack)}"


def _by_load(rooms: Sequence[MachineRoom], homes: Collection[str]) -> list[MachineRoom]:
    # Sorting is stable, so that machines of equal load stay in their order.
    return sorted(rooms, key=lambda room: room.load - (room.name in homes) * HOME_BONUS)


def _spread(needs: Needs, rooms: Sequence[MachineRoom], *, idle: bool) -> Sequence[Share]:
    """Divide processes over machines by first-fit decreasing; nothing if one does not fit."""
    given: dict[str, list[int]] = {room.name: [] for room in rooms}
    for index in sorted(range(len(needs)), key=lambda index: _size(needs[index]), reverse=True):
        for room in rooms:
            wanted = [*(needs[other] for other in given[room.name]), needs[index]]
            if room.could_hold(wanted) if idle else room.fits(wanted):
                given[room.name].append(index)
                break
        else:
            return ()
    return [Share(name, tuple(sorted(held))) for name, held in given.items() if held]


def _size(need: Mapping[str, float]) -> tuple[float, ...]:
    """Return a key by which the needs of processes are ordered from small to large."""
    return tuple(need.get(resource, 0.0) for resource in ("gpu", "cpu", "memory"))
