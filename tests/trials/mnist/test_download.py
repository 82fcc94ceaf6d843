"""MNIST is fetched once, however many ask for it, and nothing but MNIST is taken for it."""

import gzip
import hashlib
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

import numpy as np
import pytest

from sweepwright.trials.mnist.data import DataError, load
from sweepwright.trials.mnist.download import MD5, download

MODULE = "sweepwright.trials.mnist.sklearn_mlp"
FETCH = """
import json, sys
from pathlib import Path
from sweepwright.trials.mnist.download import download
download(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
"""


def idx(values: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return gzip.compress(header + values.astype(np.uint8).tobytes(), mtime=0)


def files() -> dict[str, bytes]:
    """Twelve training images and six test images of 2 by 2 pixels."""
    counts = {"train": 12, "t10k": 6}
    images = {f"{p}-images-idx3-ubyte": idx(np.ones((n, 2, 2))) for p, n in counts.items()}
    return {**images, **{f"{p}-labels-idx1-ubyte": idx(np.ones(n)) for p, n in counts.items()}}


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@dataclass
class Mirror:
    """Serves files on this machine, and counts how often it is asked for each."""

    files: dict[str, bytes] = field(default_factory=files)
    asked: Counter[str] = field(default_factory=Counter)
    address: str = ""
    cut: int | None = None
    """Bytes after which it hangs up."""

    @property
    def digests(self) -> dict[str, str]:
        return {name: md5(content) for name, content in self.files.items()}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.removeprefix("/").removesuffix(".gz")
        self.asked[name] += 1
        sleep(0.05)  # so that processes meet
        if name not in self.files:
            handler.send_error(404)
            return
        content = self.files[name]
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: self.cut])


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    served = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.address = f"http://127.0.0.1:{server.server_port}/"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


@pytest.fixture
def fetch(mirror: Mirror, tmp_path: Path) -> Callable[[], None]:
    return lambda: download(tmp_path / "data", mirror.address, mirror.digests)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".download.lock"}


def test_downloaded_files_can_be_loaded(
    mirror: Mirror, fetch: Callable[[], None], tmp_path: Path
) -> None:
    fetch()

    assert left_in(tmp_path / "data") == {f"{name}.gz" for name in mirror.files}
    assert [len(part.labels) for part in load(str(tmp_path / "data"))] == [10, 2, 6]


def test_concurrent_processes_download_each_file_once(mirror: Mirror, tmp_path: Path) -> None:
    digests = str(mirror.digests).replace("'", '"')
    command = [sys.executable, "-c", FETCH, str(tmp_path / "data"), mirror.address, digests]
    fetching = [subprocess.Popen(command) for _ in range(5)]

    assert [process.wait(timeout=60) for process in fetching] == [0] * 5
    assert mirror.asked == dict.fromkeys(mirror.files, 1)
    assert left_in(tmp_path / "data") == {f"{name}.gz" for name in mirror.files}


def test_existing_files_are_not_downloaded_again(
    mirror: Mirror, fetch: Callable[[], None], tmp_path: Path
) -> None:
    fetch()
    (tmp_path / "data" / "t10k-labels-idx1-ubyte.gz").unlink()
    fetch()

    assert mirror.asked["t10k-labels-idx1-ubyte"] == 2
    assert mirror.asked.total() == 5


def test_a_complete_folder_is_left_unchanged(
    mirror: Mirror, fetch: Callable[[], None], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    for name, content in mirror.files.items():
        (tmp_path / "data" / name).write_bytes(gzip.decompress(content))
    fetch()

    assert mirror.asked.total() == 0
    assert left_in(tmp_path / "data") == set(mirror.files)
    assert not (tmp_path / "data" / ".download.lock").exists()


def test_a_truncated_file_is_not_kept(
    mirror: Mirror, fetch: Callable[[], None], tmp_path: Path
) -> None:
    mirror.cut = 20
    with pytest.raises(DataError, match=r"ubyte\.gz: cannot be fetched: IncompleteRead"):
        fetch()
    kept = left_in(tmp_path / "data")
    mirror.cut = None
    fetch()

    assert kept == set()
    assert len(left_in(tmp_path / "data")) == 4


def test_a_file_of_another_digest_is_not_kept(mirror: Mirror, tmp_path: Path) -> None:
    right = mirror.digests
    mirror.files["t10k-labels-idx1-ubyte"] = idx(np.zeros(6))
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: what came has the MD5"):
        download(tmp_path / "data", mirror.address, right)

    assert left_in(tmp_path / "data") == {
        f"{name}.gz" for name in right if name != "t10k-labels-idx1-ubyte"
    }


def test_a_file_that_the_mirror_lacks_is_named(mirror: Mirror, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"other\.gz: cannot be fetched: HTTP Error 404"):
        download(tmp_path / "data", mirror.address, {"other": "0"})


def test_a_partial_file_of_a_killed_process_is_replaced(
    mirror: Mirror, fetch: Callable[[], None], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train-images-idx3-ubyte.gz.part").write_bytes(b"half")
    fetch()

    assert left_in(tmp_path / "data") == {f"{name}.gz" for name in mirror.files}


def test_a_folder_that_cannot_be_created_is_named(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DataError, match=r"file/data: cannot be filled: "):
        download(tmp_path / "file" / "data", mirror.address, mirror.digests)


def test_the_four_files_of_mnist_are_downloaded() -> None:
    assert set(MD5) == set(files())
    assert all(len(bytes.fromhex(digest)) == 16 for digest in MD5.values())


def test_a_failed_download_ends_the_trial_with_one_line(run_trial, tmp_path: Path) -> None:
    """Nothing listens where it is sent, so that no test asks the network."""
    folder = tmp_path / "data"
    nowhere = {"https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    ended = run_trial("-m", MODULE, f"--data={folder}", "--download=true", **nowhere)

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "train-images-idx3-ubyte.gz: cannot be fetched: " in ended.stderr


@pytest.mark.parametrize("words", [[], ["--download=false"]])
def test_a_trial_downloads_nothing_by_default(run_trial, tmp_path: Path, words: list[str]) -> None:
    ended = run_trial("-m", MODULE, f"--data={tmp_path}", *words)

    assert "neither `train-images-idx3-ubyte` nor" in ended.stderr
    assert left_in(tmp_path) == set()


def test_a_download_needs_a_folder(run_trial) -> None:
    ended = run_trial("-m", MODULE, "--download")

    assert ended.returncode == 2
    assert "--download needs --data, the folder to fetch to" in ended.stderr
