"""The store: folders of sweeps, and the file systems on which they are safe."""

from pathlib import Path

import pytest

from sweepwright.core.store import creation
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.creation import filesystem_type
from sweepwright.core.store.store_errors import StoreError
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.examples import plan

MOUNTS = """\
overlay / overlay rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sda1 /home/me/local\\040disk ext4 rw 0 0
tmpfs /homestead tmpfs rw 0 0
"""


def test_the_newest_sweep_is_the_default(tmp_path: Path) -> None:
    store = Store(tmp_path / "sweeps")
    first, second = store.create(plan()), store.create(plan())

    assert first < second
    assert store.find() == second
    assert store.find(first.name) == first
    assert [summary.sweep for summary in store.list()] == [first.name, second.name]


def test_a_summary_describes_the_sweep(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create(plan())
    (summary,) = store.list()

    assert (summary.tuner, summary.code, summary.trials) == ("random", "example", 0)
    assert (summary.best, summary.state) == (None, "interrupted")


def test_an_empty_store_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.path=FOLDER"):
        Store(tmp_path / "nothing").find()
    assert not (tmp_path / "nothing").exists()


def test_an_unknown_sweep_is_an_error_that_lists_the_newest(tmp_path: Path) -> None:
    folder = Store(tmp_path).create(plan())

    with pytest.raises(StoreError, match=folder.name):
        Store(tmp_path).find("s1")


def test_other_files_and_folders_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").write_text("x")

    assert list(Store(tmp_path).sweeps()) == []


def test_a_store_that_is_a_file_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")

    with pytest.raises(StoreError, match=r"cannot write to the store .*store\.path="):
        Store(tmp_path / "store").create(plan())


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/sweeps", "overlay"),
        ("/home/you/sweeps", "nfs4"),
        ("/home/me/local disk/sweeps", "ext4"),
        ("/homestead/x", "tmpfs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert filesystem_type(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "mounts"
    table.write_text(f"server:/x {tmp_path} nfs rw 0 0\n")
    monkeypatch.setattr(creation, "MOUNT_TABLE", table)

    with pytest.raises(StoreError, match="is on nfs"):
        Store(tmp_path / "sweeps").create(plan())


def test_a_system_without_a_mount_table_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(creation, "MOUNT_TABLE", tmp_path / "nothing")

    assert Store(tmp_path / "sweeps").create(plan()).is_dir()


def test_two_sweeps_of_the_same_instant_get_two_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["s1", "s1", "s2"])
    monkeypatch.setattr(creation, "new_sweep_name", lambda _existing: next(names))
    store = Store(tmp_path)

    assert [store.create(plan()).name, store.create(plan()).name] == ["s1", "s2"]


def test_a_damaged_journal_hides_no_other_sweep(tmp_path: Path) -> None:
    broken, sound = Store(tmp_path).create(plan()), Store(tmp_path).create(plan())
    (broken / JOURNAL).write_bytes(b"damaged" * 1000)

    listed = {summary.sweep: summary.state for summary in Store(tmp_path).list()}
    assert listed == {broken.name: "damaged", sound.name: "interrupted"}
