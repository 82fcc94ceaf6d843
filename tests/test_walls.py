"""The walls of the house stand, and each falls visibly when something is built through it."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.trials.preloaded_interpreter import PreloadedInterpreter

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "plugins", "conf", "trials")
ROOM_IMPORT = re.compile(
    rf"^\s*(?:from|import)\b.*(?<![.\w])(?:{'|'.join(ROOMS)})\b", re.MULTILINE
)
"""A line that seems to import a room by the name of its folder."""
SETTINGS = ROOT / "pyproject.toml"
TOOLS = tomllib.loads(SETTINGS.read_text())["tool"]
CONTRACTS = TOOLS["importlinter"]["contracts"]
HEAVY = {
    "keras",
    "kubernetes",
    "lightning",
    "paramiko",
    "pytorch_lightning",
    "scipy",
    "sklearn",
    "tensorboard",
    "tensorflow",
    "torch",
    "transformers",
}
LINT = """
import os, sys
os.chdir({folder!r})
for name in [name for name in sys.modules if name.split(".")[0] == "sweepwright"]:
    del sys.modules[name]  # the linter looks for the packages that lie in the folder
sys.argv[1:] = {options!r}
from importlinter.cli import lint_imports_command
lint_imports_command()
"""

Lint: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]
SERVER = "runner/fork_server"

# Wall, the file that breaks it, and the line that does. A file that is not there is made.
PLANTS = [
    ("house", "core/plan/plan.py", "import sweepwright.plugins.tuners"),
    ("house", "plugins/tuners/planted.py", "import sweepwright.core.plan.plan"),
    ("house", "plugins/platforms/planted.py", "from sweepwright.core.driver import study"),
    ("house", "core/plan/plan.py", "import sweepwright.trials.noop"),
    ("house", "plugins/planted.py", "import sweepwright.trials.noop"),
    ("house", "contracts/protocols.py", "def planted():\n    import sweepwright.core.plan.plan"),
    ("house", "space/search_space.py", "from .. import contracts"),
    ("house", "domains/domain.py", "from .. import space"),
    ("house", "expressions/formula.py", "from .. import space"),
    ("house", "events.py", "from . import protocol"),
    ("house", "hooks.py", "import sweepwright.testing"),
    ("house", "protocol.py", "import sweepwright.reporters"),
    ("house", "diagnostics.py", "from . import trial"),
    ("house", "planted.py", ""),
    ("core", "core/plan/plan.py", "from ..registry import options"),
    ("core", "core/registry/options.py", "from ..store import journal"),
    ("core", "core/store/journal.py", "from ..driver import driver"),
    ("core", "core/store/catalog.py", "from ..compiler import compiler"),
    ("core", "core/driver/driver.py", "from ..compiler import stages"),
    ("core", "core/compiler/compiler.py", "from ..driver import study"),
    ("core", "core/compiler/space/relate.py", "from ...views import formatting"),
    ("core", "core/driver/planted.py", "from ..views import display"),
    ("core", "core/views/display.py", "from ..cli import arguments"),
    ("core", "core/planted.py", ""),
    ("compiler", "core/compiler/stages.py", "from ..store import journal"),
    ("compiler", "core/compiler/checks/planted.py", "from sweepwright.core.store import history"),
    ("hydra", "core/compiler/passes/resolve.py", "import hydra"),
    ("hydra", "core/compiler/space/relate.py", "from ..compose import compose"),
    ("hydra", "core/store/journal.py", "from hydra import compose"),
    ("hydra", "core/driver/driver.py", "from ..compiler import compose"),
    ("kinds", "plugins/tuners/planted.py", "import sweepwright.plugins.platforms"),
    ("kinds", "plugins/frameworks/planted.py", "from sweepwright.plugins import platforms"),
    ("kinds", "plugins/assessors/planted.py", "from ..tuners import planted"),
    ("kinds", "plugins/planted/__init__.py", ""),
    ("cycles", "core/driver/planted.py", "from .planted_too import x\n"),
    ("trials", "trials/noop.py", "import sweepwright.space"),
    ("trials", "trials/mnist/data.py", "from sweepwright import protocol"),
    ("trials", "trials/mnist/data.py", "from sweepwright.core.plan import plan"),
    ("reporters", "reporters/keras.py", "from sweepwright import protocol"),
    ("reporters", "reporters/pytorch.py", "from sweepwright.core.plan import plan"),
    ("reporters", "reporters/planted.py", "import sweepwright.trials.noop"),
    ("trial", "trial.py", "import numpy"),
    ("trial", "trial.py", "import dataclasses"),
    ("trial", "trial.py", "from . import protocol"),
    ("house", "runner/slots.py", "from .. import contracts"),
    ("house", "runner/slots.py", "from .. import runner_client"),
    ("house", "protocol.py", "from . import runner_client"),
    ("runner", "runner/slots.py", "from ..diagnostics import Span"),
    ("runner", "runner/slots.py", "from ..trial import VERSION"),
    ("runner", "runner/slots.py", "import numpy"),
    ("server", f"{SERVER}/exit_reasons.py", "import sweepwright.trial"),
    ("server", f"{SERVER}/exit_reasons.py", "from ..slots import Slots"),
    ("server", f"{SERVER}/exit_reasons.py", "import numpy"),
    ("light", "contracts/protocols.py", "import omegaconf"),
    ("light", "testing/planted.py", "import torch"),
    ("parts", "plugins/tuners/planted.py", "from omegaconf import OmegaConf"),
]
QUICK = {plant[0]: plant for plant in reversed(PLANTS)}.values()
"""The first hole of each wall; CI tries all holes."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay a copy of the packages out as a wheel does, each under the one import name."""
    house = tmp_path_factory.mktemp("house") / "sweepwright"
    bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "sweepwright", house, ignore=bytecode)
    for room in ROOMS:
        shutil.copytree(ROOT / room, house / room, ignore=bytecode)
    shutil.copy(SETTINGS, house.parent)
    return house


