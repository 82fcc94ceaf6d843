"""The ends of containers, as the exit specification of OpenPAI describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ExitSpec:
    """Why a container ended."""

    code: int
    phrase: str
    type: str
    stage: str = "RUNNING"
    reason: str = ""
    retried: bool = False
    """Whether OpenPAI runs the job again by itself, however often this happens."""

    def body(self) -> Mapping[str, Any]:
        """Return the specification as the API shows it."""
        return {
            "code": self.code,
            "phrase": self.phrase,
            "type": self.type,
            "stage": self.stage,
            "reason": self.reason,
        }


SUCCEEDED = ExitSpec(0, "Succeeded", "USER_SUCCESS", "COMPLETING")
STOPPED = ExitSpec(
    -210, "StopFrameworkRequested", "USER_STOP", reason="User has requested to stop"
)
COMPLETED = ExitSpec(
    -220, "FrameworkAttemptCompletion", "USER_STOP", reason="Stop to complete current job attempt"
)
POD_DELETED = ExitSpec(
    -101,
    "PodExternalDeleted",
    "PLATFORM_FAILURE",
    reason="Pod is deleted by external unexpectedly",
    retried=True,
)
EVICTED = ExitSpec(
    -1000,
    "PodEvicted",
    "PLATFORM_FAILURE",
    reason="Pod is evicted by K8S, maybe its node is out of resource",
    retried=True,
)
NODE_LOST = ExitSpec(
    -1001,
    "PodNodeLost",
    "PLATFORM_FAILURE",
    reason="Pod lost due to node lost, maybe its kubelet is down for a long time",
    retried=True,
)
OUT_OF_MEMORY = ExitSpec(
    -1200,
    "UserContainerDockerOOMKilled",
    "USER_FAILURE",
    reason="User Container killed by docker due to it exceeded the request memory",
)
IMAGE_MISSING = ExitSpec(
    254,
    "PAIRuntimeDockerImageNotFound",
    "USER_FAILURE",
    "LAUNCHING",
    "PAI Runtime failed to find the docker image",
)


def exited(code: int) -> ExitSpec:
    """Return the specification of a program that has exited by itself."""
    if code == 0:
        return SUCCEEDED
    code = code if code > 0 else 128 - code
    return ExitSpec(code, "UserContainerFailed", "USER_FAILURE", reason="")
