"""What a sweep needs of the machine that runs it, and what of it is missing.

The compiler asks before a sweep begins. A resume asks again before it goes on, because files,
packages and devices may have disappeared since. Both get their findings from the functions here.
The findings have no span: the compiler knows where a value is written, and a resume knows only the
key of a value.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from sweepwright.contracts import Command, Entry, Package, PythonFile, PythonModule, TrialCode
from sweepwright.diagnostics import Code, Diagnostic

from .trial_files import find_entry

OLDEST_PYTHON = (3, 8)
"""The oldest Python that runs trials, in the fork server of the runner."""
FIND_MISSING = """
import sys
sys.path[:] = [folder for folder in sys.path if folder]
print("%d.%d" % sys.version_info[:2])
if sys.version_info >= (3,):
    from importlib.util import find_spec
    print("\\n".join(name for name in sys.argv[1:] if find_spec(name) is None))
"""
"""Program that prints the version of the interpreter of the trials, and which of the given modules
the interpreter lacks. It keeps the working directory off the path, just as when trials run."""
TIMEOUT_SECONDS = 30
"""Time limit of this program. It imports no packages, but a network drive may be slow."""
LEAST_FREE_BYTES = 8 * 2**20
"""Free space that a store needs. SQLite's write-ahead log grows to 4 MB before SQLite begins to
reuse it, and the journal itself grows by as much in the meantime."""


def folder_finding(name: str) -> Diagnostic | None:
    """Report a working directory of trials that is no folder, or that a plan cannot contain."""
    if not os.path.isdir(name):  # noqa: PTH112 - `Path.is_dir` raises where it may not search
        return Diagnostic(Code.MISSING_FILE, f"`{name}` is not a folder")
    path = os.path.realpath(name)
    try:
        path.encode()
    except UnicodeEncodeError:
        return Diagnostic(Code.MISSING_FILE, f"the path `{path}` is not UTF-8")
    return None


def entry_finding(entry: Entry, folder: Path) -> Diagnostic | None:
    """Report an entry that cannot be found or read, unless the trial's folder is missing."""
    if folder_finding(str(folder)):
        return None
    if file := find_entry(entry, folder):
        readable = isinstance(entry, Command) or _may_access(file, os.R_OK)
        return None if readable else Diagnostic(Code.MISSING_FILE, f"`{file}` cannot be read")
    way_out = f"paths are relative to `trial.folder`, which is `{folder}`"
    match entry:
        case PythonFile(path):
            message = f"there is no file `{path}`"
        case PythonModule(name):
            message = f"there is no module `{name}`"
            way_out = "to run a file, write a path that ends in `.py` or contains `/`"
        case Command(argv):
            message = f"there is no program `{argv[0]}`"
    return Diagnostic(Code.MISSING_FILE, message, help=way_out)


def interpreter_finding(packages: Sequence[Package], python: str, user: str) -> Diagnostic | None:
    """Report an interpreter that does not run, or packages that it lacks.

    `user` is what needs the packages, such as ``framework=pytorch``.
    """
    try:
        version, missing = _ask(python, packages)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        message = f"`{python}` cannot be run as a Python interpreter: {reason or error}"
        return Diagnostic(Code.MISSING_FILE, message)
    if version < OLDEST_PYTHON:
        found, oldest = (".".join(map(str, numbers)) for numbers in (version, OLDEST_PYTHON))
        message = f"`{python}` is Python {found}, which is too old; trials need {oldest}"
        return Diagnostic(Code.MISSING_FILE, message, help="give the path of a newer one")
    return _package_finding(missing, python, user) if missing else None


