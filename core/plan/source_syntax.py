"""Find the syntax errors for which the scripts of a trial cannot run, without running them.

A script is compiled as the interpreter would, which finds more than parsing does, for example a
`return` outside of a function. So are the modules beside it that it always imports: those of
import statements at its top level, and of theirs in turn. Installed libraries are taken to be
valid, since looking at those of PyTorch takes longer than the rest of a compilation. The compiler
and a resume share these findings, as those of `machine_needs`: a script may be edited while its
sweep is interrupted.
"""

import ast
import re
import sys
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sweepwright.contracts import Command, TrialCode
from sweepwright.diagnostics import Code, Diagnostic, Severity, Span

from .machine_needs import compiles
from .redaction import display_path
from .trial_files import FindModule, find_entry, locate_module

MOST_FILES = 50
"""Largest number of files that are compiled for one script."""
_LIBRARIES = {"site-packages", "dist-packages"}
"""Names of the folders into which libraries are installed."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A file that is not valid Python: the interpreter's message, and the place in the file."""

    path: Path
    message: str
    span: Span


def syntax_findings(code: TrialCode, python: str | None) -> Iterator[Diagnostic]:
    """Yield a finding for each source of any role that is not valid Python, each file once.

    `python` is the interpreter that runs the trials; None if it is on another machine.
    """
    folder = Path(code.folder)
    entries = (role.entry for role in code.roles if not isinstance(role.entry, Command))
    faults: dict[Path, SyntaxFault] = {}
    for path in filter(None, (find_entry(entry, folder) for entry in entries)):
        for fault in find_syntax_faults(path, partial(_own_module, [path.parent, folder])):
            faults.setdefault(fault.path, fault)
    for fault in faults.values():
        if python in (None, sys.executable) or not compiles(fault.path, str(python)):
            yield _finding(fault, python)


def _own_module(folders: list[Path], name: str) -> Path | None:
    # A module of the standard library may be loaded already, whatever is beside the script.
    known = name.partition(".")[0] in sys.stdlib_module_names
    found = None if known else locate_module(name, folders)
    return None if found and _is_in_library(found, folders) else found


def _is_in_library(path: Path, folders: list[Path]) -> bool:
    """Tell whether a file is installed, and not beside the code of the trial."""
    resolved = [folder.resolve() for folder in folders]
    beside = [path.relative_to(folder).parts for folder in resolved if path.is_relative_to(folder)]
    # An environment may lie within the folder of the trial, and the trial within an environment.
    return all(_LIBRARIES & {*parts} for parts in beside or [path.parts])


def _finding(fault: SyntaxFault, python: str | None) -> Diagnostic:
    message = f"`{fault.span.file}` is not valid Python: {fault.message}"
    # On another machine, a newer Python may accept what the one of the sweep does not.
    severity = Severity.WARNING if python is None else Severity.ERROR
    return Diagnostic(
        Code.SYNTAX_ERROR, message, fault.span, help=_way_out(fault), severity=severity
    )


def _way_out(fault: SyntaxFault) -> str | None:
    with fault.path.open("rb") as file:
        first = file.readline()
    if first.startswith(b"#!") and b"python" not in first:
        program = first[2:].decode(errors="replace").strip()
        return f"it begins with `#!{program}`; to run it as a program, give the entry as a list"
    return None


def find_syntax_faults(path: Path, find_module: FindModule) -> Iterator[SyntaxFault]:
    """Yield the fault of a script or of each module that it always imports, if there is one."""
    waiting, seen = [path], {path}
    while waiting and len(seen) <= MOST_FILES:
        file = waiting.pop(0)
        try:
            data = file.read_bytes()
        except OSError:
            continue
        if fault := find_syntax_fault(file, data, imported=file != path):
            yield fault
            continue
        found = filter(None, map(find_module, _always_imported(data)))
        new = [module for module in found if module.suffix == ".py" and module not in seen]
        waiting += new
        seen |= set(new)


def find_syntax_fault(path: Path, data: bytes, *, imported: bool = False) -> SyntaxFault | None:
    """Return why the interpreter refuses the content of a file; None if it accepts the file."""
    error = _compile(data, path)
    # Bytes that are no text are refused wherever they are in a script, but not in the comments of
    # a module. The interpreter does not tell their column.
    if (error or not imported) and (fault := _undecodable(path, data)):
        return fault
    if error is None:
        return None
    # Some versions count the columns of text as characters, and those of bytes as bytes.
    error = _compile(_text(data), path) or error
    line, column = max(1, error.lineno or 1), max(1, error.offset or 1)
    length = (error.end_offset or 0) - column if error.end_lineno == line else 1
    return _fault(path, data, error.msg, Span(None, line, column, max(1, length)))


def _compile(source: bytes | str, path: Path) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return None  # a null byte, in some versions; otherwise the file is too complex to judge
    return None


def _undecodable(path: Path, data: bytes) -> SyntaxFault | None:
    """Return the first byte that is no text, if there is one."""
    if (position := data.find(b"\0")) >= 0:
        return _at_byte(path, data, "source code cannot contain null bytes", position)
    try:
        data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        message = f"{error.encoding} cannot decode byte {data[error.start]:#x}; save it as UTF-8"
        return _at_byte(path, data, message, error.start)
    return None


def _encoding(data: bytes) -> str:
    """Return the encoding that the first lines name, or UTF-8 if they name none that exists."""
    try:
        return tokenize.detect_encoding(iter(data.splitlines(keepends=True)).__next__)[0]
    except SyntaxError:
        return "utf-8"


def _text(data: bytes) -> str:
    return data.removeprefix(_BOM).decode(_encoding(data).removesuffix("-sig"), errors="replace")


def _at_byte(path: Path, data: bytes, message: str, position: int) -> SyntaxFault:
    before = _lines(_text(data[:position]))
    return _fault(path, data, message, Span(None, len(before), len(before[-1]) + 1))


def _fault(path: Path, data: bytes, message: str, span: Span) -> SyntaxFault:
    lines = _lines(_text(data))
    line = min(span.line, len(lines))
    span = replace(span, file=display_path(path), line=line, text=lines[line - 1])
    return SyntaxFault(path, message, span)


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text)


def _always_imported(data: bytes) -> Iterator[str]:
    """Yield the dotted names of the modules that every run of a valid source imports."""
    for statement in ast.parse(data).body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module
