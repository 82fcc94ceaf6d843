"""Folders, files, interpreters and values may have any name that the two machines can write."""

import json
import os
import sys
from pathlib import Path

import yaml

from tests.forked_commands import run_forked
from tests.system.remote.remote_sweeps import Machines, run_sweep

ODD = 'it\'s "odd" $(id) `id` $HOME ünï * ? ; & | \\ # ~ !'
FILES = (
    *(ODD, f"folder {ODD}/inner", "-rf", "--help", "new\nline", "tab\t", " space ", "日本 🦊"),
    *("e\u0301", "é", "not utf-8 \udcff", "[a-z]", "con:trol \x01\x1b[31m", "a" * 200, ".hidden"),
)
LOOK = """
import json
import os
import sys
from pathlib import Path

import sweepwright as nni

found = {
    "files": {
        str(path): path.read_text()
        for path in Path().rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    },
    "activated": os.environ["ACTIVATED"],
    "given": os.environ["GIVEN"],
    "arguments": sys.argv[1:],
    "parameters": nni.get_next_parameter(),
    "python": sys.executable,
    "folder": os.getcwd(),
}
print(json.dumps(found))
nni.report_final_result(1.0)
"""


def test_odd_names_and_values_arrive_unchanged(tmp_path: Path, machines: Machines) -> None:
    python = tmp_path / f"python {ODD}"
    python.symlink_to(os.path.realpath(sys.executable))
    quoted = ODD.replace("'", "'\\''")
    activate = f"ACTIVATED='{quoted}'; export ACTIVATED"
    (server,) = machines.start("box1", python=str(python), activate=activate, folder=f"~/{ODD}")
    code = tmp_path / f"code {ODD}"
    for name in FILES:
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_text(f"content of {name!a}")
    (code / "look.py").write_text(LOOK)
    options = {"folder": str(code), "entries": {"python": "look.py"}, "word": ODD}
    trial = {"name": "odd", **options, "environment": {"GIVEN": ODD}}
    space = {"x": {"_type": "choice", "_value": [ODD]}}
    conf = write_conf(tmp_path / "conf", trial=trial, space=space)
    run_sweep(tmp_path / "store", *conf, "framework=python", *machines.words, "max_trials=1")
    printed = run_forked(["logs", "0", f"store.path={tmp_path / 'store'}"]).stdout
    found = json.loads(printed)

    assert found.pop("files") == {name: f"content of {name!a}" for name in FILES}
    assert found.pop("folder").startswith(f"{server.home}/{ODD}/sweeps/")
    assert found == {
        "activated": ODD,
        "given": ODD,
        "arguments": [f"--word={ODD}"],
        "parameters": {"x": ODD},
        "python": str(python),
    }


def write_conf(folder: Path, **groups: object) -> list[str]:
    """Write a choice `odd` of config groups, and return the arguments that select it."""
    for group, content in groups.items():
        (folder / group).mkdir(parents=True)
        (folder / group / "odd.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return ["--config-dir", str(folder), *(f"{group}=odd" for group in groups)]
