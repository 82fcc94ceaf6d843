"""The platform ``pai``: trials run as jobs of an OpenPAI cluster."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from sweepwright.attempt_folder import AttemptFolder
from sweepwright.contracts import (
    AttemptFiles,
    AttemptRef,
    Finding,
    Platform,
    PlatformProvider,
    ProbeRequest,
    Shipment,
    TrialCode,
    Workspace,
)
from sweepwright.hooks import hookimpl

from .options import PaiOptions, files_storage, finalize_options, sweep_folder, sweep_mount

# Modules that connect are imported inside functions, because `--help` makes no connection.
# ruff: noqa: PLC0415


def _build(options: PaiOptions, workspace: Workspace) -> Platform:
    from .building import build_pai

    return build_pai(options, workspace)


def _slots(_options: PaiOptions) -> Mapping[str, float]:
    """Return no limit, because only the cluster knows its own."""
    return dict.fromkeys(("cpu", "gpu", "memory"), float("inf"))


def _check(options: PaiOptions, code: TrialCode) -> Iterable[Finding]:
    from .option_checks import check_options

    return check_options(options, code)


def _shipment(options: PaiOptions, code: TrialCode) -> Shipment | None:
    from sweepwright.runner_client.code_listing import scan

    from .inline_archive import uses_folder

    if options.code == "image" or not uses_folder(code.roles):
        return None
    target = "each job" if options.code == "inline" else f"the storage {options.files}"
    return scan(Path(code.folder)).shipment([target])


def _probe(options: PaiOptions, request: ProbeRequest) -> Iterable[Finding]:
    from .probing import probe

    return probe(options, request)


def _open_files(options: PaiOptions, workspace: Workspace) -> AttemptFiles:
    """Read the files on the storage, or what was kept of them in the sweep's folder."""
    folder = sweep_folder(options, workspace.sweep) or workspace.folder
    return AttemptFolder(folder / "trials")


def _checkpoint_place(
    options: PaiOptions, workspace: Workspace, attempt: AttemptRef
) -> str | None:
    """Name the folder on a storage that is not mounted on this machine."""
    storage = files_storage(options)
    if storage is None or storage.local is not None:
        return None
    folder = f"{sweep_mount(options, workspace.sweep)}/trials/{attempt.trial}/{attempt.attempt}"
    return f"the folder {folder} of containers, which is on the storage `{storage.name}`"


def _cleanup(options: PaiOptions, workspace: Workspace) -> Iterable[str]:
    from .cleaning import clean_cluster

    return clean_cluster(options, workspace)


@hookimpl
def sweep_platforms() -> list[PlatformProvider[PaiOptions]]:
    """Offer ``platform=pai``."""
    return [
        PlatformProvider(
            "pai",
            PaiOptions,
            _build,
            "jobs of an OpenPAI cluster",
            slots=_slots,
            check=_check,
            finalize_options=finalize_options,
            # Nothing here changes what a trial computes.
            changeable=[field.name for field in fields(PaiOptions)],
            shipment=_shipment,
            secrets_help="name its environment variable in `platform.secret_env`",
            launches_per_hour=lambda options: float(options.submissions_per_hour),
            probe=_probe,
            outlives=lambda _options: True,
            open_files=_open_files,
            checkpoint_place=_checkpoint_place,
            cleanup=_cleanup,
        )
    ]
