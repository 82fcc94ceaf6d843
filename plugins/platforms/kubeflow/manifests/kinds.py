"""The kinds of jobs: their resources in the API, and which of them runs a trial."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweepwright.contracts import Role

from ..options import Kind, KubeflowOptions

MASTER = "master"
CHIEFS = ("chief", "master")


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of jobs in the API of a cluster."""

    name: Kind
    group: str
    version: str
    plural: str
    container: str
    """Name of the container that runs the trial. An operator looks for this name."""
    rank_label: str = ""
    """Label of the pods that gives their number within their role; empty for a job of one pod."""
    rank_field: str = ""
    """Field of a pod from which a container learns this number."""
    roles: Mapping[str, str] | None = None
    """Mapping from the trial's roles to those of the operator; None if it knows no roles."""

    @property
    def api_version(self) -> str:
        """Group and version, as an object gives them."""
        return f"{self.group}/{self.version}"


_REPLICA_INDEX = "training.kubeflow.org/replica-index"
_COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index"

PYTORCH_JOB = JobKind(
    "PyTorchJob",
    "kubeflow.org",
    "v1",
    "pytorchjobs",
    "pytorch",
    _REPLICA_INDEX,
    f"metadata.labels['{_REPLICA_INDEX}']",
    {MASTER: "Master", "worker": "Worker"},
)
TF_JOB = JobKind(
    "TFJob",
    "kubeflow.org",
    "v1",
    "tfjobs",
    "tensorflow",
    _REPLICA_INDEX,
    f"metadata.labels['{_REPLICA_INDEX}']",
    {
        "chief": "Chief",
        "master": "Master",
        "ps": "PS",
        "worker": "Worker",
        "evaluator": "Evaluator",
    },
)
TRAIN_JOB = JobKind(
    "TrainJob",
    "trainer.kubeflow.org",
    "v1alpha1",
    "trainjobs",
    "node",
    rank_label=_COMPLETION_INDEX,
    # The annotation exists in every version of Kubernetes that has indexed jobs; the label is
    # younger.
    rank_field=f"metadata.annotations['{_COMPLETION_INDEX}']",
)
JOB = JobKind("Job", "batch", "v1", "jobs", "trial")

KINDS: Mapping[str, JobKind] = {kind.name: kind for kind in (PYTORCH_JOB, TF_JOB, TRAIN_JOB, JOB)}


def choose_kind(
    options: KubeflowOptions, framework_kind: str | None, roles: Sequence[Role]
) -> JobKind | None:
    """Return the kind of a trial's jobs, or None if ``auto`` finds none.

    Parameters
    ----------
    framework_kind
        Kind of the framework's jobs, as in `Job.kind`.
    """
    if options.kind != "auto":
        return KINDS[options.kind]
    if framework_kind in (PYTORCH_JOB.name, TF_JOB.name):
        return KINDS[framework_kind]
    return JOB if count_processes(roles) == 1 else None


def count_processes(roles: Sequence[Role]) -> int:
    """Count the processes of a trial."""
    return sum(role.replicas for role in roles)


def operator_role(kind: JobKind, role: Role, roles: Sequence[Role]) -> str:
    """Return the operator's name for a role."""
    assert kind.roles is not None, "only operators with roles are asked for them"
    if count_processes(roles) > 1:
        return kind.roles[role.name]
    # A single process may have a role of any name. It is the one that ends the job.
    if kind is PYTORCH_JOB:
        return kind.roles[MASTER]
    return kind.roles[role.name if role.name in CHIEFS else "worker"]
