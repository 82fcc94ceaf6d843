"""Builds the platform from its options; nothing is connected yet."""

from pathlib import Path

from sweepwright.contracts import Job, Workspace
from sweepwright.events import Json

from .api.cluster import open_cluster
from .cluster_settings import cluster_settings
from .manifests import SweepArchives, config_map, job_manifest, pack_archives
from .manifests.metadata import sweep_selector
from .options import KubeflowOptions
from .platform import Kubeflow
from .store_output import StoreOutput


class SweepManifests:
    """Renders the objects of one sweep; the first job says where the code is."""

    def __init__(self, options: KubeflowOptions, sweep: str, store: Path) -> None:
        self._options = options
        self._sweep = sweep
        self._store = store
        self._archives: SweepArchives | None = None
        self.selector = sweep_selector(sweep)

    def render(self, job: Job) -> Json:
        """Return the manifest of a job."""
        if self._archives is None:
            self._archives = pack_archives(self._options, job, [self._store])
        return job_manifest(self._options, self._sweep, self._archives.contents, job)

    def inputs(self) -> Json:
        """Return the manifest of the ConfigMap, after the first `render`."""
        assert self._archives is not None, "no job was rendered"
        return config_map(self._options, self._sweep, self._archives)


def build_kubeflow(options: KubeflowOptions, workspace: Workspace) -> Kubeflow:
    """Build the platform for one sweep."""
    return Kubeflow(
        SweepManifests(options, workspace.sweep, workspace.folder.parent),
        lambda: open_cluster(cluster_settings(options)),
        StoreOutput(workspace.folder),
        resumed=workspace.resumed,
        start_timeout=options.start_timeout,
        keep_finished=options.keep_finished,
    )
