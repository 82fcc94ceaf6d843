"""Static checks of the kind of jobs: what its operator would refuse, or would never finish."""

from collections.abc import Iterator
from dataclasses import replace

from sweepwright.contracts import Finding, Role, TrialCode
from sweepwright.diagnostics import did_you_mean, plural

from .manifests.kinds import (
    CHIEFS,
    JOB,
    MASTER,
    PYTORCH_JOB,
    TF_JOB,
    TRAIN_JOB,
    JobKind,
    choose_kind,
    count_processes,
)
from .options import KubeflowOptions, PodOptions, image_of, pod_options

_OPERATORS = (PYTORCH_JOB, TF_JOB)
_KIND = ("kind",)


def kind_findings(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    """Find contradictions between the kind of jobs, the framework and the trial's roles."""
    yield from _unknown_roles(options, code)
    kind = choose_kind(options, code.kind, code.roles)
    if kind is None:
        yield _no_kind(code)
        return
    found = [*_other_framework(kind, options, code), *_several_processes(kind, code)]
    yield from found or _role_findings(kind, options, code)
    if kind is TRAIN_JOB:
        yield from _train_job_options(options)
    yield from _image_findings(options, code)


def _unknown_roles(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    known = [role.name for role in code.roles]
    for name in options.roles:
        if name not in known:
            listed = ", ".join(f"`{role}`" for role in known)
            help_ = did_you_mean(name, known) or f"its roles are {listed}"
            yield Finding(("roles", name), f"the trial has no role `{name}`", help_)


def _no_kind(code: TrialCode) -> Finding:
    processes = plural(count_processes(code.roles), "process", "processes")
    framework = f"jobs of kind `{code.kind}`" if code.kind else "the trial's framework"
    message = f"the trial has {processes}, and no operator is known for {framework}"
    ways = "choose `framework=pytorch` or `framework=tensorflow`"
    alike = len({_shape(role) for role in code.roles}) == 1
    return Finding(_KIND, message, f"give `kind=TrainJob`, or {ways}" if alike else ways)


def _other_framework(
    kind: JobKind, options: KubeflowOptions, code: TrialCode
) -> Iterator[Finding]:
    """Report an operator that sets the variables of another framework."""
    wrong = code.kind not in (None, kind.name) and (
        kind in _OPERATORS
        or (kind is TRAIN_JOB and code.kind == TF_JOB.name and count_processes(code.roles) > 1)
    )
    if wrong:
        message = f"the framework's jobs are of kind `{code.kind}`, not `{kind.name}`"
        other = "choose another framework"
        help_ = f"give `kind=auto`, or {other}" if _auto_finds_one(options, code) else other
        yield Finding(_KIND, message, help_)


def _auto_finds_one(options: KubeflowOptions, code: TrialCode) -> bool:
    return choose_kind(replace(options, kind="auto"), code.kind, code.roles) is not None


def _several_processes(kind: JobKind, code: TrialCode) -> Iterator[Finding]:
    if kind is JOB and (count := count_processes(code.roles)) > 1:
        known = code.kind in [operator.name for operator in _OPERATORS]
        help_ = "give `kind=auto`" if known else "give `kind=TrainJob`, or use one process"
        yield Finding(_KIND, f"the trial has {count} processes, and a `Job` runs one", help_)


def _role_findings(kind: JobKind, options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    if kind is TRAIN_JOB:
        yield from _nodes_that_differ(options, code)
    elif kind in _OPERATORS and count_processes(code.roles) > 1:
        yield from _unsuited_roles(kind, code)
        check = _pytorch_roles if kind is PYTORCH_JOB else _tensorflow_roles
        yield from check(code)


def _unsuited_roles(kind: JobKind, code: TrialCode) -> Iterator[Finding]:
    known = kind.roles or {}
    for role in code.roles:
        if role.name not in known:
            listed = ", ".join(f"`{name}`" for name in known)
            help_ = did_you_mean(role.name, known) or f"known are {listed}"
            yield Finding(_KIND, f"a `{kind.name}` has no role `{role.name}`", help_)


def _pytorch_roles(code: TrialCode) -> Iterator[Finding]:
    """Report the lack of a single master that reports: a PyTorchJob ends when its master does."""
    master = next((role for role in code.roles if role.name == MASTER), None)
    if master is None:
        alike = len({_shape(role) for role in code.roles}) == 1
        ways = "rename one to `master`, with `replicas: 1` and `reports: true`"
        help_ = f"{ways}, or give `kind=TrainJob`" if alike else ways
        yield Finding(_KIND, "a `PyTorchJob` of several processes has a role `master`", help_)
    elif master.replicas != 1:
        message = f"a `PyTorchJob` has one `master`, not {master.replicas}"
        yield Finding(_KIND, message, "move the others to the role `worker`")
    elif not master.reports:
        message = "a `PyTorchJob` ends with its `master`, which does not report"
        yield Finding(_KIND, message, "give `trial.roles.master.reports=true`")


def _tensorflow_roles(code: TrialCode) -> Iterator[Finding]:
    chiefs = [role for role in code.roles if role.name in CHIEFS]
    if len(chiefs) > 1:
        yield Finding(_KIND, "a `TFJob` has a `chief` or a `master`, not both", "omit one of them")
        return
    for chief in chiefs:
        if chief.replicas != 1:
            message = f"a `TFJob` has one `{chief.name}`, not {chief.replicas}"
            yield Finding(_KIND, message, "move the others to the role `worker`")
        elif not chief.reports:
            message = f"a `TFJob` ends with its `{chief.name}`, which does not report"
            yield Finding(_KIND, message, f"give `trial.roles.{chief.name}.reports=true`")


def _nodes_that_differ(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    """Report roles that cannot be the nodes of one TrainJob, because all of these are alike."""
    first = code.roles[0]
    for role in code.roles[1:]:
        if _shape(role) != _shape(first):
            names = f"`{first.name}` and `{role.name}`"
            message = f"the nodes of a `TrainJob` are alike, but {names} differ"
            alike = "give them the same entry, environment and resources"
            help_ = f"{alike}, or `kind=auto`" if _auto_finds_one(options, code) else alike
            yield Finding(_KIND, message, help_)
        elif pod_options(options, role.name) != pod_options(options, first.name):
            message = f"the nodes of a `TrainJob` are alike, but `{role.name}` has other options"
            yield Finding(("roles",), f"{message} than `{first.name}`", "give `roles={}`")


def _shape(role: Role) -> str:
    """Return what two roles have in common if they can be one."""
    return repr(replace(role, name="", replicas=1, reports=True))


def _train_job_options(options: KubeflowOptions) -> Iterator[Finding]:
    """Report options that a TrainJob cannot express."""
    help_ = f"omit it, and set it in the runtime `{options.runtime}`"
    pods: list[tuple[tuple[str, ...], PodOptions]] = [
        ((), options),
        *((("roles", name), pod) for name, pod in options.roles.items()),
    ]
    for place, pod in pods:
        for name in ("priority_class", "env_from", "image_pull_policy"):
            if getattr(pod, name):
                message = f"a `TrainJob` has no `{name}`, which is a matter of its runtime"
                yield Finding((*place, name), message, help_)
        for name, most in _TRAIN_JOB_LIMITS.items():
            if len(getattr(pod, name) or ()) > most:
                message = f"a `TrainJob` has room for {most} `{name}`"
                yield Finding((*place, name), message, "give fewer")
    if options.run_policy.ttl is not None:
        message = "a `TrainJob` is not deleted by the cluster after some time"
        yield Finding(("run_policy", "ttl"), message, "omit it")


_TRAIN_JOB_LIMITS = {"secret_env": 100, "volumes": 100, "tolerations": 128}
"""Its schema has at most 128 of each, of which we need a few."""


def _image_findings(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    """Report the lack of an image for a framework that no image of Kubeflow's holds."""
    for role in code.roles:
        gpu = bool(role.resources.get("gpu"))
        if image_of(pod_options(options, role.name), code.kind, gpu=gpu) is None:
            framework = f"the framework of a `{code.kind}`" if code.kind else "the trial"
            also = ", with support for GPUs" if gpu else ""
            message = f"no image is known that holds what {framework} needs{also}"
            yield Finding(("image",), message, "give `image=REGISTRY/NAME:TAG`")
            return
