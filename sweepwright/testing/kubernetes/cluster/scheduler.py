"""The scheduler: assigns pods to nodes that have room for them, by priority and age."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from ..store.resources import CLAIMS, NODES, PODS, JsonObject
from .control_loop import ControlLoop
from .controller_client import ControllerClient
from .fitting import HELPLESS, allocatable, reasons_against
from .kubelet.volumes import claims_of
from .quantities import pod_amounts
from .times import find_condition, set_condition

_COMPONENT = "default-scheduler"
_ENDED = {"Succeeded", "Failed"}


class Scheduler:
    """Assigns pods to nodes.

    Invariant: `_used` holds, for each node, the amounts of the pods that are assigned to it and
    have not ended, by their uids.
    """

    def __init__(self, client: ControllerClient, loop: ControlLoop) -> None:
        self._client = client
        self._loop = loop
        self._waiting: dict[str, JsonObject] = {}
        self._used: dict[str, dict[str, dict[str, Fraction]]] = {}
        self.paused = False
        """Whether pods are assigned to no node, as if the scheduler were away."""

    def notice(self, change: str, pod: JsonObject) -> None:
        """Take note of a change of a pod."""
        uid, node = pod["metadata"]["uid"], pod["spec"].get("nodeName")
        gone = change == "DELETED" or pod["status"].get("phase") in _ENDED
        if node is None and not gone and "deletionTimestamp" not in pod["metadata"]:
            self._waiting[uid] = pod
            self.look_again()
            return
        self._waiting.pop(uid, None)
        if node is not None and not gone:
            self._occupy(node, pod)
        elif node is not None and self._used.get(node, {}).pop(uid, None) is not None:
            self.look_again()

    def look_again(self) -> None:
        """Try all waiting pods soon."""
        if self._waiting and not self.paused:
            self._loop.enqueue("schedule", self._schedule)

    def _occupy(self, node: str, pod: JsonObject) -> None:
        used = self._used.setdefault(node, {})
        uid = pod["metadata"]["uid"]
        if uid not in used:
            used[uid] = {"pods": Fraction(1), **pod_amounts(pod)}

    def _schedule(self) -> None:
        free = {node["metadata"]["name"]: self._free(node) for node in self._nodes()}
        for pod in sorted(self._waiting.values(), key=_urgency):
            self._place(pod, free)

    def _nodes(self) -> list[JsonObject]:
        return sorted(self._client.view.all(NODES), key=lambda node: str(node["metadata"]["name"]))

    def _free(self, node: JsonObject) -> dict[str, Fraction]:
        free = allocatable(node)
        for amounts in self._used.get(node["metadata"]["name"], {}).values():
            _subtract(free, amounts)
        return free

    def _place(self, pod: JsonObject, free: dict[str, dict[str, Fraction]]) -> None:
        """Assign a pod to the first node on which it fits, or say why none does."""
        if pod["spec"].get("schedulingGates"):
            told = {"reason": "SchedulingGated", "message": "Scheduling is blocked due to gates"}
            self._refuse(pod, told["message"], reason=told["reason"])
            return
        if (missing := self._missing_claim(pod)) is not None:
            count = len(free)
            what = f'persistentvolumeclaim "{missing}" not found. preemption: 0/{count} nodes are '
            what += f"available: {count} Preemption is not helpful for scheduling."
            self._refuse(pod, f"0/{count} nodes are available: {what}")
            return
        needs = pod_amounts(pod)
        reasons: list[list[str]] = []
        for node in self._nodes():
            name = node["metadata"]["name"]
            against = reasons_against(pod, needs, node, free[name])
            if not against:
                _subtract(free[name], {"pods": Fraction(1), **needs})
                self._bind(pod, name)
                return
            reasons.append(against)
        self._refuse(pod, describe_refusals(reasons))

    def _missing_claim(self, pod: JsonObject) -> str | None:
        namespace = pod["metadata"]["namespace"]
        view = self._client.view
        claims = claims_of(pod)
        return next((name for name in claims if view.get(CLAIMS, namespace, name) is None), None)

    def _bind(self, pod: JsonObject, node: str) -> None:
        def bound(current: JsonObject) -> None:
            current["spec"]["nodeName"] = node
            condition = find_condition(current["status"], "PodScheduled")
            for key in ("reason", "message"):
                (condition or {}).pop(key, None)
            set_condition(current["status"], "PodScheduled", "True")

        self._waiting.pop(pod["metadata"]["uid"], None)
        after = self._client.edit(PODS, pod, bound)
        if after is not None:
            self._occupy(node, after)
            metadata = pod["metadata"]
            what = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node}"
            self._client.record(after, "Normal", "Scheduled", what, _COMPONENT)

    def _refuse(self, pod: JsonObject, message: str, reason: str = "Unschedulable") -> None:
        condition = find_condition(pod["status"], "PodScheduled") or {}
        if condition.get("message") == message:
            return
        told = {"reason": reason, "message": message}

        def refused(current: JsonObject) -> None:
            set_condition(current["status"], "PodScheduled", "False", **told)

        after = self._client.edit(PODS, pod, refused)
        if after is not None:
            self._waiting[pod["metadata"]["uid"]] = after
            self._client.record(after, "Warning", "FailedScheduling", message, _COMPONENT)


def describe_refusals(reasons: Sequence[Sequence[str]]) -> str:
    """Return the message about a pod that fits on no node, given each node's reasons."""
    if not reasons:
        return (
            "no nodes available to schedule pods. preemption: 0/0 nodes are available: no nodes "
            "available"
        )
    total = f"0/{len(reasons)} nodes are available: "
    counts = Counter(reason for each in reasons for reason in each)
    listed = ", ".join(sorted(f"{number} {reason}" for reason, number in counts.items()))
    helpless = sum(any(reason in HELPLESS for reason in each) for each in reasons)
    outcomes = {
        "No preemption victims found for incoming pod": len(reasons) - helpless,
        "Preemption is not helpful for scheduling": helpless,
    }
    told = ", ".join(f"{number} {what}" for what, number in outcomes.items() if number)
    return f"{total}{listed}. preemption: {total}{told}."


def _urgency(pod: JsonObject) -> tuple[int, str, int]:
    metadata = pod["metadata"]
    version = int(metadata["resourceVersion"])
    return -pod["spec"].get("priority", 0), metadata["creationTimestamp"], version


def _subtract(free: dict[str, Fraction], amounts: dict[str, Fraction]) -> None:
    for name, amount in amounts.items():
        free[name] = free.get(name, Fraction(0)) - amount
