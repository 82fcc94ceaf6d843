"""A Kubernetes API server for tests, with a cluster whose pods are local processes.

`ApiServer` answers over HTTP as a real server does, as far as recorded exchanges show it::

    with ApiServer(crds=[Path("kubeflow.org_pytorchjobs.json")]) as server:
        config = server.kubeconfig(tmp_path / "config")
        server.faults.throttle(verb="create", retry_after=2)
        ...
        assert server.requests.count("list", "pods") <= 3

It keeps its objects in memory, in `server.store`, which controllers of a test use directly.
"""

from .faults import Faults
from .kubeconfig import kubeconfig, write_kubeconfig
from .server import ApiServer
from .serving.pod_logs import LogQuery, LogSource
from .store.deletion import Deletion
from .store.objects import ObjectStore
from .store.resources import JsonObject, Resource
from .store.status_errors import StatusError

__all__ = [
    "ApiServer",
    "Deletion",
    "Faults",
    "JsonObject",
    "LogQuery",
    "LogSource",
    "ObjectStore",
    "Resource",
    "StatusError",
    "kubeconfig",
    "write_kubeconfig",
]
