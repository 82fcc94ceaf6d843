"""The limit of open files."""

import resource

from sweepwright.plugins.platforms.kubeflow.api.file_limit import ENOUGH
from tests.plugins.platforms.kubeflow.api.conftest import Connect


def test_who_opens_a_cluster_may_open_many_files(connect: Connect) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, hard))
    try:
        connect()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
