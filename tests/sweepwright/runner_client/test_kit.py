"""The kit is all of sweepwright that another machine needs."""

import ast
import io
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from sweepwright.runner_client.kit import build_kit

OTHER_PYTHON = Path("/usr/bin/python3")
PYTHON = str(OTHER_PYTHON) if OTHER_PYTHON.exists() else sys.executable
MODULES = [
    *("sweepwright", "sweepwright.trial", "sweepwright.trials.noop", "sweepwright.runner.engine"),
    "sweepwright.runner.pod.main",
    *("sweepwright.reporters", "sweepwright.plugins.frameworks"),
]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kit")
    with tarfile.open(fileobj=io.BytesIO(build_kit().data)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def test_it_runs_where_nothing_else_is_installed(unpacked: Path) -> None:
    """In isolated mode no other folder is on the import path than the library's and the kit."""
    program = f"import sys; sys.path.insert(0, {str(unpacked)!r})\n" + "".join(
        f"import {module}; print({module}.__file__)\n" for module in MODULES
    )
    result = subprocess.run(
        [PYTHON, "-I", "-S", "-B", "-c", program], capture_output=True, text=True, check=False
    )

    assert result.stderr == ""
    assert all(line.startswith(str(unpacked)) for line in result.stdout.splitlines())
    assert len(result.stdout.splitlines()) == len(MODULES)


def test_its_parts_import_nothing_of_ours_that_it_lacks(unpacked: Path) -> None:
    files = {path.relative_to(unpacked) for path in unpacked.rglob("*.py")}
    names = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in files}
    imported = {
        (node.module or "", alias.name)
        for path in files
        for node in ast.walk(ast.parse((unpacked / path).read_text()))
        if isinstance(node, ast.ImportFrom) and node.level == 0
        for alias in node.names
    }
    ours = {(module, name) for module, name in imported if module.startswith("sweepwright")}

    assert ours
    assert all(module in names or f"{module}.{name}" in names for module, name in ours)


def evaluates_annotations(tree: ast.Module) -> bool:
    """Tell whether a module may evaluate an annotation of a form such as ``str | None``."""
    annotations = [
        annotation
        for node in ast.walk(tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if annotation
    ]
    newer = (
        isinstance(node, ast.Subscript | ast.BinOp)
        for annotation in annotations
        for node in ast.walk(annotation)
    )
    first = [node for node in tree.body if isinstance(node, ast.ImportFrom)][:1]
    return any(newer) and [node.module for node in first] != ["__future__"]


def test_it_needs_no_newer_python_than_3_8(unpacked: Path) -> None:
    for path in unpacked.rglob("*.py"):
        tree = ast.parse(path.read_text(), feature_version=(3, 8))
        nodes = list(ast.walk(tree))

        assert not evaluates_annotations(tree), path
        assert "TypeAlias" not in {n.name for n in nodes if isinstance(n, ast.alias)}, path
        assert "strict" not in {n.arg for n in nodes if isinstance(n, ast.keyword)}, path


def test_it_is_small_and_holds_only_sources(unpacked: Path) -> None:
    assert len(build_kit().data) < 200_000
    assert {path.suffix for path in unpacked.rglob("*") if path.is_file()} == {".py"}
    assert not (unpacked / "sweepwright/core").exists()
    assert not (unpacked / "sweepwright/contracts").exists()


def test_it_is_the_same_whenever_it_is_built() -> None:
    kit = build_kit()
    build_kit.cache_clear()

    assert build_kit() == kit
    assert sha256(kit.data).hexdigest() == kit.hash


def test_it_is_found_in_a_wheel_as_in_a_source_tree(unpacked: Path, tmp_path: Path) -> None:
    """A wheel has all packages in one folder; the kit itself lies as in a wheel."""
    root = Path(__file__).parents[3]
    (tmp_path / "sweepwright").mkdir()
    for name, source in {
        **{path.name: path for path in (root / "sweepwright").iterdir()},
        **{name: root / name for name in ("core", "plugins", "trials")},
    }.items():
        (tmp_path / "sweepwright" / name).symlink_to(source)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import sweepwright.runner_client.kit as kit\n"
        "print(kit.__file__, kit.build_kit().hash)"
    )
    result = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True
    )

    assert result.stdout.split() == [
        str(tmp_path / "sweepwright/runner_client/kit.py"),
        build_kit().hash,
    ]
    assert unpacked.exists()
