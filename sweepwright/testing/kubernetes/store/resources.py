"""Kinds of objects that the server serves, by group, version and plural."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of objects; equal to another of the same group, version, plural and kind."""

    group: str
    """API group; empty for the core group."""
    version: str
    plural: str
    kind: str
    namespaced: bool = field(default=True, compare=False)
    scale: bool = field(default=False, compare=False)
    """Whether discovery lists a sub-resource `scale`."""
    status: bool = field(default=True, compare=False)
    """Whether the kind has a sub-resource `status`."""
    custom: bool = field(default=False, compare=False)
    """Whether the kind comes from a custom resource definition."""

    @property
    def api_version(self) -> str:
        """Return `apiVersion` as objects of the kind have it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified_plural(self) -> str:
        """Return the plural with its group, as messages about missing objects name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """Return the kind with its group, as messages about invalid objects name it."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def singular(self) -> str:
        """Return the singular that discovery lists."""
        return self.kind.lower()


def _core(plural: str, kind: str, *, namespaced: bool = True, status: bool = True) -> Resource:
    return Resource("", "v1", plural, kind, namespaced, status=status)


def _custom(group: str, version: str, kind: str, *, scale: bool = False) -> Resource:
    return Resource(group, version, f"{kind.lower()}s", kind, scale=scale, custom=True)


NAMESPACES = _core("namespaces", "Namespace", namespaced=False)
PODS = _core("pods", "Pod")
CONFIG_MAPS = _core("configmaps", "ConfigMap", status=False)
EVENTS = _core("events", "Event", status=False)
NODES = _core("nodes", "Node", namespaced=False)
CLAIMS = _core("persistentvolumeclaims", "PersistentVolumeClaim")
QUOTAS = _core("resourcequotas", "ResourceQuota")
SECRETS = _core("secrets", "Secret", status=False)
SERVICES = _core("services", "Service")
SERVICE_ACCOUNTS = _core("serviceaccounts", "ServiceAccount", status=False)
JOBS = Resource("batch", "v1", "jobs", "Job")
PRIORITY_CLASSES = Resource(
    "scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", namespaced=False, status=False
)

BUILT_IN = (
    NAMESPACES,
    PODS,
    CONFIG_MAPS,
    EVENTS,
    NODES,
    CLAIMS,
    QUOTAS,
    SECRETS,
    SERVICES,
    SERVICE_ACCOUNTS,
    JOBS,
    PRIORITY_CLASSES,
)

PYTORCH_JOBS = _custom("kubeflow.org", "v1", "PyTorchJob", scale=True)
TF_JOBS = _custom("kubeflow.org", "v1", "TFJob")
TRAIN_JOBS = _custom("trainer.kubeflow.org", "v1alpha1", "TrainJob")

# Served without a schema unless a definition is given; in the order of a real server's discovery.
CUSTOM = (
    _custom("kubeflow.org", "v1", "PaddleJob", scale=True),
    PYTORCH_JOBS,
    TF_JOBS,
    _custom("kubeflow.org", "v1", "XGBoostJob"),
    _custom("kubeflow.org", "v1", "JAXJob", scale=True),
    _custom("kubeflow.org", "v1", "MPIJob"),
    TRAIN_JOBS,
    Resource(
        "trainer.kubeflow.org",
        "v1alpha1",
        "clustertrainingruntimes",
        "ClusterTrainingRuntime",
        namespaced=False,
        status=False,
        custom=True,
    ),
    _custom("trainer.kubeflow.org", "v1alpha1", "TrainingRuntime"),
    _custom("jobset.x-k8s.io", "v1alpha2", "JobSet"),
)


def resource_of(definition: JsonObject) -> Resource:
    """Return the kind that a custom resource definition defines, in its stored version."""
    spec = definition["spec"]
    version = next(version for version in spec["versions"] if version["storage"])
    parts = version.get("subresources", {})
    return Resource(
        group=spec["group"],
        version=version["name"],
        plural=spec["names"]["plural"],
        kind=spec["names"]["kind"],
        namespaced=spec["scope"] == "Namespaced",
        scale="scale" in parts,
        status="status" in parts,
        custom=True,
    )


def with_definitions(defined: Iterable[Resource]) -> tuple[Resource, ...]:
    """Return all kinds that are served, those of definitions instead of those known here."""
    by_name = {(kind.group, kind.version, kind.plural): kind for kind in (*BUILT_IN, *CUSTOM)}
    by_name.update({(kind.group, kind.version, kind.plural): kind for kind in defined})
    return tuple(by_name.values())
