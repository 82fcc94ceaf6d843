"""The platform ``remote``: trials run on machines that can be reached over SSH."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from sweepwright.contracts import (
    AttemptFiles,
    Finding,
    Platform,
    PlatformProvider,
    ProbeRequest,
    Shipment,
    TrialCode,
    Workspace,
)
from sweepwright.hooks import hookimpl

from .attaching import Connect
from .inventory import InventoryError, read_inventory
from .option_checks import check_options, finalize_options
from .options import Machine, RemoteOptions, eligible_machines

# Modules that connect are imported inside functions, because `--help` makes no connection. The
# library for SSH may be missing; `check_options` reports this.
# ruff: noqa: PLC0415


def _build(options: RemoteOptions, workspace: Workspace) -> Platform:
    from .building import build_remote

    return build_remote(options, workspace, _connecting(options))


def _slots(options: RemoteOptions) -> Mapping[str, float]:
    """Add up what the machines have; an amount that only a machine knows is unlimited."""
    machines = _machines(options)
    if not machines:
        return dict.fromkeys(("cpu", "gpu", "memory"), float("inf"))  # another check reports it
    gpus = (len(m.gpus) if isinstance(m.gpus, tuple) else m.gpus for m in machines)
    return {
        "cpu": _sum(machine.cpus for machine in machines),
        "gpu": _sum(gpus),
        "memory": _sum(None if m.memory is None else m.memory << 20 for m in machines),
    }


def _machines(options: RemoteOptions) -> Sequence[Machine]:
    """Return the machines before `finalize_options` is called; none if the inventory is faulty."""
    try:
        return eligible_machines(read_inventory(options))
    except InventoryError:
        return ()


def _sum(amounts: Iterable[float | None]) -> float:
    return sum(float("inf") if amount is None else float(amount) for amount in amounts)


def _check(options: RemoteOptions, code: TrialCode) -> Iterable[Finding]:
    from sweepwright.runner_client.code_listing import scan
    from sweepwright.runner_client.shipping_checks import shipping_findings

    yield from check_options(options)
    yield from shipping_findings(scan(Path(code.folder)), code)


def _shipment(options: RemoteOptions, code: TrialCode) -> Shipment:
    from sweepwright.runner_client.code_listing import scan

    names = [machine.name for machine in _machines(options)]
    return scan(Path(code.folder)).shipment(names)


def _probe(options: RemoteOptions, request: ProbeRequest) -> Iterable[Finding]:
    from .probing import probe

    return probe(options, request)


def _open_files(options: RemoteOptions, workspace: Workspace) -> AttemptFiles:
    from .attempt_files import RemoteAttemptFiles

    return RemoteAttemptFiles(eligible_machines(options), workspace, _connecting(options))


def _cleanup(options: RemoteOptions, workspace: Workspace) -> Iterable[str]:
    from .cleaning import clean_machines

    return clean_machines(eligible_machines(options), workspace, _connecting(options))


def _connecting(options: RemoteOptions) -> Connect:
    """Return a function that connects to a machine over SSH."""
    from .ssh.connection import connect

    return lambda machine: connect(machine, options.connect_timeout)


@hookimpl
def sweep_platforms() -> list[PlatformProvider[RemoteOptions]]:
    """Offer ``platform=remote``."""
    return [
        PlatformProvider(
            "remote",
            RemoteOptions,
            _build,
            "machines that can be reached over SSH",
            slots=_slots,
            check=_check,
            finalize_options=finalize_options,
            # Nothing here changes what a trial computes.
            changeable=[field.name for field in fields(RemoteOptions)],
            shipment=_shipment,
            probe=_probe,
            outlives=lambda _options: True,
            open_files=_open_files,
            cleanup=_cleanup,
        )
    ]
