"""Write what the platform would receive, as YAML files for review; start nothing."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sweepwright.diagnostics import plural

from ...compiler.compiler import compile_sweep
from ...driver.preview.rendering import RenderedObject, render_sweep
from ...registry.registry import Registry
from ...views.output import echo
from ...views.yaml_text.object_yaml import object_yaml
from ..arguments import Arguments, UsageError
from ..error_handling import print_findings

DEFAULT_FOLDER = "rendered"
_MARK = "# Rendered by sweepwright; the next `render` replaces this file.\n"


def main(arguments: Arguments) -> int:
    """Render the objects of a sweep and the jobs of its first trials, one file each."""
    registry = Registry.load()
    return _render(arguments.overrides, registry, arguments.value("--output") or DEFAULT_FOLDER)


def _render(overrides: Sequence[str], registry: Registry, folder: str) -> int:
    compiled = compile_sweep(overrides, registry)
    print_findings(compiled.warnings)
    objects = render_sweep(compiled.plan, registry)
    try:
        paths = _write(objects, Path(folder))
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or folder}: {error.strerror}") from error
    for path in paths:
        echo(str(path))
    jobs = sum(each.is_job for each in objects)
    shared = f"{plural(len(objects) - jobs, 'object')} of the sweep, and "
    first = f"{plural(jobs, 'job')} of its first trials"
    echo(f"wrote {plural(len(paths), 'file')}: {shared if jobs < len(objects) else ''}{first}")
    return 0


def _write(objects: Iterable[RenderedObject], folder: Path) -> list[Path]:
    """Write the objects in their order, and remove the files of an earlier `render`."""
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob("*.yaml"):
        if earlier.is_file() and _is_rendered(earlier):
            earlier.unlink()
    paths = []
    for rendered in objects:
        path = folder / f"{rendered.name}.yaml"
        with path.open("x", encoding="utf-8") as file:
            file.write(_MARK + object_yaml(rendered.body))
        paths.append(path)
    return paths


def _is_rendered(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MARK)) == _MARK.encode()
