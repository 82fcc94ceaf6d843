"""Opens the files of attempts, wherever the platform keeps them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sweepwright.attempt_folder import AttemptFolder
from sweepwright.contracts import (
    AttemptFile,
    AttemptFiles,
    AttemptRef,
    PluginError,
    Workspace,
)

from ...plan.plan import Plan, Selection
from ...registry.options import build_options
from ...registry.registry import Registry
from ..store_errors import ElsewhereError

TRIALS = "trials"
"""Name of the folder in the sweep's folder that holds the files of attempts."""


def lie_elsewhere(plan: Plan, registry: Registry) -> bool:
    """Tell whether the platform keeps the files of attempts outside the store."""
    return registry.find("platform", plan.platform.name).open_files is not None


def open_attempt_files(folder: Path, plan: Plan, registry: Registry) -> AttemptFiles:
    """Open the files of a sweep's attempts.

    The methods of the result raise a `StoreError` if the files cannot be reached, and a
    `PluginError` if the platform fails.

    Raises
    ------
    StoreError, PluginError
        As above.
    """
    provider = registry.find("platform", plan.platform.name)
    if provider.open_files is None:
        return AttemptFolder(folder / TRIALS)
    with converting_platform_errors(plan.platform):
        options = build_options(provider.options, plan.platform.options)
        files = provider.open_files(options, recorded_workspace(folder, plan))
    return _CheckedFiles(files, plan.platform)


def find_checkpoint(
    folder: Path, plan: Plan, registry: Registry, attempt: AttemptRef
) -> str | None:
    """Say where the platform keeps an attempt's checkpoint, if this machine cannot read it."""
    provider = registry.find("platform", plan.platform.name)
    if provider.checkpoint_place is None:
        return None
    with converting_platform_errors(plan.platform):
        options = build_options(provider.options, plan.platform.options)
        return provider.checkpoint_place(options, recorded_workspace(folder, plan), attempt)


def recorded_workspace(folder: Path, plan: Plan) -> Workspace:
    """Return the workspace of a sweep that an earlier driver has run."""
    return Workspace(folder.name, folder.resolve(), plan.limits.concurrency, resumed=True)


@contextmanager
def converting_platform_errors(platform: Selection) -> Iterator[None]:
    """Convert what a platform raises: `ConnectionError` to a `StoreError`, all else to a fault."""
    try:
        yield
    except (FileNotFoundError, PluginError):
        raise
    except ConnectionError as error:
        raise ElsewhereError(" ".join(str(error).splitlines())) from error
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise PluginError(f"platform `{platform.name}` failed: {what}") from error


class _CheckedFiles:
    """The files of a platform, whose answers are checked."""

    def __init__(self, files: AttemptFiles, platform: Selection) -> None:
        self._files = files
        self._platform = platform

    def list(self, attempt: AttemptRef) -> Sequence[AttemptFile]:
        """List the files of an attempt."""
        with converting_platform_errors(self._platform):
            found = list(self._files.list(attempt))
        for file in found:
            if not _is_inside(file.path):
                what = f"it names the file {file.path!r}, which is not in the attempt's folder"
                raise PluginError(f"platform `{self._platform.name}` failed: {what}")
        return found

    def read(self, attempt: AttemptRef, path: str, offset: int, limit: int) -> bytes:
        """Return a part of a file."""
        with converting_platform_errors(self._platform):
            return self._files.read(attempt, path, offset, limit)

    def close(self) -> None:
        """Close the files of the platform."""
        with converting_platform_errors(self._platform):
            self._files.close()


def _is_inside(path: str) -> bool:
    return "\0" not in path and not {"", ".", ".."} & set(path.split("/"))
