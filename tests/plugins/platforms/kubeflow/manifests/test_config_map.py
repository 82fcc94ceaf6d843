"""The ConfigMap of a sweep holds the kit, and the code unless the pods need none of it."""

import base64
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import PythonFile, PythonModule, Role, TrialCode
from sweepwright.plugins.platforms.kubeflow import sweep_platforms
from sweepwright.plugins.platforms.kubeflow.manifests import (
    Contents,
    config_map,
    config_map_name,
    pack_archives,
)
from sweepwright.plugins.platforms.kubeflow.manifests.places import CODE, KIT
from tests.plugins.platforms.kubeflow.trials import SWEEP, TORCH, options

(PROVIDER,) = sweep_platforms()


def code_of(folder: Path, *entries: Any) -> TrialCode:
    roles = tuple(Role(f"role{number}", entry) for number, entry in enumerate(entries))
    return TrialCode("mine", roles, folder=str(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text("print(1)\n")
    (tmp_path / "data.bin").write_bytes(b"x" * 1000)
    (tmp_path / ".env").write_text("TOKEN=1\n")
    return tmp_path


def names_in(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return tar.getnames()


def test_it_holds_the_kit_and_the_trials_folder_without_secrets(folder: Path) -> None:
    archives = pack_archives(options(), code_of(folder, PythonFile("train.py")))
    found: Any = config_map(options(), SWEEP, archives)

    data = {name: base64.b64decode(text) for name, text in found["binaryData"].items()}
    assert names_in(data[CODE]) == ["data.bin", "train.py"]
    assert "sweepwright/runner/engine.py" in names_in(data[KIT])
    assert found["immutable"] is True
    assert archives.size == sum(map(len, data.values()))


@pytest.mark.parametrize("where", ["image", "volume"])
def test_an_image_or_a_volume_has_the_code(folder: Path, where: str) -> None:
    archives = pack_archives(
        options(code=where, code_path="/code"), code_of(folder, PythonFile("train.py"))
    )

    assert archives.code is None
    assert list(config_map(options(), SWEEP, archives)["binaryData"]) == [KIT]


def test_trials_of_the_kit_need_no_folder(folder: Path) -> None:
    archives = pack_archives(options(), code_of(folder, TORCH))

    assert archives.code is not None
    assert names_in(archives.code) == []


@pytest.mark.parametrize(
    "entry",
    [
        PythonModule(TORCH.name, ("--data=data",)),
        PythonModule("train"),
        PythonFile("train.py"),
    ],
)
def test_other_trials_need_their_folder(folder: Path, entry: Any) -> None:
    archives = pack_archives(options(), code_of(folder, TORCH, entry))

    assert archives.code is not None
    assert "train.py" in names_in(archives.code)


def test_a_module_of_the_users_own_package_is_sent(tmp_path: Path) -> None:
    own = tmp_path / "sweepwright" / "trials" / "mnist"
    own.mkdir(parents=True)
    (own / "torch_cnn.py").touch()
    archives = pack_archives(options(), code_of(tmp_path, TORCH))

    assert archives.code is not None
    assert "sweepwright/trials/mnist/torch_cnn.py" in names_in(archives.code)


def test_other_contents_make_another_object() -> None:
    contents = Contents("a", "b", 1)
    names = {
        config_map_name(sweep, found)
        for sweep in ("s1", "s2")
        for found in (contents, Contents("a"), Contents("a", "c", 1), Contents("b", "b", 1))
    }

    assert len(names) == 8


def test_the_plan_lists_what_is_sent(folder: Path) -> None:
    assert PROVIDER.shipment
    code = code_of(folder, PythonFile("train.py"))

    shipment = PROVIDER.shipment(options(), code)
    assert shipment
    assert [file.path for file in shipment.files] == ["data.bin", "train.py"]
    assert [file.path for file in shipment.withheld] == [".env"]
    elsewhere = PROVIDER.shipment(options(code="image", code_path="/code"), code)
    assert elsewhere
    assert not elsewhere.files
