"""The files of an attempt are as private as the sweep's folder, whatever the umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

TRIAL = """
    import os
    print(oct(os.umask(0)))
    open("made", "w").close()
    os.makedirs(os.environ["SWEEPWRIGHT_CHECKPOINTS"])
"""


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Let this process create files that everybody may write."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    """Return the permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o600), (0o750, 0o640)])
def test_folders_and_outputs_are_as_private_as_the_sweep(build_harness, folder, file) -> None:
    harness = build_harness()
    harness.folder.chmod(folder)

    assert harness.run(TRIAL) is None
    attempt = harness.folder / "trials" / "0" / "1"
    for path in (attempt, attempt.parent, attempt.parent.parent):
        assert mode(path) == folder
    assert [mode(path) for path in attempt.glob("*.std*")] == [file, file]
    assert mode(harness.folder / "fork-server.log") == file


@pytest.mark.usefixtures("open_umask")
def test_the_trial_has_the_umask_of_the_user(harness) -> None:
    assert harness.run(TRIAL) is None
    assert harness.printed(0)[0] == "0o0\n"
