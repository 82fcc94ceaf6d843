"""Static checks of the options of pods: what the API server or an operator would refuse."""

import json
import re
from collections.abc import Callable, Iterator, Mapping

from sweepwright.contracts import Finding
from sweepwright.diagnostics import did_you_mean
from sweepwright.secret_names import LOOKS_SECRET, is_secret_name

from .images import is_image
from .manifests.metadata import MANAGED_BY, OURS
from .manifests.places import ROOT
from .names import is_key, is_label_value, is_qualified_name, is_subdomain, is_variable
from .options import EnvironmentSource, PodOptions, TolerationOptions, VolumeOptions
from .quantities import parse_quantity

_AFFINITIES = ("nodeAffinity", "podAffinity", "podAntiAffinity")
_NATIVE = ("cpu", "memory", "ephemeral-storage")
_OUR_VARIABLE = "SWEEPWRIGHT_"
_MAX_ANNOTATIONS = 200 << 10
"""Bytes of annotations that a user may give. Kubernetes allows 256 KiB, and we need a part."""
_LINE_BREAKS = set("\n\r\0")
_NAME_HELP = "use at most 253 lower case letters, digits, `-` and `.`"
_SHORT_NAME_HELP = "use at most 63 lower case letters, digits and `-`"


def pod_findings(pod: PodOptions) -> Iterator[Finding]:
    """Find every fault in the options of pods that does not depend on the trial."""
    yield from _text_findings(pod)
    yield from _resource_findings(pod)
    yield from _placement_findings(pod)
    for index, volume in enumerate(pod.volumes or ()):
        yield from _volume_findings(index, volume)
    yield from _repeated_mounts(pod.volumes or ())
    yield from _variable_findings(pod)
    yield from _label_findings(pod)


def name_finding(
    path: tuple[str | int, ...], name: str | None, valid: Callable[[str], bool] = is_subdomain
) -> Iterator[Finding]:
    """Report a name that no object of Kubernetes can have."""
    if name is not None and not valid(name):
        help_ = _NAME_HELP if valid is is_subdomain else _SHORT_NAME_HELP
        yield Finding(path, f"`{name}` is not the name of an object in Kubernetes", help_)


def _text_findings(pod: PodOptions) -> Iterator[Finding]:
    if pod.image is not None and not is_image(pod.image):
        # An image with a password in it is not shown.
        shown = "`image`" if "@" in pod.image else f"`{pod.image}`"
        help_ = "write `REGISTRY/NAME:TAG`, or `NAME@sha256:DIGEST`, in lower case"
        yield Finding(("image",), f"{shown} is not the name of an image", help_)
    if pod.python is not None and (not pod.python.strip() or set(pod.python) & _LINE_BREAKS):
        help_ = "omit it, or give the path of an interpreter in the image"
        yield Finding(("python",), "`python` is empty, or contains a line break", help_)
    yield from name_finding(("priority_class",), pod.priority_class)


def _resource_findings(pod: PodOptions) -> Iterator[Finding]:
    gpu = pod.gpu_resource
    if gpu is not None and not _is_extended(gpu):
        help_ = "write its name as nodes list it, such as `nvidia.com/gpu`"
        yield Finding(("gpu_resource",), f"`{gpu}` is not the name of an extended resource", help_)
    for name, amount in (pod.resources or {}).items():
        path = ("resources", name)
        value = parse_quantity(str(amount))
        if not (name in _NATIVE or name.startswith("hugepages-") or _is_extended(name)):
            help_ = did_you_mean(name, _NATIVE) or "write its name as nodes list it"
            yield Finding(path, f"`{name}` is not the name of a resource", help_)
        elif value is None or value <= 0:
            help_ = "write a number, or one with a suffix, such as `500m` or `10Gi`"
            yield Finding(path, f"`{amount}` is not an amount of `{name}`", help_)
        elif "/" in name and value % 1:
            yield Finding(path, f"`{amount}` of `{name}` is not a whole number")