@pytest.fixture
def plant(house: Path) -> Iterator[Callable[[str, str], None]]:
    """Return a function that adds a line to a file; afterwards all is as it was."""
    before: dict[Path, str | None] = {}

    def add(name: str, line: str) -> None:
        path = house / name
        before[path] = path.read_text() if path.exists() else None
        path.parent.mkdir(exist_ok=True)
        path.write_text((before[path] or "") + f"\n{line}\n")

    yield add
    for path, text in before.items():
        path.unlink() if text is None else path.write_text(text)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


@pytest.fixture(scope="module")
def lint(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lint]:
    """Return a function that looks at the walls from beside the house.

    At the root the linter would see no rooms.
    """
    with closing(
        PreloadedInterpreter(["importlinter.cli"], tmp_path_factory.mktemp("lint"))
    ) as it:

        def run(*walls: str) -> subprocess.CompletedProcess[str]:
            contracts = [option for wall in walls for option in ("--contract", wall)]
            program = LINT.format(folder=str(house.parent), options=["--no-cache", *contracts])
            return it.run(["-c", program], "error", dict(os.environ))

        yield run


def test_every_wall_stands(lint: Lint) -> None:
    result = lint()

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_a_hole_is_tried_in_every_wall() -> None:
    assert {wall for wall, _, _ in PLANTS} == {contract["id"] for contract in CONTRACTS}


@pytest.mark.parametrize(
    ("wall", "name", "line"),
    [
        plant if plant in QUICK else pytest.param(*plant, marks=pytest.mark.ci_only)
        for plant in PLANTS
    ],
    ids=lambda part: part,
)
def test_a_planted_import_breaks_its_wall(
    lint: Lint, plant, wall: str, name: str, line: str
) -> None:
    if wall == "cycles":
        plant("core/driver/planted_too.py", "from . import planted\n\nx = planted")
    plant(name, line)
    result = lint(wall)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "0 kept, 1 broken" in result.stdout


def test_every_folder_of_code_or_yaml_is_in_the_wheel() -> None:
    rooms = [ROOT / room for room in (*ROOMS, "sweepwright")]
    files = [path for room in rooms for end in ("py", "yaml") for path in room.rglob(f"*.{end}")]
    names = {".".join(path.parent.relative_to(ROOT).parts) for path in files}

    assert set(TOOLS["setuptools"]["packages"]) == {
        name if name.split(".")[0] == "sweepwright" else f"sweepwright.{name}" for name in names
    }


def test_starting_loads_nothing_heavy() -> None:
    """Help, completion and every finding come before the second that scikit-learn takes."""
    start = "import sys, sweepwright.core.cli.app, sweepwright.core.registry.registry as registry"
    then = "registry.Registry.load(); print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", f"{start}; {then}"], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "sweepwright" in loaded
    assert not HEAVY & set(loaded)


def imports(path: Path) -> Iterator[str]:
    text = path.read_text()
    # Parsing all files would take seconds.
    if not ROOM_IMPORT.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_no_file_imports_a_room_by_the_name_of_its_folder() -> None:
    """It would work at the root of a checkout and nowhere else."""
    folders = ("sweepwright", *ROOMS, "tests", "benchmarks")
    files = [path for room in folders for path in (ROOT / room).rglob("*.py")]
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in [*files, *ROOT.glob("*.py")]
        for name in imports(path)
        if name.split(".")[0] in ROOMS
    ]

    assert not wrong
