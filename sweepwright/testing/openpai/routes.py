"""What the double's API answers, route by route."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate

from .cluster import OpenPai
from .jobs import PaiJob
from .protocol_validation import faults_of, parse_protocol
from .task_logs import log_names, read_log

_MOST = 50_000


@dataclass(slots=True)
class Answer:
    """The answer to a request."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A request, whose path begins with ``/api/v2``."""

    cluster: OpenPai
    method: str
    path: str
    query: Mapping[str, str]
    body: str
    headers: Mapping[str, str]

    @property
    def user(self) -> str | None:
        """The user whose token the request carries; None if nobody has this token."""
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        return next((user for user, own in self.cluster.users.items() if own == token), None)


Route = Callable[Concatenate[Request, ...], Answer]


def answer_with(status: int, value: Any) -> Answer:
    """Return an answer in JSON."""
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _error(status: int, code: str, message: str) -> Answer:
    return answer_with(status, {"code": code, "message": message})


def _authorized(route: Route) -> Route:
    def checked(request: Request, **parts: str) -> Answer:
        if request.user is None:
            return _error(
                401, "UnauthorizedUserError", "Guest is not allowed to do this operation."
            )
        with request.cluster.changed:
            return route(request, **parts)

    return checked


def _info(_request: Request) -> Answer:
    return answer_with(
        200,
        {
            "name": "PAI RESTful API",
            "version": "v1.8.0",
            "launcherType": "k8s",
            "authnMethod": "basic",
        },
    )


@_authorized
def _submit(request: Request) -> Answer:
    cluster, user = request.cluster, request.user
    assert user is not None, "the token was checked"
    try:
        protocol = parse_protocol(request.body)
    except ValueError as error:
        return _error(400, "InvalidProtocolError", str(error))
    if faults := faults_of(protocol):
        return _error(400, "InvalidProtocolError", "; ".join(faults))
    name = protocol["name"]
    if (user, name) in cluster.jobs:
        return _error(409, "ConflictJobError", f"Job {user}~{name} already exists.")
    masked = {**protocol, **({"secrets": "******"} if "secrets" in protocol else {})}
    job = PaiJob(user, name, protocol, json.dumps(masked), cluster.clock())
    if job.virtual_cluster not in cluster.virtual_clusters:
        missing = f"Virtual cluster {job.virtual_cluster} is not found."
        return _error(400, "NoVirtualClusterError", missing)
    cluster.submit(job)
    return answer_with(
        202, {"status": 202, "message": f"Update job {name} for user {user} successfully."}
    )


@_authorized
def _list(request: Request) -> Answer:
    query = request.query
    limit = int(query.get("limit", 5000))
    if limit > _MOST:
        return _error(400, "InvalidParametersError", f"Limit exceeds max number {_MOST}.")
    users = query["username"].split(",") if "username" in query else None
    states = query["state"].split(",") if "state" in query else None
    word = query.get("keyword", "")
    jobs = [
        job
        for job in request.cluster.jobs.values()
        if (users is None or job.user in users)
        and (states is None or job.state in states)
        and any(word in text for text in (job.user, job.name, job.virtual_cluster))
    ]
    jobs.sort(key=lambda job: job.submitted, reverse=True)
    if request.cluster.hidden_lists > 0:
        request.cluster.hidden_lists -= 1
        jobs = []
    offset = int(query.get("offset", 0))
    return answer_with(200, [job.summary() for job in jobs[offset : offset + limit]])


def _with_job(route: Callable[Concatenate[Request, PaiJob, ...], Answer]) -> Route:
    @_authorized
    def found(request: Request, user: str, job: str, **parts: str) -> Answer:
        known = request.cluster.jobs.get((user, job))
        if known is None:
            return _error(404, "NoJobError", f"Job {user}~{job} is not found.")
        return route(request, known, **parts)

    return found


@_with_job
def _detail(_request: Request, job: PaiJob) -> Answer:
    return answer_with(200, job.detail())


@_with_job
def _config(_request: Request, job: PaiJob) -> Answer:
    return Answer(200, job.config.encode(), {"Content-Type": "text/yaml"})


