"""Volumes of a pod, and where its container mounts them."""

from sweepwright.events import Json

from ..options import KubeflowOptions, PodOptions, VolumeOptions
from .places import FILES, INPUT, SCRATCH

_OUR_VOLUMES = "sweepwright"
"""Prefix of the names of volumes."""


def pod_volumes(options: KubeflowOptions, pod: PodOptions, config_map: str) -> list[Json]:
    """List the volumes of a pod: ours, and then those of the options."""
    ours: list[Json] = [
        {"name": f"{_OUR_VOLUMES}-input", "configMap": {"name": config_map}},
        {"name": f"{_OUR_VOLUMES}-scratch", "emptyDir": {}},
    ]
    if options.files.claim:
        claim = {"claimName": options.files.claim}
        ours.append({"name": f"{_OUR_VOLUMES}-files", "persistentVolumeClaim": claim})
    return [*ours, *(_volume(number, each) for number, each in enumerate(pod.volumes or ()))]


def volume_mounts(options: KubeflowOptions, pod: PodOptions) -> list[Json]:
    """List the mounts of the container, in the order of the volumes."""
    ours: list[Json] = [
        {"name": f"{_OUR_VOLUMES}-input", "mountPath": INPUT, "readOnly": True},
        {"name": f"{_OUR_VOLUMES}-scratch", "mountPath": SCRATCH},
    ]
    if options.files.claim:
        ours.append({"name": f"{_OUR_VOLUMES}-files", "mountPath": FILES})
    return [*ours, *(_mount(number, each) for number, each in enumerate(pod.volumes or ()))]


def _volume(number: int, given: VolumeOptions) -> Json:
    return {"name": f"volume-{number}", **_source(given)}


def _source(given: VolumeOptions) -> dict[str, Json]:
    if given.claim:
        return {"persistentVolumeClaim": {"claimName": given.claim}}
    if given.secret:
        return {"secret": {"secretName": given.secret}}
    if given.config_map:
        return {"configMap": {"name": given.config_map}}
    medium = "Memory" if given.empty == "memory" else None
    return {"emptyDir": _given(medium=medium, sizeLimit=given.size)}


def _mount(number: int, given: VolumeOptions) -> Json:
    return {
        "name": f"volume-{number}",
        "mountPath": given.mount,
        **_given(subPath=given.sub_path, readOnly=given.read_only or None),
    }


def _given(**entries: Json) -> dict[str, Json]:
    """Return the entries that have a value."""
    return {name: value for name, value in entries.items() if value is not None}
