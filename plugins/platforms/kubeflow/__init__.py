"""The platform ``kubeflow``: trials run as jobs of a Kubernetes cluster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from sweepwright.contracts import (
    AttemptRef,
    Finding,
    Platform,
    PlatformProvider,
    ProbeRequest,
    Shipment,
    TrialCode,
    Workspace,
)
from sweepwright.events import Json
from sweepwright.hooks import hookimpl

from .options import KubeflowOptions

# `--help` and `plan` need no cluster, and many sweeps need no platform but `local`, so everything
# else is imported inside functions. The client of Kubernetes may be missing; `probe` reports this.
# ruff: noqa: PLC0415

_FIXED = ("kind", "namespace", "code", "code_path", "files")
"""Options that a resume must not change: the jobs and checkpoints of the sweep lie there."""

_SECRETS_HELP = (
    "keep it in a Secret of the cluster, and name the variable that the trial reads: "
    "`platform.secret_env={VARIABLE: {name: SECRET, key: KEY}}`"
)


def _build(options: KubeflowOptions, workspace: Workspace) -> Platform:
    from .building import build_kubeflow

    return build_kubeflow(options, workspace)


def _slots(_: KubeflowOptions) -> Mapping[str, float]:
    """Only the cluster knows its resources; a job that finds none waits there."""
    return dict.fromkeys(("cpu", "gpu", "memory"), float("inf"))


def _check(options: KubeflowOptions, code: TrialCode) -> Iterable[Finding]:
    from .option_checks import check_options

    return check_options(options, code)


def _finalize_options(options: KubeflowOptions) -> KubeflowOptions:
    from .cluster_choice import choose_cluster

    return choose_cluster(options)


def _shipment(options: KubeflowOptions, code: TrialCode) -> Shipment:
    from .manifests.config_map import shipment

    return shipment(options, code)


def _sweep_objects(
    options: KubeflowOptions, code: TrialCode, workspace: Workspace
) -> Mapping[str, Json]:
    from .manifests import config_map, pack_archives

    archives = pack_archives(options, code, [workspace.folder.parent])
    return {"configmap": config_map(options, workspace.sweep, archives)}


def _rbac(options: KubeflowOptions, code: TrialCode) -> Sequence[Json]:
    from .rbac import rbac_documents

    return rbac_documents(options, code)


def _probe(options: KubeflowOptions, request: ProbeRequest) -> Iterable[Finding]:
    from .probing import probe

    return probe(options, request)


def _checkpoint_place(
    options: KubeflowOptions, workspace: Workspace, attempt: AttemptRef
) -> str | None:
    from .manifests.places import describe_checkpoint

    return describe_checkpoint(options, workspace.sweep, attempt)


def _cleanup(options: KubeflowOptions, workspace: Workspace) -> Iterable[str]:
    from .cleaning import clean_cluster

    return clean_cluster(options, workspace)


@hookimpl
def sweep_platforms() -> list[PlatformProvider[KubeflowOptions]]:
    """Offer ``platform=kubeflow``."""
    return [
        PlatformProvider(
            "kubeflow",
            KubeflowOptions,
            _build,
            "jobs of a Kubernetes cluster, with Kubeflow's operators or without",
            slots=_slots,
            check=_check,
            finalize_options=_finalize_options,
            changeable=[
                entry.name for entry in fields(KubeflowOptions) if entry.name not in _FIXED
            ],
            shipment=_shipment,
            secrets_help=_SECRETS_HELP,
            sweep_objects=_sweep_objects,
            documents={"rbac": _rbac},
            probe=_probe,
            outlives=lambda _options: True,
            checkpoint_place=_checkpoint_place,
            cleanup=_cleanup,
        )
    ]
