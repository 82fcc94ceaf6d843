"""The volumes of a pod, from its spec and from the objects that it refers to."""

from ...store.resources import CLAIMS, CONFIG_MAPS, SECRETS, JsonObject, Resource
from .environment import Read, values_of
from .runtime import NotReadyError, VolumeContent


def pod_volumes(pod: JsonObject, read: Read) -> dict[str, VolumeContent]:
    """Return the content of each volume; raise `NotReadyError` if one refers to nothing."""
    volumes = pod["spec"].get("volumes") or []
    return {volume["name"]: _content(pod, volume, read) for volume in volumes}


def claims_of(pod: JsonObject) -> list[str]:
    """Return the names of the persistent volume claims that a pod mounts."""
    volumes = pod["spec"].get("volumes") or []
    claims = (volume.get("persistentVolumeClaim") for volume in volumes)
    return [claim["claimName"] for claim in claims if claim]


def _content(pod: JsonObject, volume: JsonObject, read: Read) -> VolumeContent:
    if "configMap" in volume:
        source = volume["configMap"]
        return _files(volume, CONFIG_MAPS, source["name"], source, read)
    if "secret" in volume:
        source = volume["secret"]
        return _files(volume, SECRETS, source["secretName"], source, read)
    if "persistentVolumeClaim" in volume:
        name = volume["persistentVolumeClaim"]["claimName"]
        if read(CLAIMS, name) is None:
            raise _mount_error(volume, f'persistentvolumeclaim "{name}" not found')
        return VolumeContent(claim=f"{pod['metadata']['namespace']}/{name}")
    return VolumeContent()


def _files(
    volume: JsonObject, kind: Resource, name: str, source: JsonObject, read: Read
) -> VolumeContent:
    found = read(kind, name)
    if found is None:
        if source.get("optional"):
            return VolumeContent({})
        raise _mount_error(volume, f'{kind.kind.lower()} "{name}" not found')
    values = values_of(kind, found)
    items = source.get("items")
    if items is None:
        return VolumeContent(values)
    for item in items:
        if item["key"] not in values and not source.get("optional"):
            what = f"references non-existent config key: {item['key']}"
            raise _mount_error(volume, f"{kind.kind.lower()} {what}")
    return VolumeContent(
        {item["path"]: values[item["key"]] for item in items if item["key"] in values}
    )


def _mount_error(volume: JsonObject, what: str) -> NotReadyError:
    message = f'MountVolume.SetUp failed for volume "{volume["name"]}" : {what}'
    return NotReadyError("ContainerCreating", message, "FailedMount")
