"""The options that concern the way to the cluster."""

from .api.cluster import ClusterSettings
from .options import KubeflowOptions

_BURST_SECONDS = 2.0
"""Time whose requests may be sent at once."""


def cluster_settings(options: KubeflowOptions) -> ClusterSettings:
    """Return the settings for requests to the cluster."""
    return ClusterSettings(
        options.kubeconfig,
        options.context,
        options.namespace,
        options.request_timeout,
        options.requests_per_second,
        burst=max(1, round(_BURST_SECONDS * options.requests_per_second)),
    )
