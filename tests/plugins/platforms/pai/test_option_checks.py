"""Every fault in the options is found, at its key and with a way out."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Finding, PythonFile, PythonModule, Role, TrialCode
from sweepwright.plugins.platforms.pai.option_checks import check_options
from sweepwright.plugins.platforms.pai.options import (
    PaiOptions,
    StorageOptions,
    finalize_options,
    sweep_folder,
)

BUILT_IN = (Role("main", PythonModule("sweepwright.trials.noop")),)
GOOD = PaiOptions(storages=(StorageOptions("team"),), files="team")


def check(roles: tuple[Role, ...] = BUILT_IN, code: str = ".", /, **options: Any) -> list[Finding]:
    trial = TrialCode("mine", roles, folder=code, kind="PyTorchJob")
    return list(check_options(replace(GOOD, **options), trial))


def test_good_options_have_no_fault(tmp_path: Path) -> None:
    local = StorageOptions("team", "/data", str(tmp_path))

    assert check() == []
    assert check(url="https://pai.example.com", storages=(local,), code="storage") == []


def test_without_a_storage_for_checkpoints_there_is_a_warning() -> None:
    [found] = check(files=None, storages=())

    assert found.warning
    assert "starts from the beginning" in found.message


@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ({"url": "pai.example.com"}, ("url",), "not an address"),
        ({"url": "https://alice:hunter2@pai"}, ("url",), "more than a host"),
        ({"token_env": "hunter2 "}, ("token_env",), "not the name of an environment variable"),
        ({"secret_env": ("A", "hunter2=")}, ("secret_env", 1), "not the name"),
        ({"ca_file": "/no/such.pem"}, ("ca_file",), "there is no file"),
        ({"memory": 0}, ("memory",), "below 1"),
        ({"submissions_per_hour": 0}, ("submissions_per_hour",), "below 1"),
        ({"poll_seconds": float("nan")}, ("poll_seconds",), "not above 0"),
        ({"gpus": -1}, ("gpus",), "below 0"),
        ({"python": "python3; rm -rf /"}, ("python",), "not a plain path"),
        ({"scratch": "/opt/../etc"}, ("scratch",), "not a plain path"),
        ({"scratch": "tmp"}, ("scratch",), "does not begin with `/`"),
        ({"folder": "a b"}, ("folder",), "not a plain path"),
        ({"files": "taem"}, ("files",), "not among `storages`"),
        ({"storages": (StorageOptions("team", "/a b"),)}, ("storages", 0, "path"), "plain path"),
        ({"storages": (StorageOptions("team"),) * 2}, ("storages", 1), "two storages"),
        (
            {"storages": (StorageOptions("team", local="/no/such"),)},
            ("storages", 0, "local"),
            "there is no folder",
        ),
        ({"code": "storage"}, ("code",), "mounted on this machine"),
        ({"code": "image"}, ("code",), "needs the folder"),
        ({"code_path": "/app"}, ("code_path",), "no effect"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_fault_is_found(options: dict[str, Any], path: tuple[Any, ...], words: str) -> None:
    [found] = check(**options)

    assert found.path == path
    assert words in found.message
    assert not found.warning
    assert "hunter2" not in f"{found.message}{found.help}"


def test_a_cluster_without_encryption_is_warned_of() -> None:
    [found] = check(url="http://pai.example.com")

    assert found.warning
    assert check(url="http://127.0.0.1:8080") == []


def test_roles_that_openpai_cannot_tell_apart_are_found() -> None:
    entry = BUILT_IN[0].entry
    roles = (Role("a-b", entry), Role("ab", entry, reports=False, resources={"gpu": 0.5}))
    names, gpus = check(roles)

    assert "cannot tell the roles `a-b` and `ab` apart" in names.message
    assert "whole GPUs" in (gpus.help or "")


def test_code_that_does_not_fit_is_found_with_its_size(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    (tmp_path / "table.bin").write_bytes(os.urandom(50_000))
    roles = (Role("main", PythonFile("train.py")),)
    [found] = check(roles, str(tmp_path))

    assert found.path == ("code",)
    assert "OpenPAI accepts only 100 KiB" in found.message
    assert "platform.code=storage" in (found.help or "")
    assert check(roles, str(tmp_path), code="image", code_path="/app") == []


def test_an_unknown_framework_needs_an_image() -> None:
    code = TrialCode("mine", BUILT_IN, kind="JAXJob")
    [found] = check_options(GOOD, code)

    assert found.path == ("image",)
    assert "JAXJob" in found.message
    assert not list(check_options(replace(GOOD, image="mine:1"), code))


def test_a_plan_records_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    storage = StorageOptions("team", local="mounted")
    options = PaiOptions("https://pai/", ca_file="~/ca.pem", storages=(storage,), files="team")
    final = finalize_options(options)

    assert (final.url, final.ca_file) == ("https://pai", "~/ca.pem")
    assert sweep_folder(final, "s1") == tmp_path / "mounted" / "sweepwright" / "s1"
