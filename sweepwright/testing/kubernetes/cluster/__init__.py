"""A cluster for tests: operators, a scheduler and kubelets behind `ApiServer`.

::

    with ApiServer() as server, Cluster(server, LocalProcesses(tmp_path)) as cluster:
        ...  # create jobs through the server; their pods run as local processes
        cluster.faults.evict("job-master-0")

The controllers behave as those of training-operator v1.9, trainer v2 and Kubernetes do; where they
leave something out, their module says so.
"""

from .cluster import Cluster
from .cluster_faults import ClusterFaults
from .kubelet.local_processes import TERMINATION_LOG, LocalProcesses
from .kubelet.pod_worker import KubeletSettings
from .kubelet.scripted import Finish, Script, Scripted, ScriptedContainer, Write
from .nodes import Node
from .operators.train_jobs import TrainingRuntime

__all__ = [
    "TERMINATION_LOG",
    "Cluster",
    "ClusterFaults",
    "Finish",
    "KubeletSettings",
    "LocalProcesses",
    "Node",
    "Script",
    "Scripted",
    "ScriptedContainer",
    "TrainingRuntime",
    "Write",
]
