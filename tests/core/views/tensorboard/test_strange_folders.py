"""Folders, links and values that nobody expects in a sweep do no harm when it is shown."""

from contextlib import closing
from pathlib import Path

import pytest

from sweepwright.core.store.store_errors import StoreError
from tests.core.recorded_sweeps import record

pytest.importorskip("tensorboard")

from sweepwright.core.views.tensorboard.hparams import cell
from sweepwright.core.views.tensorboard.records import _number
from sweepwright.core.views.tensorboard.writer import FILE, TensorBoardWriter


def write(sweep: Path) -> None:
    with closing(TensorBoardWriter(sweep)) as writer:
        writer.update()


def test_folders_that_are_no_attempts_are_ignored(tmp_path: Path) -> None:
    sweep = record(tmp_path, [0.5])
    for name in ("abc/1", "0/abc", "0/1", "7/1", "٣/1", f"{'9' * 200}/1", "0/1\n"):
        (sweep / "trials" / name / "tensorboard").mkdir(parents=True)
    write(sweep)

    written = {str(path.relative_to(sweep / "tensorboard")) for path in sweep.rglob("t*/t*/*")}

    assert written == {f"trial-0/{FILE}", "trial-0/attempt-1"}


@pytest.mark.parametrize("link", ["tensorboard", "tensorboard/trial-0", f"tensorboard/{FILE}"])
def test_nothing_is_written_through_a_link(tmp_path: Path, link: str) -> None:
    sweep = record(tmp_path / "store", [0.5])
    outside = tmp_path / "outside"
    outside.mkdir()
    (sweep / link).parent.mkdir(exist_ok=True)
    (sweep / link).symlink_to(outside / "file" if link.endswith(FILE) else outside)

    with pytest.raises(
        StoreError, match="is a symbolic link; sweepwright writes nothing through links"
    ):
        write(sweep)
    assert list(outside.iterdir()) == []


def test_an_integer_beyond_the_largest_float_is_shown_as_text() -> None:
    huge = 10**4000

    assert cell(huge, None).string_value == str(huge)
    assert _number(huge) is _number([1]) is None
