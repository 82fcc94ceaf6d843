"""Why a job failed, from what OpenPAI says about its end."""

from sweepwright.events import Failure, FailureKind, Json

_STATUS_BY_PHRASE = {
    "UserContainerDockerOOMKilled": FailureKind.MEMORY,
    "PodDeadlineExceeded": FailureKind.TIMEOUT,
}
_KIND_BY_TYPE = {
    "PLATFORM_FAILURE": FailureKind.LOST,
    "RESOURCE_ALLOCATION_TIMEOUT": FailureKind.LOST,
    "USER_STOP": FailureKind.KILLED,
}
_BEFORE_IT_RAN = ("SUBMITTING", "ALLOCATING", "LAUNCHING")
_SIGKILL = 137
_LONGEST = 400


def failure_of(detail: Json) -> Failure:
    """Return the failure of a job that has ended without a word of its agent."""
    status = detail["jobStatus"]
    spec = status.get("appExitSpec") or {}
    phrase, code = spec.get("phrase") or "", status.get("appExitCode")
    return Failure(_kind(spec, code), f"OpenPAI: {_words(status, spec, phrase, code)}")


def began(detail: Json) -> bool:
    """Tell whether a container of a job that has ended did run its program."""
    spec = detail["jobStatus"].get("appExitSpec") or {}
    return spec.get("stage") not in _BEFORE_IT_RAN


def trigger_of(detail: Json) -> tuple[str, int] | None:
    """Return the role and the index of the task that has decided how a job ends."""
    status = detail["jobStatus"]
    role, index = (status.get(f"appExitTriggerTask{key}") for key in ("RoleName", "Index"))
    return (str(role), int(index)) if role is not None and index is not None else None


def node_of(detail: Json, role: str) -> str | None:
    """Return the node on which the first task of a role runs."""
    tasks = detail.get("taskRoles", {}).get(role, {}).get("taskStatuses") or [{}]
    node = tasks[0].get("containerNodeName") or tasks[0].get("containerIp")
    return str(node) if node else None


def _kind(spec: Json, code: int | None) -> FailureKind:
    phrase, kind = spec.get("phrase"), spec.get("type")
    if phrase in _STATUS_BY_PHRASE:
        return _STATUS_BY_PHRASE[phrase]
    if kind in _KIND_BY_TYPE:
        return _KIND_BY_TYPE[kind]
    if spec.get("stage") in _BEFORE_IT_RAN:
        return FailureKind.LAUNCH
    if code == _SIGKILL:
        return FailureKind.KILLED
    # The agent exits with 1 if its trial fails, and says why in the log. So this is not the trial.
    return FailureKind.LOST


def _words(status: Json, spec: Json, phrase: str, code: int | None) -> str:
    """Describe an end in one line: OpenPAI's word, its reason, its diagnostics and solutions."""
    reason = status.get("appExitDiagnostics") or spec.get("reason") or "no reason given"
    parts = [f"{phrase} (exit code {code})" if phrase else f"exit code {code}", reason]
    if solutions := spec.get("solution"):
        parts.append(f"it suggests: {'; '.join(map(str, solutions))}")
    return " ".join(": ".join(parts).split())[:_LONGEST]
