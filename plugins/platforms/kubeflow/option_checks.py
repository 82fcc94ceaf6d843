"""Static checks of the options: every fault that can be found without a cluster.

What the API server and the operators would refuse is refused here, at the option's place.
"""

from collections.abc import Iterator
from dataclasses import replace

from sweepwright.contracts import Finding, TrialCode
from sweepwright.secret_names import LOOKS_SECRET

from .code_checks import checkpoint_findings, code_findings
from .kind_checks import kind_findings
from .names import is_dns_label, is_label_value, is_subdomain
from .options import KubeflowOptions, PodOptions, pod_options
from .pod_checks import name_finding, pod_findings, sub_path_finding

_LARGEST_USER = (1 << 31) - 1


def check_options(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    """Find every fault in the options, alone and together with the trial."""
    yield from _name_findings(options)
    yield from _number_findings(options)
    yield from checkpoint_findings(options, code)
    for place, pod in _all_pods(options):
        yield from (replace(each, path=(*place, *each.path)) for each in pod_findings(pod))
    yield from kind_findings(options, code)
    yield from _amount_findings(options, code)
    yield from code_findings(options, code)


def _all_pods(options: KubeflowOptions) -> Iterator[tuple[tuple[str, ...], PodOptions]]:
    yield (), options
    for name, pod in options.roles.items():
        yield ("roles", name), pod


def _name_findings(options: KubeflowOptions) -> Iterator[Finding]:
    yield from name_finding(("namespace",), options.namespace, is_dns_label)
    yield from name_finding(("service_account",), options.service_account)
    yield from name_finding(("runtime",), options.runtime)
    yield from name_finding(("queue",), options.queue, _is_queue)
    yield from name_finding(("files", "claim"), options.files.claim)
    for index, name in enumerate(options.image_pull_secrets):
        yield from name_finding(("image_pull_secrets", index), name)
    if options.files.sub_path is not None:
        yield from sub_path_finding(("files", "sub_path"), options.files.sub_path)
    for name in ("kubeconfig", "context"):
        text = getattr(options, name)
        if text is not None and not text.strip():
            yield Finding((name,), f"`{name}` is empty", "omit it, or give it a value")
        elif text is not None and LOOKS_SECRET.search(text):
            yield Finding((name,), f"`{name}` contains a secret", "write its name alone")


def _is_queue(name: str) -> bool:
    return is_subdomain(name) and is_label_value(name)


def _number_findings(options: KubeflowOptions) -> Iterator[Finding]:
    for name in ("start_timeout", "requests_per_second", "request_timeout"):
        value = getattr(options, name)
        if value is not None and not value > 0:
            yield Finding((name,), f"`{name}` is {value:g}, not above 0")
    policy = options.run_policy
    for name, value, least in (
        ("active_deadline", policy.active_deadline, 1),
        ("ttl", policy.ttl, 0),
    ):
        if value is not None and not least <= value <= _LARGEST_USER:
            message = f"`{name}` is {value}, not from {least} to {_LARGEST_USER}"
            yield Finding(("run_policy", name), message)
    yield from _user_findings(options)


def _user_findings(options: KubeflowOptions) -> Iterator[Finding]:
    user = options.run_as_user
    if user is not None and not 0 <= user <= _LARGEST_USER:
        message = f"`run_as_user` is {user}, not from 0 to {_LARGEST_USER}"
        yield Finding(("run_as_user",), message)
    elif user == 0 and options.restricted:
        message = "user 0 is root, which the restricted profile forbids"
        help_ = "give another user, or `restricted=false`"
        yield Finding(("run_as_user",), message, help_)


def _amount_findings(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    """Report amounts that no node can grant, and amounts that are given twice."""
    for role in code.roles:
        gpus = role.resources.get("gpu", 0.0)
        if gpus % 1:
            message = f"role `{role.name}` requests {gpus:g} `gpu`, and a node grants whole ones"
            help_ = f"give `trial.roles.{role.name}.resources.gpu=1`"
            yield Finding(("gpu_resource",), message, help_)
        given = pod_options(options, role.name).resources or {}
        for name in given:
            if role.resources.get(name):
                message = f"`{name}` is given here and in the resources of role `{role.name}`"
                yield Finding(_resources_path(options, role.name, name), message, "keep one")


def _resources_path(options: KubeflowOptions, role: str, name: str) -> tuple[str, ...]:
    own = options.roles.get(role)
    of_role = own is not None and own.resources is not None
    return ("roles", role, "resources", name) if of_role else ("resources", name)