@_with_job
def _execute(request: Request, job: PaiJob) -> Answer:
    value = json.loads(request.body or "{}").get("value")
    if value not in ("START", "STOP"):
        return _error(400, "InvalidParametersError", "Invalid request parameters.")
    if request.user != job.user:
        message = f"User {request.user} is not allowed to execute job {job.user}~{job.name}."
        return _error(403, "ForbiddenUserError", message)
    if value == "STOP":
        request.cluster.stop(job)
    return answer_with(
        202, {"status": 202, "message": f"Execute job {job.user}~{job.name} successfully."}
    )


@_with_job
def _logs(request: Request, job: PaiJob, attempt: str, role: str, index: str, task: str) -> Answer:
    container = _container(job, attempt, role, index)
    if container is None or task != "0":
        return _error(404, "NoTaskLogError", "Log of task is not found.")
    end = "&tail-mode=true" if request.query.get("tail-mode") == "true" else ""
    place = f"attempt={attempt}&role={role}&index={index}&token={request.cluster.log_token}"
    names = log_names(container)
    uri = (
        f"/log-manager/127.0.0.1:9103/api/v1/logs/{{}}?user={job.user}&job={job.name}&{place}{end}"
    )
    return answer_with(
        200,
        {"locations": [{"name": name, "uri": uri.format(f"user-{name}")} for name in names]},
    )


def _read_log(request: Request, name: str) -> Answer:
    query = request.query
    with request.cluster.changed:
        job = request.cluster.jobs.get((query["user"], query["job"]))
        logs = _container(job, query["attempt"], query["role"], query["index"]) if job else None
    if logs is None or query.get("token") != request.cluster.log_token:
        return Answer(403 if logs else 404, b"")
    data = read_log(logs, name, tail=query.get("tail-mode") == "true")
    return Answer(200, data, {"Content-Type": "text/plain"})


def _container(job: PaiJob, attempt: str, role: str, index: str) -> Path | None:
    if int(attempt) >= len(job.attempts):
        return None
    found = (
        task.container.logs
        for task in job.attempts[int(attempt)]
        if task.role == role and str(task.index) == index
    )
    logs = next(found, None)
    return logs if logs is not None and logs.is_dir() else None


@_authorized
def _virtual_clusters(request: Request) -> Answer:
    resources = {"cpu": 64, "memory": 262_144, "gpu": 8, "vCores": 64, "GPUs": 8}
    cluster = {
        "capacity": 100,
        "usedCapacity": 0,
        "dedicated": False,
        "resourcesUsed": {**resources, "cpu": 0, "memory": 0, "gpu": 0},
        "resourcesGuaranteed": resources,
        "resourcesTotal": resources,
        "maxCapacity": 100,
    }
    return answer_with(200, dict.fromkeys(request.cluster.virtual_clusters, cluster))


@_authorized
def _storages(request: Request) -> Answer:
    storages = [
        {"name": name, "share": True, "volumeName": f"{name}-pv", "default": False}
        for name in request.cluster.storages
    ]
    return answer_with(200, {"storages": storages})


_JOB = r"/api/v2/jobs/(?P<user>[^~/]+)~(?P<job>[^/]+)"
_TASK = r"/attempts/(?P<attempt>\d+)/taskRoles/(?P<role>\w+)/taskIndex/(?P<index>\d+)"
ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", "/api/v2/info", _info),
    ("POST", "/api/v2/jobs", _submit),
    ("GET", "/api/v2/jobs", _list),
    ("GET", _JOB, _detail),
    ("GET", f"{_JOB}/config", _config),
    ("PUT", f"{_JOB}/executionType", _execute),
    ("GET", rf"{_JOB}{_TASK}/attempts/(?P<task>\d+)/logs", _logs),
    ("GET", "/api/v2/virtual-clusters", _virtual_clusters),
    ("GET", "/api/v2/storages", _storages),
    ("GET", r"/log-manager/[^/]+/api/v1/logs/user-(?P<name>[a-z.0-9]+)", _read_log),
)
