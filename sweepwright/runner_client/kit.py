"""The kit: the part of sweepwright that is sent to each machine, as one archive.

The kit holds the runner, the trial API, reporters, prologues of frameworks and the built-in
trials. Unpacked into a folder on the import path, it needs no other part of sweepwright. A source
tree and an installed package keep the files in different places, so they are found through the
packages.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

PACKAGES = {
    "sweepwright.runner": True,
    "sweepwright.reporters": True,
    "sweepwright.trials": True,
    "sweepwright.plugins": False,
    "sweepwright.plugins.frameworks": False,
    "sweepwright.plugins.frameworks.prologues": True,
}
"""The packages of the kit, and whether all of a package goes into it or its `__init__` alone."""
MODULES = ("sweepwright", "sweepwright.trial")


@dataclass(frozen=True, slots=True)
class Kit:
    """An archive in the format ``.tar.gz``. On one installation it is always the same."""

    hash: str
    """SHA-256 of `data`, in hexadecimal."""
    data: bytes


@cache
def build_kit() -> Kit:
    """Pack the kit."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, path in sorted(_files()):
            content = path.read_bytes()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    data = gzip.compress(buffer.getvalue(), mtime=0)
    return Kit(sha256(data).hexdigest(), data)


def _files() -> Iterator[tuple[str, Path]]:
    """Yield the path of each file in the kit, and the place of the file."""
    for module in MODULES:
        path = _origin(module)
        end = "/__init__.py" if path.name == "__init__.py" else ".py"
        yield module.replace(".", "/") + end, path
    for package, whole in PACKAGES.items():
        init = _origin(package)
        sources = init.parent.rglob("*.py") if whole else [init]
        for path in sources:
            yield f"{package.replace('.', '/')}/{path.relative_to(init.parent).as_posix()}", path


def _origin(module: str) -> Path:
    """Find the source of a module. A package's parents are imported, and nothing else."""
    spec = find_spec(module)
    origin = spec.origin if spec else None
    assert origin is not None, "each part of the kit is a part of sweepwright"
    return Path(origin)
