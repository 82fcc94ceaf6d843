"""What it means that the API server does not create a job.

Decision 0018 tells the cases apart: what may pass is waited for; what holds for every trial of the
sweep is refused, and costs no trial; what is true of this job alone fails it.
"""

from dataclasses import dataclass
from typing import TypeAlias

from ..api.errors import UNKNOWN_PATH, ApiError
from .start_waits import Wait, admission_wait, api_wait, quota_wait

RENDER_HELP = "`sweepwright platform rbac` prints the permissions that are needed"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same request may succeed later."""

    wait: Wait
    pause: float = 0.0
    """Seconds that the server asks clients to wait."""


@dataclass(frozen=True, slots=True)
class Exists:
    """An object of this name exists, perhaps because an earlier answer was lost."""


@dataclass(frozen=True, slots=True)
class Hopeless:
    """No job of the sweep can be created."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """The job cannot be created, but another one can."""

    reason: str


CreateRefusal: TypeAlias = Repeat | Exists | Hopeless | Unfit


def judge_refusal(error: ApiError, kind: str) -> CreateRefusal:
    """Decide what follows from the answer to a request that creates an object."""
    text = error.message
    if "failed calling webhook" in text:  # as when the operator is being updated
        return Repeat(admission_wait(text), error.retry_after or 0.0)
    if error.transient:
        return Repeat(api_wait(text), error.retry_after or 0.0)
    if error.status == _CONFLICT and error.reason == "AlreadyExists":
        return Exists()
    if "exceeded quota" in text:
        return Repeat(quota_wait(text))
    if "admission webhook" in text or "ValidatingAdmissionPolicy" in text:
        return Repeat(admission_wait(text))
    if error.status == _TOO_LARGE or "too large" in text or "Too long" in text:
        return Unfit(f"the API server refuses its size: {text}")
    return Hopeless(_explain(error, kind))


def is_denial(error: ApiError) -> bool:
    """Tell whether a request was refused because of who has sent it."""
    return error.status == _UNAUTHORIZED or (
        error.status == _FORBIDDEN and _NO_PERMISSION in error.message
    )


def _explain(error: ApiError, kind: str) -> str:
    text = error.message
    if error.reason == UNKNOWN_PATH:
        return f"the cluster has no kind {kind}; install its operator, or choose another `kind`"
    if error.status == _NOT_FOUND or "being terminated" in text:
        return f"the namespace cannot take jobs: {text}"
    if error.status == _UNAUTHORIZED:
        return f"the API server no longer accepts the credentials: {text}"
    if error.status == _FORBIDDEN:
        return f"{text}; {RENDER_HELP}"
    return f"the API server refuses to create a {kind}: {text}"


_NO_PERMISSION = " cannot "
"""In messages of the API server: ``User "x" cannot create resource "jobs" in API group …``."""
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT, _TOO_LARGE = 401, 403, 404, 409, 413
