"""Findings about what is sent: each names the file, the reason and the way out."""

from dataclasses import replace
from pathlib import Path

import pytest

from sweepwright.contracts import (
    Command,
    Entry,
    Finding,
    PythonFile,
    PythonModule,
    Role,
    TrialCode,
)
from sweepwright.runner_client import code_listing
from sweepwright.runner_client.code_archive import CodeError, pack
from sweepwright.runner_client.code_listing import scan
from sweepwright.runner_client.shipping_checks import LARGE_BYTES, MAX_BYTES, shipping_findings
from tests.sweepwright.runner_client.folders import sent, write


def findings(folder: Path, *entries: Entry) -> list[Finding]:
    roles = tuple(Role(f"role{number}", entry) for number, entry in enumerate(entries))
    return list(shipping_findings(scan(folder), TrialCode("mine", roles, folder=str(folder))))


def messages(folder: Path, *entries: Entry) -> list[str]:
    return [finding.message for finding in findings(folder, *entries)]


@pytest.mark.parametrize(
    "entry",
    [
        PythonFile("train.py"),
        PythonFile("./src/../train.py"),
        PythonFile("link.py"),
        PythonFile("linked/step.py"),
        PythonModule("src.step"),
        PythonModule("package"),
        PythonModule("torch.distributed.run"),
        PythonModule("sweepwright.trials.noop"),
        Command(("bash", "train.sh", "../data", "/etc/hosts")),
        Command(("/usr/bin/env", "python3", "train.py")),
        Command(("./train.sh", "--config=absent.yaml")),
    ],
)
def test_an_entry_that_is_sent_is_no_finding(tmp_path: Path, entry: Entry) -> None:
    names = ("train.py", "train.sh", "src/step.py", "package/__main__.py", "../data")
    write(tmp_path / "code", dict.fromkeys(names, ""))
    (tmp_path / "code/link.py").symlink_to("train.py")
    (tmp_path / "code/linked").symlink_to("src")

    assert findings(tmp_path / "code", entry) == []


def test_an_absolute_entry_inside_the_folder_is_no_finding(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": ""})

    assert findings(tmp_path, PythonFile(str(tmp_path / "train.py"))) == []


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        (PythonFile("../train.py"), "../train.py"),
        (PythonFile("/elsewhere/train.py"), "/elsewhere/train.py"),
        (Command(("../train.sh",)), "../train.sh"),
    ],
)
def test_an_entry_outside_the_folder_is_a_finding(tmp_path: Path, entry: Entry, path: str) -> None:
    (found,) = findings(write(tmp_path / "code", {"a": ""}), entry)

    assert found.message == (
        f"the entry `{path}` of role `role0` lies outside `{tmp_path / 'code'}`, "
        "and only this folder is sent"
    )
    assert found.help == "give as `trial.folder` a folder that contains the entry"


@pytest.mark.parametrize(
    ("entry", "named", "said", "line"),
    [
        (
            PythonFile("a.gen.py"),
            "a.gen.py",
            "line 1 of `.gitignore`, `*.gen.py` leaves it out",
            "!/a.gen.py",
        ),
        (
            PythonModule("build.step"),
            "build/step.py",
            "`build` is not sent, because line 2 of `.gitignore`, `build/` leaves it out",
            "!/build",
        ),
        (
            Command(("sh", "odd[1].key")),
            "odd[1].key",
            "a file of this name holds secrets",
            "!/odd\\[1].key",
        ),
        (Command(("./tool",)), "./tool", "it begins as a private key does", "!/tool"),
        (
            PythonModule("environment.step"),
            "environment/step.py",
            "`environment` is not sent, because it is a virtual environment",
            "!/environment",
        ),
    ],
)
def test_an_entry_that_is_not_sent_names_the_rule_and_the_way_out(
    tmp_path: Path, entry: Entry, named: str, said: str, line: str
) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "*.gen.py\nbuild/\n",
            "a.gen.py": "",
            "build/step.py": "",
            "odd[1].key": "",
            "tool": "-----BEGIN PRIVATE KEY-----",
            "environment/pyvenv.cfg": "",
            "environment/step.py": "",
        },
    )
    (found,) = findings(tmp_path, entry)

    assert found.message == f"the entry `{named}` of role `role0` is not sent: {said}"
    assert found.help == f"add the line `{line}` to `.sweepignore` in `{tmp_path}`"
    assert not found.warning

    write(tmp_path, {".sweepignore": f"{line}\n"})

    assert findings(tmp_path, entry) == []


def test_an_entry_behind_a_link_needs_the_link_and_what_it_leads_to(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "/hidden\n", "hidden/train.py": "", "src/train.py": ""})
    (tmp_path / "shown").symlink_to("hidden")
    (tmp_path / "src/loop").symlink_to("..")
    entries = PythonFile("shown/train.py"), PythonFile("src/loop/src/train.py")
    first, second = messages(tmp_path, *entries)

    assert "`hidden` is not sent, because line 1 of `.gitignore`" in first
    assert "`src/loop` is not sent, because it is a link to a folder around it" in second


def sparse(folder: Path, **sizes: int) -> None:
    for name, size in sizes.items():
        with (folder / name).open("wb") as file:
            file.truncate(size)


def test_large_files_are_named_in_a_warning(tmp_path: Path) -> None:
    sparse(tmp_path, small=LARGE_BYTES, large=LARGE_BYTES + 1, larger=3 * LARGE_BYTES)
    (found,) = findings(tmp_path)

    assert found.warning
    assert found.message == (
        "large files are sent to each machine: `larger` (30 MiB), `large` (10 MiB)"
    )
    assert found.help
    assert ".sweepignore" in found.help


def test_many_large_files_are_counted(tmp_path: Path) -> None:
    sparse(tmp_path, **{f"file{number}": LARGE_BYTES + 1 for number in range(8)})

    assert messages(tmp_path)[0].endswith("`file4` (10 MiB) and 3 more")


def test_more_than_a_gibibyte_is_not_sent(tmp_path: Path) -> None:
    sparse(tmp_path, a=MAX_BYTES, b=1)
    (found,) = findings(tmp_path)

    assert not found.warning
    assert found.message == (
        "1.0 GiB would be sent to each machine, of which at most 1.0 GiB may be sent: "
        "`a` (1.0 GiB), `b` (0 MiB)"
    )


def test_what_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    listing = replace(scan(tmp_path), faults={"a/b": "Permission denied"})
    (found,) = shipping_findings(listing, TrialCode("mine", ()))

    assert found.message == f"`a/b` in `{tmp_path}` cannot be sent: Permission denied"
    assert sent(listing) == []


def test_a_folder_of_very_many_files_is_a_finding_without_a_long_listing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial's folder may be the user's home by mistake."""
    monkeypatch.setattr(code_listing, "MAX_ENTRIES", 10)
    write(tmp_path, {f"folder{number % 9}/file{number}": "" for number in range(90)})
    listing = scan(tmp_path)
    (found,) = shipping_findings(listing, TrialCode("mine", (Role("main", PythonFile("a")),)))

    assert len(listing.entries) < 50
    assert found.message.startswith(f"`{tmp_path}` holds more than ")
    with pytest.raises(CodeError, match="too many files"):
        pack(listing)