def _is_extended(name: str) -> bool:
    """Tell whether a name is that of a resource outside Kubernetes, such as of a device."""
    domain = name.partition("/")[0]
    own = domain == "kubernetes.io" or domain.endswith(".kubernetes.io")
    return "/" in name and is_qualified_name(name) and not own


def _placement_findings(pod: PodOptions) -> Iterator[Finding]:
    for key, value in (pod.node_selector or {}).items():
        yield from _label_finding(("node_selector", key), key, value)
    for index, toleration in enumerate(pod.tolerations or ()):
        yield from _toleration_findings(("tolerations", index), toleration)
    for key, value in (pod.affinity or {}).items():
        if key not in _AFFINITIES:
            known = ", ".join(f"`{name}`" for name in _AFFINITIES)
            help_ = did_you_mean(key, _AFFINITIES) or f"known are {known}"
            yield Finding(("affinity", key), f"a pod has no affinity `{key}`", help_)
        elif not isinstance(value, Mapping):
            yield Finding(("affinity", key), f"`{key}` is not a mapping")
    if LOOKS_SECRET.search(json.dumps(dict(pod.affinity or {}))):
        yield Finding(("affinity",), "`affinity` contains a secret", "remove it")


def _toleration_findings(place: tuple[str, int], given: TolerationOptions) -> Iterator[Finding]:
    if given.key is not None and not is_qualified_name(given.key):
        yield Finding((*place, "key"), f"`{given.key}` is not the key of a taint")
    if given.key is None and given.operator == "Equal":
        help_ = "give a `key`, or `operator: Exists` for all taints"
        yield Finding(place, "the toleration has no `key`", help_)
    if given.value is not None and given.operator == "Exists":
        help_ = "omit `value`, or write `operator: Equal`"
        yield Finding((*place, "value"), "`operator: Exists` has no `value`", help_)
    elif given.value is not None and not is_label_value(given.value):
        yield Finding((*place, "value"), f"`{given.value}` is not the value of a taint")
    if given.seconds is not None and given.effect != "NoExecute":
        help_ = "omit `seconds`, or write `effect: NoExecute`"
        yield Finding((*place, "seconds"), "`seconds` has no effect here", help_)


def _volume_findings(index: int, given: VolumeOptions) -> Iterator[Finding]:
    place = ("volumes", index)
    sources = {
        name: value
        for name in ("claim", "secret", "config_map", "empty")
        if (value := getattr(given, name)) is not None
    }
    if len(sources) != 1:
        named = " and ".join(f"`{name}`" for name in sources) or "no source"
        help_ = "give one of `claim`, `secret`, `config_map` and `empty`"
        yield Finding(place, f"the volume has {named}", help_)
    for name, value in sources.items():
        if name != "empty":
            yield from name_finding((*place, name), value)
    yield from _mount_findings(place, given)
    size = given.size
    if size is not None and given.empty is None:
        yield Finding((*place, "size"), "only an empty folder has a `size`", "omit it")
    elif size is not None and not (parse_quantity(size) or 0) > 0:
        yield Finding((*place, "size"), f"`{size}` is not a size", "write one such as `2Gi`")


def _mount_findings(place: tuple[str, int], given: VolumeOptions) -> Iterator[Finding]:
    mount, parts = given.mount, given.mount.split("/")
    if not mount.startswith("/") or ":" in mount or ".." in parts or set(mount) & _LINE_BREAKS:
        help_ = "write an absolute path without `..` and `:`, such as `/data`"
        yield Finding((*place, "mount"), f"`{mount}` is not a folder in the container", help_)
    elif f"{mount.rstrip('/')}/".startswith(f"{ROOT}/") or not mount.strip("/"):
        help_ = "choose another folder, such as `/data`"
        yield Finding((*place, "mount"), f"`{mount}` belongs to sweepwright or the image", help_)
    if given.sub_path is not None:
        yield from sub_path_finding((*place, "sub_path"), given.sub_path)


