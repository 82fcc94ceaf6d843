"""Where a user is told to look for a checkpoint."""

from pathlib import Path

from sweepwright.contracts import AttemptRef, Workspace
from sweepwright.plugins.platforms.pai import sweep_platforms
from sweepwright.plugins.platforms.pai.options import PaiOptions, StorageOptions

(PROVIDER,) = sweep_platforms()


def place(tmp_path: Path, *storages: StorageOptions) -> str | None:
    options = PaiOptions(storages=storages, files=storages[0].name if storages else None)
    assert PROVIDER.checkpoint_place
    return PROVIDER.checkpoint_place(
        options, Workspace("s1", tmp_path, 1), AttemptRef(3, 2, "s1-3-2")
    )


def test_a_storage_that_is_not_mounted_here_is_named(tmp_path: Path) -> None:
    assert place(tmp_path, StorageOptions("team")) == (
        "the folder /mnt/team/sweepwright/s1/trials/3/2 of containers, "
        "which is on the storage `team`"
    )


def test_a_mounted_storage_and_none_need_no_name(tmp_path: Path) -> None:
    assert place(tmp_path, StorageOptions("team", local=str(tmp_path))) is None
    assert place(tmp_path) is None
