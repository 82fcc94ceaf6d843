"""Whether a pod fits on a node, and why not, in the words of the scheduler."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from ..store.resources import JsonObject
from .quantities import Amounts, parse_quantity

_NO_MATCH = "node(s) didn't match Pod's node affinity/selector"
HELPLESS = frozenset({_NO_MATCH})
"""Reasons that the preemption of other pods would not change."""


def reasons_against(
    pod: JsonObject, needs: Amounts, node: JsonObject, free: Mapping[str, Fraction]
) -> list[str]:
    """Return why a pod does not fit on a node; an empty list if it fits."""
    if node["spec"].get("unschedulable"):
        return ["node(s) were unschedulable"]
    taint = _untolerated_taint(pod, node)
    if taint is not None:
        return [f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"]
    labels = node["metadata"].get("labels") or {}
    if not _selects(pod, labels):
        return [_NO_MATCH]
    if free.get("pods", Fraction(0)) < 1:
        return ["Too many pods"]
    short = (name for name, need in needs.items() if need > free.get(name, Fraction(0)))
    return [f"Insufficient {name}" for name in sorted(short)]


def allocatable(node: JsonObject) -> dict[str, Fraction]:
    """Return what a node has for pods."""
    held: Mapping[str, str] = node["status"].get("allocatable") or {}
    return {name: parse_quantity(text) for name, text in held.items()}


def _untolerated_taint(pod: JsonObject, node: JsonObject) -> JsonObject | None:
    tolerations = pod["spec"].get("tolerations") or []
    for taint in node["spec"].get("taints") or []:
        repels = taint["effect"] in {"NoSchedule", "NoExecute"}
        if repels and not any(_tolerates(each, taint) for each in tolerations):
            found: JsonObject = taint
            return found
    return None


def _tolerates(toleration: JsonObject, taint: JsonObject) -> bool:
    if toleration.get("effect") not in {None, "", taint["effect"]}:
        return False
    if toleration.get("key") not in {None, "", taint["key"]}:
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return bool(toleration.get("value", "") == taint.get("value", ""))


def _selects(pod: JsonObject, labels: Mapping[str, str]) -> bool:
    """Tell whether the node selector and the required affinity of a pod accept these labels."""
    wanted: Mapping[str, str] = pod["spec"].get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if required is None:
        return True
    return any(
        all(_matches(each, labels) for each in term.get("matchExpressions") or [])
        for term in required["nodeSelectorTerms"]
    )


def _matches(expression: JsonObject, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or []
    tests: dict[str, Callable[[], bool]] = {
        "In": lambda: labels.get(key) in values,
        "NotIn": lambda: labels.get(key) not in values,
        "Exists": lambda: key in labels,
        "DoesNotExist": lambda: key not in labels,
        "Gt": lambda: key in labels and int(labels[key]) > int(values[0]),
        "Lt": lambda: key in labels and int(labels[key]) < int(values[0]),
    }
    return tests[expression["operator"]]()
