"""A cluster for each test of a suite, whose pods are processes of this machine."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sweepwright.plugins.platforms.kubeflow import sweep_platforms
from sweepwright.plugins.platforms.kubeflow.options import KubeflowOptions
from sweepwright.testing.kubernetes import ApiServer
from sweepwright.testing.kubernetes.cluster import Cluster

provider = sweep_platforms()[0]


class ClusterSuite:
    """Starts a server and a cluster before each test, and ends them afterwards."""

    def setup_method(self) -> None:
        """Start a cluster."""
        self.stack = ExitStack()
        self.root = Path(self.stack.enter_context(TemporaryDirectory(prefix="cluster")))
        self.server = self.stack.enter_context(ApiServer())
        self.cluster = self.stack.enter_context(Cluster(self.server, self.root / "pods"))
        self.kubeconfig = self.server.kubeconfig(self.root / "config")

    def teardown_method(self) -> None:
        """End the cluster, with all that runs in it."""
        self.stack.close()

    def options(self, **changes: Any) -> KubeflowOptions:
        """Return options that lead to the cluster."""
        given = {"image": "trial:1", "requests_per_second": 1000.0, **changes}
        return KubeflowOptions(kubeconfig=str(self.kubeconfig), **given)
