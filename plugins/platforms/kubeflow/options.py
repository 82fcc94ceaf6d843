"""Options of ``platform=kubeflow``, and of the pods of each role.

An option of a role that is null is taken from the platform's options; `pod_options` fills in all
options of a role. No option contains a secret: pods receive secrets by reference to Secrets of
the cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

PYTHON = "python3"
GPU = "nvidia.com/gpu"
IMAGES = "ghcr.io/kubeflow/kubeflow/notebook-servers"
"""Kubeflow's own images. They hold Python, scikit-learn and a framework, and run as user 1000."""
TAG = "v1.11.0"

Kind = Literal["PyTorchJob", "TFJob", "TrainJob", "Job"]


@dataclass(frozen=True, slots=True)
class TolerationOptions:
    """A taint of nodes on which pods may run nevertheless."""

    key: str | None = None
    """Key of the taint; null for every taint, with ``operator: Exists``."""
    operator: Literal["Equal", "Exists"] = "Equal"
    """Whether the taint must have the value, or may have any."""
    value: str | None = None
    """Value of the taint."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Effect of the taint; null for every effect."""
    seconds: int | None = None
    """Seconds that a pod stays on a node that gets the taint, with ``effect: NoExecute``; null for
    as long as it runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeOptions:
    """A volume of the pods; one of `claim`, `secret`, `config_map` and `empty` says which."""

    mount: str
    """Folder in the container at which the volume appears."""
    claim: str | None = None
    """Name of a PersistentVolumeClaim."""
    secret: str | None = None
    """Name of a Secret, whose keys become files."""
    config_map: str | None = None
    """Name of a ConfigMap, whose keys become files."""
    empty: Literal["disk", "memory"] | None = None
    """Where an empty folder is stored, which vanishes with the pod. ``memory`` at ``/dev/shm``
    gives processes that load data more shared memory than 64 MiB."""
    size: str | None = None
    """Largest size of an empty folder, such as ``2Gi``; null for no limit."""
    sub_path: str | None = None
    """Folder in the volume that appears instead of the whole volume."""
    read_only: bool = False
    """Whether pods may only read the volume."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A value in a Secret of the namespace."""

    name: str
    """Name of the Secret."""
    key: str
    """Key of the value in the Secret."""


@dataclass(frozen=True, slots=True)
class EnvironmentSource:
    """A Secret or a ConfigMap whose keys become environment variables."""

    secret: str | None = None
    """Name of a Secret."""
    config_map: str | None = None
    """Name of a ConfigMap."""
    prefix: str | None = None
    """Text before the name of each variable."""


@dataclass(frozen=True, slots=True)
class PodOptions:
    """Options of the pods of a role."""

    image: str | None = None
    """Image of the container, with Python 3.8 or newer and what the trial imports. Null for one of
    Kubeflow's own images, ``ghcr.io/kubeflow/kubeflow/notebook-servers/NAME:v1.11.0``. They hold
    NumPy, scikit-learn and a framework: ``jupyter-pytorch-full``, ``jupyter-tensorflow-full``,
    with ``-cuda-full`` for roles that request ``gpu``, or ``jupyter-scipy`` without one."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = None
    """When a node pulls the image; null for the default of Kubernetes: always if its tag is
    ``latest`` or missing, and otherwise if the node lacks it."""
    python: str | None = None
    """Interpreter of the trials in the image; null for ``python3``."""
    resources: Mapping[str, str | int | float] | None = None
    """Amounts of further resources for each process, by Kubernetes' name, such as
    ``ephemeral-storage: 10Gi``; they are requested, and are limits as well. The trial's roles say
    how much ``cpu``, ``gpu`` and ``memory`` they need."""
    gpu_resource: str | None = None
    """Kubernetes' name of what the trial's roles request as ``gpu``; null for
    ``nvidia.com/gpu``."""
    node_selector: Mapping[str, str] | None = None
    """Labels that a node must have."""
    tolerations: tuple[TolerationOptions, ...] | None = None
    """Taints of nodes on which pods may run nevertheless."""
    affinity: Mapping[str, Any] | None = None
    """Affinity of the pods, as in a pod's ``spec.affinity``."""
    priority_class: str | None = None
    """Name of the pods' PriorityClass."""
    volumes: tuple[VolumeOptions, ...] | None = None
    """Volumes of the pods."""
    secret_env: Mapping[str, SecretKey] | None = None
    """Environment variables with values from Secrets, such as
    ``HF_TOKEN: {name: hugging-face, key: token}``."""
    env_from: tuple[EnvironmentSource, ...] | None = None
    """Secrets and ConfigMaps whose keys become environment variables."""
    labels: Mapping[str, str] | None = None
    """Further labels of the job and its pods."""
    annotations: Mapping[str, str] | None = None
    """Further annotations of the job and its pods."""


