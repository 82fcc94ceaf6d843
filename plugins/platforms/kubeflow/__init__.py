"""The platform ``kubeflow``: trials run as jobs of a Kubernetes cluster."""

from dataclasses import dataclass
from typing import Any

from sweepwright.contracts import PlatformProvider
from sweepwright.hooks import hookimpl


@dataclass(frozen=True, slots=True)
class KubeflowOptions:
    """Options of ``platform=kubeflow``."""


@hookimpl
def sweep_platforms() -> list[PlatformProvider[Any]]:
    """Offer ``platform=kubeflow``."""
    return []