def sub_path_finding(path: tuple[str | int, ...], given: str) -> Iterator[Finding]:
    """Report a folder that is not one inside a volume."""
    if not given or given.startswith("/") or ".." in given.split("/"):
        help_ = "write a relative path without `..`"
        yield Finding(path, f"`{given}` is not a folder in a volume", help_)


def _repeated_mounts(volumes: tuple[VolumeOptions, ...]) -> Iterator[Finding]:
    mounts = [volume.mount.rstrip("/") for volume in volumes]
    for index, mount in enumerate(mounts):
        if mount in mounts[:index]:
            message = f"two volumes appear at `{mount}`"
            yield Finding(("volumes", index, "mount"), message, "choose another folder for one")


def _variable_findings(pod: PodOptions) -> Iterator[Finding]:
    for name, found in (pod.secret_env or {}).items():
        path = ("secret_env", name)
        if not is_variable(name) or name.startswith(_OUR_VARIABLE):
            help_ = f"use letters, digits and `_`, and another beginning than `{_OUR_VARIABLE}`"
            message = f"`{name}` is not the name of an environment variable of a trial"
            yield Finding(path, message, help_)
        yield from name_finding((*path, "name"), found.name)
        if not is_key(found.key):
            yield Finding((*path, "key"), f"`{found.key}` is not a key of a Secret")
    for index, source in enumerate(pod.env_from or ()):
        yield from _source_findings(("env_from", index), source)


def _source_findings(place: tuple[str, int], given: EnvironmentSource) -> Iterator[Finding]:
    if (given.secret is None) == (given.config_map is None):
        yield Finding(place, "an entry has one source", "give `secret` or `config_map`")
    yield from name_finding((*place, "secret"), given.secret)
    yield from name_finding((*place, "config_map"), given.config_map)
    if given.prefix is not None and not is_variable(given.prefix):
        message = f"no environment variable begins with `{given.prefix}`"
        yield Finding((*place, "prefix"), message, "use letters, digits and `_`")


def _label_findings(pod: PodOptions) -> Iterator[Finding]:
    for key, value in (pod.labels or {}).items():
        yield from _label_finding(("labels", key), key, value)
        yield from _own_key(("labels", key), key)
    annotations = pod.annotations or {}
    for key, value in annotations.items():
        path = ("annotations", key)
        if not is_qualified_name(key.lower()):
            yield Finding(path, f"`{key}` is not the key of an annotation", _KEY_HELP)
        elif is_secret_name(key, value) or LOOKS_SECRET.search(value):
            yield Finding(path, f"`{key}` looks like a secret, which all readers of the job see")
        yield from _own_key(path, key)
    size = sum(len(key) + len(value.encode()) for key, value in annotations.items())
    if size > _MAX_ANNOTATIONS:
        message = f"the annotations have {size >> 10} KiB, above {_MAX_ANNOTATIONS >> 10} KiB"
        yield Finding(("annotations",), message, "give shorter ones")


_KEY_HELP = "write `NAME`, or `DOMAIN/NAME`, with a name of at most 63 letters, digits, `-_.`"


def _label_finding(path: tuple[str, str], key: str, value: str) -> Iterator[Finding]:
    if not is_qualified_name(key):
        yield Finding(path, f"`{key}` is not the key of a label", _KEY_HELP)
    elif LOOKS_SECRET.search(value):
        yield Finding(path, f"`{key}` looks like a secret, which all readers of the job see")
    elif not is_label_value(value):
        help_ = "use at most 63 letters, digits and `-_.`, with a letter or digit at each end"
        yield Finding(path, f"`{_cut(value)}` is not the value of a label", help_)


def _own_key(path: tuple[str, str], key: str) -> Iterator[Finding]:
    if key.startswith(OURS) or key == MANAGED_BY:
        yield Finding(path, f"`{key}` belongs to sweepwright", "choose another key")


def _cut(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_SHOWN = 60