def _ask(python: str, packages: Sequence[Package]) -> tuple[tuple[int, ...], list[Package]]:
    """Return the version of an interpreter, and which packages it lacks."""
    if python == sys.executable:
        # `find_spec` locates a top-level module without importing it.
        missing = [package for package in packages if find_spec(package.module) is None]
        return sys.version_info[:2], missing
    run = subprocess.run(
        [python, "-c", FIND_MISSING, *(package.module for package in packages)],
        check=True,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    version, *absent = run.stdout.split() or [""]
    if not re.fullmatch(r"\d+\.\d+", version):
        raise ValueError("it does not tell its version")
    missing = [package for package in packages if package.module in absent]
    return tuple(map(int, version.split("."))), missing


def compiles(path: Path, python: str) -> bool:
    """Tell whether an interpreter accepts a source, which it does not run."""
    code = "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')"
    try:
        run = subprocess.run(
            [python, "-I", "-c", code, str(path)],
            check=False,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return True  # the interpreter itself is at fault, which is another finding
    return run.returncode == 0


def _package_finding(missing: Sequence[Package], python: str, user: str) -> Diagnostic:
    *others, last = (f"`{package.module}`" for package in missing)
    names = f"{', '.join(others)} and {last}" if others else last
    verb = "is" if len(missing) == 1 else "are"
    is_this = python == sys.executable
    where = "" if is_this else f" for `{python}`"
    wanted = " ".join(f"'{package.install}'" for package in missing)
    pip = f"pip install {wanted}" if is_this else f"{python} -m pip install {wanted}"
    message = f"`{user}` needs {names}, which {verb} not installed{where}"
    return Diagnostic(Code.MISSING_PACKAGE, message, help=f"run `{pip}`")


class Need(NamedTuple):
    """The amount of a resource that all replicas of all roles of a trial need together."""

    resource: str
    amount: float
    role: str
    """The last role that contributes to the amount."""


def resource_needs(code: TrialCode) -> list[Need]:
    """Sum up the resources of a trial."""
    needs: dict[str, Need] = {}
    for role in code.roles:
        for resource, each in role.resources.items():
            before = needs[resource].amount if resource in needs else 0.0
            needs[resource] = Need(resource, before + each * role.replicas, role.name)
    return list(needs.values())


def resource_findings(
    needs: Sequence[Need], available: Mapping[str, float], platform: str
) -> Iterator[tuple[Need, Diagnostic]]:
    """Report each resource that a platform lacks, or has too little of for a single trial."""
    for need in needs:
        resource = need.resource
        if resource not in available:
            known = ", ".join(f"`{name}`" for name in sorted(available)) or "nothing"
            message = f"`{platform}` has no resource `{resource}`"
            yield need, Diagnostic(Code.UNKNOWN_RESOURCE, message, help=f"it has {known}")
        elif need.amount > available[resource]:
            has = f"`{platform}` has only {available[resource]:g}"
            message = f"a trial needs {need.amount:g} `{resource}`, but {has}"
            way_out = (
                "ask for less, counting all replicas of all roles, or choose another platform"
            )
            yield need, Diagnostic(Code.TOO_FEW_SLOTS, message, help=way_out)


_OTHER_STORE = "name another store: store.path=FOLDER"


def store_path_finding(store: Path) -> Diagnostic | None:
    """Report a store whose path leads to or through a file. The store need not exist yet."""
    folder = _existing_part(store)
    if folder.is_dir():
        return None
    message = f"`{folder}` is not a folder, so it cannot be or contain a store"
    return Diagnostic(Code.UNUSABLE_STORE, message, help=_OTHER_STORE)


def store_finding(folder: Path) -> Diagnostic | None:
    """Report a folder of a store, or of one of its sweeps, that cannot take a journal now."""
    existing = _existing_part(folder)
    if not existing.is_dir():
        return store_path_finding(folder)
    if not _may_access(existing, os.W_OK | os.X_OK):
        message = f"`{folder}` cannot be written"
        return Diagnostic(Code.UNUSABLE_STORE, message, help=_OTHER_STORE)
    free = shutil.disk_usage(existing).free
    if free < LEAST_FREE_BYTES:
        has = f"the disk of `{folder}` has {free / 2**20:.1f} MiB of free space"
        message = f"{has}, less than {LEAST_FREE_BYTES / 2**20:g} MiB"
        return Diagnostic(Code.UNUSABLE_STORE, message, help=f"free some space, or {_OTHER_STORE}")
    return None


def _may_access(path: Path, mode: int) -> bool:
    """Tell whether this process may access a path, with the rights with which it opens files."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _existing_part(path: Path) -> Path:
    """Return the longest part of a path that exists."""
    # Unlike `Path.exists`, this is false where a folder above may not be searched.
    return next(part for part in (path, *path.parents) if os.path.exists(part))  # noqa: PTH110
