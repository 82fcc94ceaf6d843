"""Manifests of jobs, and of what a sweep creates besides.

All functions here are pure, except that `pack_archives` reads the trial's folder.
"""

from .config_map import SweepArchives, config_map, config_map_name, pack_archives
from .jobs import job_manifest, owned
from .kinds import KINDS, JobKind, choose_kind
from .places import Contents
from .pods import is_reporting_pod, pod_member

__all__ = [
    "KINDS",
    "Contents",
    "JobKind",
    "SweepArchives",
    "choose_kind",
    "config_map",
    "config_map_name",
    "is_reporting_pod",
    "job_manifest",
    "owned",
    "pack_archives",
    "pod_member",
]
