"""The command that fetches the files of trials, wherever they ran."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sweepwright.contracts import AttemptFile, AttemptRef
from sweepwright.testing.simulated import Cluster, SimulatedFiles
from tests.core.cli.application import App
from tests.core.cli.elsewhere.simulated_platform import SPEECH, Offers


def test_files_are_fetched_into_the_store(app: App, sweep: Path) -> None:
    ran = app("fetch", "1")
    folder = sweep / "trials/1/1"

    assert ran == (0, f"fetched 4 files, {len(SPEECH) + 16} B, to {folder}\n", "")
    assert (folder / "checkpoint/model/weights").read_bytes() == b"42"
    assert (folder / "main-0.stdout").read_text() == SPEECH
    assert app("fetch", "1").out == (
        f"4 files of attempt 1 of trial 1 had already been fetched to {folder}\n"
    )


@pytest.mark.usefixtures("sweep")
def test_one_kind_of_files_is_fetched_into_another_folder(app: App) -> None:
    assert app("fetch", "1", "--only", "checkpoint", "-o", "a/b").code == 0
    files = [path for path in Path("a/b").rglob("*") if path.is_file()]

    assert sorted(map(str, files)) == ["a/b/checkpoint/empty", "a/b/checkpoint/model/weights"]
    assert app("fetch", "1", "--only", "tensorboard") == (
        1,
        "",
        "error: attempt 1 of trial 1 has no tensorboard files\n",
    )


def test_local_files_lie_in_the_store_already(app: App, local_sweep: Path) -> None:
    folder = local_sweep / "trials/0/1"

    assert app("fetch", "0").out == f"the files of attempt 1 of trial 0 are already in {folder}\n"
    assert app("fetch", "0", "--output", "copy").code == 0
    assert Path("copy/checkpoint/weights").read_text() == "42"


class BreaksOff(SimulatedFiles):
    """Loses the connection after a number of bytes."""

    left = 7
    asked: list[int]

    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        type(self).asked.append(offset)
        if type(self).left <= 0:
            raise ConnectionError("the connection was cut")
        data = super().read(attempt, path, offset, min(limit, type(self).left))
        type(self).left -= len(data)
        return data


def test_an_interrupted_fetch_goes_on_where_it_was(
    app: App, sweep: Path, cluster: Cluster, offers: Offers
) -> None:
    BreaksOff.asked = []
    broken = replace(offers.provider, open_files=lambda *_: BreaksOff(cluster))
    offers.provider = broken
    cut = app("fetch", "1", "--only", "output")

    assert (cut.code, cut.err) == (1, "error: the connection was cut\n")
    folder = sweep / "trials/1/1"
    assert not (folder / "main-0.stdout").exists()

    BreaksOff.left, BreaksOff.asked = 1000, []
    assert app("fetch", "1", "--only", "output").code == 0
    assert BreaksOff.asked[0] == 7
    assert (folder / "main-0.stdout").read_text() == SPEECH
    assert {path.name for path in folder.iterdir()} == {"main-0.stdout", "main-0.stderr"}


@pytest.mark.parametrize(
    "name", ["../../../escaped", "/dev/escaped", "a//b", "checkpoint/./x", "", "a\0b"]
)
def test_no_name_leads_out_of_the_folder(
    name: str, app: App, sweep: Path, cluster: Cluster, offers: Offers
) -> None:
    class Malicious(SimulatedFiles):
        def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:  # noqa: ARG002
            return [AttemptFile(name, 2)]

        def read(self, *_: object) -> bytes:
            pytest.fail("it was read")

    offers.provider = replace(offers.provider, open_files=lambda *_: Malicious(cluster))
    ran = app("fetch", "1", "-o", "target")

    assert ran.code == 2
    assert "platform `simulated` failed: it names the file" in ran.err
    assert not list(Path("target").rglob("*")) if Path("target").exists() else sweep


@pytest.mark.usefixtures("sweep")
def test_no_link_leads_out_of_the_folder(app: App, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    Path("target").mkdir()
    Path("target/checkpoint").symlink_to(outside)
    ran = app("fetch", "1", "-o", "target")

    assert ran.code == 2
    assert "is a symbolic link" in ran.err
    assert not list(outside.iterdir())


@pytest.mark.usefixtures("sweep")
def test_a_file_that_cannot_fit_is_not_begun(app: App, cluster: Cluster, offers: Offers) -> None:
    """A machine can say that a file has any size, and send as much."""

    class Endless(SimulatedFiles):
        def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:  # noqa: ARG002
            return [AttemptFile("main-0.stdout", 1 << 60)]

        def read(self, *_: object) -> bytes:
            pytest.fail("it was read")

    offers.provider = replace(offers.provider, open_files=lambda *_: Endless(cluster))
    ran = app("fetch", "1", "-o", "target")

    assert ran.code == 1
    assert ran.err.endswith("main-0.stdout: No space left on device\n")


@pytest.mark.usefixtures("sweep")
def test_a_checkpoint_that_is_kept_elsewhere_is_named(app: App, offers: Offers) -> None:
    offers.provider = replace(
        offers.provider,
        checkpoint_place=lambda _options, _workspace, attempt: f"bucket/{attempt.trial}",
    )
    place = "the checkpoint of attempt 1 of trial 1 is kept in bucket/1\n"

    assert app("fetch", "1").err == place
    assert app("fetch", "1", "--only", "checkpoint").err == place
    assert app("fetch", "1", "--only", "output").err == ""