@dataclass(frozen=True, slots=True)
class FilesOptions:
    """Where checkpoints are kept; without `claim` and `url` they vanish with their pods."""

    claim: str | None = None
    """Name of a PersistentVolumeClaim. Its access mode is ReadWriteMany, or all pods run on one
    node."""
    sub_path: str | None = None
    """Folder in the volume; null for its root."""
    url: str | None = None
    """Address of a folder in an object store, such as ``s3://bucket/sweeps``; the image must have
    `fsspec` and the package for this store."""


@dataclass(frozen=True, slots=True)
class RunPolicyOptions:
    """What the cluster itself does with a job; null leaves it to the driver."""

    active_deadline: int | None = None
    """Seconds after which the cluster ends a job that still runs."""
    ttl: int | None = None
    """Seconds after which the cluster deletes a finished job, even if no driver has read its
    log."""


@dataclass(frozen=True, slots=True)
class KubeflowOptions(PodOptions):
    """Options of ``platform=kubeflow``."""

    kind: Literal["auto", "PyTorchJob", "TFJob", "TrainJob", "Job"] = "auto"
    """Kind of the jobs. ``auto`` chooses ``PyTorchJob`` or ``TFJob`` by the framework, and
    otherwise ``Job`` for a trial of one process."""
    namespace: str | None = None
    """Namespace of all objects; null for that of the kubeconfig's context, or else ``default``."""
    kubeconfig: str | None = None
    """Path of the kubeconfig, or several with ``:`` between them; null for ``$KUBECONFIG``,
    ``~/.kube/config``, or the service account of the pod in which the driver runs."""
    context: str | None = None
    """Context in the kubeconfig; null for its current context."""
    image_pull_secrets: tuple[str, ...] = ()
    """Names of the Secrets with which nodes pull images."""
    service_account: str | None = None
    """ServiceAccount of the pods; null for the namespace's default. No token is mounted."""
    restricted: bool = True
    """Whether pods keep to the restricted profile of the Pod Security Standards."""
    run_as_user: int | None = 1000
    """User id of the pods' processes; null for the image's user, which must not be root if
    `restricted` is true."""
    code: Literal["configmap", "volume", "image"] = "configmap"
    """How the trial's folder reaches the pods: packed in a ConfigMap of at most 1 MiB, or as the
    folder `code_path` of one of `volumes` or of the image."""
    code_path: str | None = None
    """Absolute path of the trial's folder in the container, if a volume or the image has it."""
    files: FilesOptions = field(default_factory=FilesOptions)
    """Where checkpoints are kept."""
    queue: str | None = None
    """LocalQueue of Kueue in which jobs wait for their quota."""
    suspend: bool = False
    """Whether jobs are created suspended, for another controller to admit them. Jobs in a `queue`
    always are."""
    run_policy: RunPolicyOptions = field(default_factory=RunPolicyOptions)
    """What the cluster itself does with a job."""
    runtime: str = "torch-distributed"
    """Name of the runtime of a ``TrainJob``."""
    runtime_kind: Literal["ClusterTrainingRuntime", "TrainingRuntime"] = "ClusterTrainingRuntime"
    """Kind of the `runtime`: of the whole cluster, or of the namespace."""
    roles: Mapping[str, PodOptions] = field(default_factory=dict)
    """Options for the pods of single roles, by the role's name. Each replaces the platform's."""
    start_timeout: float | None = None
    """Seconds that a job may wait for its pods to start; null for no limit."""
    keep_finished: bool = False
    """Whether jobs stay in the cluster when they have ended, until ``cleanup``."""
    requests_per_second: float = 50.0
    """Maximum rate of requests to the API server, on average over a few seconds. A trial needs
    three: its job is created, its log is followed, its job is deleted."""
    request_timeout: float = 30.0
    """Time limit in seconds of a request to the API server."""


def pod_options(options: KubeflowOptions, role: str) -> PodOptions:
    """Return the options of a role's pods, each of the role's own or else the platform's."""
    own = options.roles.get(role, PodOptions())
    given = {entry.name: getattr(own, entry.name) for entry in fields(PodOptions)}
    return PodOptions(
        **{
            name: getattr(options, name) if value is None else value
            for name, value in given.items()
        }
    )


def image_of(pod: PodOptions, kind: str | None, *, gpu: bool) -> str | None:
    """Return the image of a role's pods; None if it is not given and none is known.

    Parameters
    ----------
    kind
        Kind of the framework's jobs, as in `Job.kind`.
    gpu
        Whether the role requests GPUs.
    """
    if pod.image is not None:
        return pod.image
    if gpu:
        name = _CUDA_IMAGES.get(kind) if pod.gpu_resource in (None, GPU) else None
    else:
        name = _CPU_IMAGES.get(kind)
    return f"{IMAGES}/{name}:{TAG}" if name else None


_CPU_IMAGES: Mapping[str | None, str] = {
    "PyTorchJob": "jupyter-pytorch-full",
    "TFJob": "jupyter-tensorflow-full",
    None: "jupyter-scipy",
}
_CUDA_IMAGES: Mapping[str | None, str] = {
    "PyTorchJob": "jupyter-pytorch-cuda-full",
    "TFJob": "jupyter-tensorflow-cuda-full",
}
