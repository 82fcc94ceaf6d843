"""The tuner ``batch``: tries a list of assignments in order, and then ends the sweep."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweepwright.contracts import Finding, Problem, TunerProvider
from sweepwright.hooks import hookimpl
from sweepwright.space import Misfit, SearchSpace

from ._fixed_order import FixedOrder


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Options of ``tuner=batch``: either `assignments` or `file`."""

    assignments: tuple[Mapping[str, Any], ...] = ()
    """Assignments to try, in this order. Each assignment is written in the form in which a trial
    receives it."""
    file: str | None = None
    """Path of a JSON or YAML file that contains a list of assignments. A relative path starts at
    the working directory."""


def build(options: BatchOptions, problem: Problem) -> FixedOrder:
    """Build a tuner that suggests the assignments in order, and ends after the last of them."""
    # The options of a compiled plan are final already. This is for callers without a compiler.
    return FixedOrder(finalize_options(options, problem).assignments)


def finalize_options(options: BatchOptions, problem: Problem) -> BatchOptions:
    """Replace `file` by the assignments in it, because the file may change before a resume."""
    given = _read(Path(options.file)) if options.file else options.assignments
    # Encode and decode, so that 3.0 reaches an integer parameter as 3.
    return BatchOptions(tuple(problem.space.decode(problem.space.encode(given))))


def ends_after(options: BatchOptions, _problem: Problem) -> int:
    """Count the assignments. `finalize_options` has already read them from the file, if any."""
    return len(options.assignments)


def check(options: BatchOptions, problem: Problem) -> Iterable[Finding]:
    """Report every value, in every assignment, that is not in the space."""
    if options.file and options.assignments:
        message = "both `assignments` and `file` are given"
        return [Finding(("file",), message, "keep one of the two")]
    if options.file:
        return _check_file(Path(options.file), problem.space)
    # An NNI space for a batch tuner lists the assignments itself; they arrive as the sweep's
    # start.
    if not options.assignments and problem.start:
        return []
    if not options.assignments:
        help_ = "list them in `assignments`, or name a `file` that lists them"
        return [Finding((), "there are no assignments to try", help_)]
    return [
        Finding(("assignments", index, *misfit.path), _message(misfit), _hint(value))
        for index, misfit, value in _misfits(options.assignments, problem.space)
    ]


def _check_file(path: Path, space: SearchSpace) -> Iterator[Finding]:
    try:
        given = _read(path)
    except (OSError, ValueError) as error:
        yield Finding(("file",), str(error))
        return
    if not given:
        yield Finding(("file",), f"`{path}` lists no assignments")
    for index, misfit, value in _misfits(given, space):
        yield Finding(("file",), f"entry {index} of `{path}`: {_message(misfit)}", _hint(value))


def _misfits(
    given: Sequence[Mapping[str, Any]], space: SearchSpace
) -> Iterator[tuple[int, Misfit, Any]]:
    for index, assignment in enumerate(given):
        for misfit in space.misfits(assignment):
            yield index, misfit, _value(assignment, misfit.path)


def _value(assignment: Any, path: Sequence[str]) -> Any:
    for key in path:
        assignment = assignment.get(key) if isinstance(assignment, Mapping) else None
    return assignment


def _message(misfit: Misfit) -> str:
    return f"`{'.'.join(misfit.path)}` {misfit.message}"


def _hint(value: Any) -> str | None:
    """Explain that YAML 1.1 reads a number without a decimal point, such as `1e-3`, as text."""
    try:
        number = float(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if number is None:
        return None
    digits, _, power = repr(number).partition("e")
    plain = f"{float(digits)}e{power}" if power else digits
    return f"YAML reads `{value}` as text; write `{plain}`"


def _read(path: Path) -> Sequence[Mapping[str, Any]]:
    """Read a list of assignments from a file.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read, or does not contain a list of assignments. The message is a
        single line.
    """
    try:
        held = _parse(path)
    except FileNotFoundError:
        raise FileNotFoundError(f"`{path}` does not exist") from None
    if not isinstance(held, list) or not all(isinstance(entry, Mapping) for entry in held):
        raise ValueError(f"`{path}` is not a list of assignments")
    return held


def _parse(path: Path) -> Any:
    # Imported here because it takes longer to import than the rest of this module.
    import yaml  # noqa: PLC0415 - see above

    text = path.read_text(encoding="utf-8")
    try:
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"`{path}` cannot be read: {' '.join(str(error).split())}") from error


@hookimpl
def sweep_tuners() -> list[TunerProvider[BatchOptions]]:
    """Offer ``tuner=batch``."""
    summary = "the assignments of a list"
    return [
        TunerProvider(
            "batch",
            BatchOptions,
            build,
            summary,
            check=check,
            finalize_options=finalize_options,
            ends_after=ends_after,
            enumerates=True,
        )
    ]
