"""The page about testing with a cluster works: its example passes, and its faults exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sweepwright.testing.kubernetes import Faults
from sweepwright.testing.kubernetes.cluster import ClusterFaults
from tests.docs.pages import block, read_page

PAGE = read_page("testing-with-a-cluster.md")


@pytest.mark.ci_only
def test_the_example_of_the_page_passes(tmp_path: Path) -> None:
    example = block(PAGE, "python") + block(PAGE, "python", 1)
    (tmp_path / "test_launcher.py").write_text(example)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_launcher.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "4 passed" in ended.stdout


def test_the_page_lists_every_fault() -> None:
    (cluster,) = re.findall(r"\| of the cluster.*\n(?:\|.*\n)+", PAGE)
    (server,) = re.findall(r"\| of the API server.*\n(?:\|.*\n)+", PAGE)

    assert names(cluster) == public(ClusterFaults)
    assert names(server) == public(Faults) - {"take", "clear"}


def names(table: str) -> set[str]:
    """Return the names in the first column of a table."""
    cells = [row.split("|")[1] for row in table.splitlines()[2:]]
    return {name for cell in cells for name in re.findall(r"`(?:with )?(\w+)", cell)}


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}
