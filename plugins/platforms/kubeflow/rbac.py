"""The permissions that a sweep needs: a Role of its namespace, and whom it is bound to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sweepwright.contracts import TrialCode
from sweepwright.events import Json

from .manifests.kinds import JobKind, choose_kind
from .options import KubeflowOptions

NAME = "sweepwright"
_API = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Permission:
    """What the driver may do with objects of one kind in the namespace of a sweep."""

    group: str
    resource: str
    """Plural name, with a subresource after a slash."""
    verbs: Sequence[str]
    names: Sequence[str] = ()
    """Names of the objects; all objects if empty."""


def needed_permissions(options: KubeflowOptions, kind: JobKind) -> list[Permission]:
    """List what the driver does with the objects of a sweep whose jobs are of one kind."""
    permissions = [
        # A job is launched, recognised after a create whose answer was lost, followed together
        # with all others by one watch, and deleted.
        Permission(kind.group, kind.plural, ("create", "get", "list", "watch", "delete")),
        # Pods are followed, and nothing else: operators create and delete them.
        Permission("", "pods", ("get", "list", "watch")),
        Permission("", "pods/log", ("get",)),
        # The kit and the code of a sweep; `cleanup` lists them.
        Permission("", "configmaps", ("create", "get", "list", "delete")),
        # Why a job has no pods, and why a pod does not start.
        Permission("", "events", ("list",)),
    ]
    if claim := options.files.claim:
        # Whether checkpoints can be kept, before the first trial.
        permissions.append(Permission("", "persistentvolumeclaims", ("get",), (claim,)))
    return permissions


def rbac_documents(options: KubeflowOptions, code: TrialCode) -> Sequence[Json]:
    """Return the Role that the driver's account needs, and its binding to a ServiceAccount."""
    kind = choose_kind(options, code.kind, code.roles)
    assert kind is not None, "a check of the options reports a trial of no kind"
    metadata: Json = {"name": NAME}
    if options.namespace:
        metadata = {**metadata, "namespace": options.namespace}
    role: Json = {
        "apiVersion": f"{_API}/v1",
        "kind": "Role",
        "metadata": metadata,
        "rules": [_rule(permission) for permission in needed_permissions(options, kind)],
    }
    # A ServiceAccount is named with its namespace, whatever the binding's own is.
    subject: Json = {
        "kind": "ServiceAccount",
        "name": NAME,
        "namespace": options.namespace or "default",
    }
    binding: Json = {
        "apiVersion": f"{_API}/v1",
        "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": _API, "kind": "Role", "name": NAME},
        "subjects": [subject],
    }
    return [role, binding]


def _rule(permission: Permission) -> Json:
    rule: dict[str, Json] = {
        "apiGroups": [permission.group],
        "resources": [permission.resource],
        "verbs": list(permission.verbs),
    }
    return {**rule, "resourceNames": list(permission.names)} if permission.names else rule
