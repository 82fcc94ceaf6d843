"""The controller of TrainJobs (trainer v2, `v1alpha1`), which have no condition while they run.

A real trainer creates a JobSet, which creates a Job for each of its replicated jobs. Here a
TrainJob controls its Job ``{name}-node-0`` itself, with the labels that a JobSet gives; its
indexed pods are named ``{name}-node-0-{index}-{suffix}``. By default, the pods restart their
container, as those of the runtimes that come with trainer do.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...store.resources import JOBS, TRAIN_JOBS, JsonObject
from ...store.status_errors import StatusError
from ..control_loop import ControlLoop
from ..controller_client import ControllerClient
from ..times import is_true, seconds_since, set_condition
from .pod_templates import add_variables, controlled_by

_PORT = "29400"
_INDEX_FIELD = "metadata.annotations['batch.kubernetes.io/job-completion-index']"
_CONTAINER = "node"
_RETRY_SECONDS = 1.0
_COMPONENT = "trainjob-controller"


@dataclass(frozen=True, slots=True)
class TrainingRuntime:
    """A training runtime that TrainJobs may refer to."""

    image: str = "pytorch/pytorch:2.7.1-cuda12.8-cudnn9-runtime"
    nodes: int = 1
    restart_policy: str = "OnFailure"
    backoff_limit: int = 6


class TrainJobController:
    """Reconciles TrainJobs."""

    resource = TRAIN_JOBS

    def __init__(
        self,
        client: ControllerClient,
        loop: ControlLoop,
        runtimes: Mapping[str, TrainingRuntime],
    ) -> None:
        self._client = client
        self._loop = loop
        self._runtimes = runtimes

    def reconcile(self, namespace: str, name: str) -> None:
        """Bring the Job and the status of a TrainJob to what its spec asks for."""
        found = self._client.view.get(TRAIN_JOBS, namespace, name)
        if found is None or "deletionTimestamp" in found["metadata"]:
            return
        status = copy.deepcopy(found.get("status") or {})
        if is_true(status, "Complete") or is_true(status, "Failed"):
            return
        jobs = list(self._client.view.controlled_by(found, JOBS))
        if not jobs:
            self._create(found)
            return  # the new job asks for another look
        job = self._synchronize(found, jobs[0])
        self._update(found, status, job)
        if status != (found.get("status") or {}):
            self._client.edit(TRAIN_JOBS, found, lambda current: current.update(status=status))

    def _create(self, found: JsonObject) -> None:
        namespace, name = found["metadata"]["namespace"], found["metadata"]["name"]
        try:
            self._client.create(JOBS, namespace, self._job(found))
        except StatusError as error:
            self._client.record(found, "Warning", "FailedCreate", error.message, _COMPONENT)
            self._loop.later(_RETRY_SECONDS, lambda: self.reconcile(namespace, name))

    def _synchronize(self, found: JsonObject, job: JsonObject) -> JsonObject:
        """Suspend or resume the Job as the TrainJob says."""
        suspended = bool(found["spec"].get("suspend"))
        if bool(job["spec"].get("suspend")) == suspended:
            return job
        edited = self._client.edit(JOBS, job, lambda each: each["spec"].update(suspend=suspended))
        return edited or job

    def _update(self, found: JsonObject, status: JsonObject, job: JsonObject) -> None:
        _set_suspended(found, status)
        state = job.get("status") or {}
        complete, failed = is_true(state, "Complete"), is_true(state, "Failed")
        status["jobsStatus"] = [
            {
                "name": _CONTAINER,
                "ready": int(state.get("ready", 0) >= job["spec"]["parallelism"]),
                "active": int(bool(state.get("active"))),
                "succeeded": int(complete),
                "failed": int(failed),
                "suspended": int(is_true(state, "Suspended")),
            }
        ]
        name = job["metadata"]["name"]
        if complete:
            told = ("AllJobsCompleted", "jobset completed successfully")
            self._end(found, status, "Complete", *told)
        elif failed:
            message = f"jobset failed due to one or more job failures (first failed job: {name})"
            self._end(found, status, "Failed", "FailedJobs", message)
        else:
            self._observe_deadline(found, status, job)

    def _observe_deadline(self, found: JsonObject, status: JsonObject, job: JsonObject) -> None:
        deadline = found["spec"].get("activeDeadlineSeconds")
        started = (job.get("status") or {}).get("startTime")
        if deadline is None or started is None:
            return
        left = deadline - seconds_since(started)
        if left <= 0:
            self._client.delete(JOBS, job)
            message = "TrainJob was active longer than specified deadline"
            self._end(found, status, "Failed", "DeadlineExceeded", message)
            return
        where = found["metadata"]["namespace"], found["metadata"]["name"]
        self._loop.later(left, lambda: self.reconcile(*where))

    def _end(
        self, found: JsonObject, status: JsonObject, kind: str, reason: str, message: str
    ) -> None:
        set_condition(status, kind, "True", reason=reason, message=message)
        level = "Normal" if kind == "Complete" else "Warning"
        self._client.record(found, level, reason, message, _COMPONENT)

    def _job(self, found: JsonObject) -> JsonObject:
        """Return the Job of the replicated job `node`."""
        name = found["metadata"]["name"]
        runtime = self._runtimes[found["spec"]["runtimeRef"]["name"]]
        trainer = found["spec"].get("trainer") or {}
        nodes = trainer.get("numNodes") or runtime.nodes
        labels = {
            "jobset.sigs.k8s.io/jobset-name": name,
            "jobset.sigs.k8s.io/replicatedjob-name": _CONTAINER,
            "jobset.sigs.k8s.io/replicatedjob-replicas": "1",
            "jobset.sigs.k8s.io/job-index": "0",
            "trainer.kubeflow.org/trainjob-ancestor-step": "trainer",
        }
        patch = _patch_of(found)
        template = _template(name, runtime, trainer, nodes, patch)
        metadata = template.setdefault("metadata", {})
        metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
        return {
            "metadata": {
                "name": f"{name}-{_CONTAINER}-0",
                "labels": {**((patch.get("metadata") or {}).get("labels") or {}), **labels},
                "ownerReferences": [controlled_by(found)],
            },
            "spec": {
                "parallelism": nodes,
                "completions": nodes,
                "completionMode": "Indexed",
                "backoffLimit": runtime.backoff_limit,
                "suspend": bool(found["spec"].get("suspend")),
                "template": template,
            },
        }


def _set_suspended(found: JsonObject, status: JsonObject) -> None:
    if found["spec"].get("suspend"):
        told = {"reason": "Suspended", "message": "TrainJob is suspended"}
        set_condition(status, "Suspended", "True", **told)
    elif is_true(status, "Suspended"):
        told = {"reason": "Resumed", "message": "TrainJob is resumed"}
        set_condition(status, "Suspended", "False", **told)


def _template(
    name: str, runtime: TrainingRuntime, trainer: JsonObject, nodes: int, patch: JsonObject
) -> JsonObject:
    """Return the pod template of a runtime with a TrainJob's trainer and patches in it."""
    container: JsonObject = {
        "name": _CONTAINER,
        "image": trainer.get("image") or runtime.image,
        "resources": trainer.get("resourcesPerNode") or {},
        "env": list(trainer.get("env") or []),
    }
    container.update({key: trainer[key] for key in ("command", "args") if key in trainer})
    processes = str(trainer.get("numProcPerNode", "1"))
    add_variables(container, {"PET_NNODES": str(nodes), "PET_NPROC_PER_NODE": processes})
    container["env"].append(
        {"name": "PET_NODE_RANK", "valueFrom": {"fieldRef": {"fieldPath": _INDEX_FIELD}}}
    )
    host = f"{name}-{_CONTAINER}-0-0.{name}"
    add_variables(container, {"PET_MASTER_ADDR": host, "PET_MASTER_PORT": _PORT})
    template: JsonObject = {
        "spec": {
            "containers": [container],
            "restartPolicy": runtime.restart_policy,
            "subdomain": name,
        }
    }
    merged: JsonObject = _merged(template, (patch.get("spec") or {}).get("template") or {})
    return merged


def _patch_of(found: JsonObject) -> JsonObject:
    """Return what the patches of a TrainJob say about the template of the job `node`."""
    merged: JsonObject = {}
    for patch in found["spec"].get("runtimePatches") or []:
        jobset = ((patch.get("trainingRuntimeSpec") or {}).get("template") or {}).get("spec") or {}
        for job in jobset.get("replicatedJobs") or []:
            if job["name"] == _CONTAINER:
                merged = _merged(merged, job.get("template") or {})
    return merged


def _merged(below: Any, above: Any) -> Any:
    """Merge two objects as a strategic merge does: lists of named things by name."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {
            key: _merged(below[key], value) if key in below else value
            for key, value in above.items()
        }
    if isinstance(below, list) and isinstance(above, list) and _are_named([*below, *above]):
        held = {each["name"]: each for each in below}
        held |= {
            each["name"]: _merged(held[each["name"]], each) if each["name"] in held else each
            for each in above
        }
        return list(held.values())
    return above


def _are_named(items: list[Any]) -> bool:
    return all(isinstance(each, dict) and "name" in each for each in items)
