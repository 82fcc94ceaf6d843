"""Check that the trial's sources are valid Python."""

import sys
from functools import partial
from pathlib import Path

from sweepwright.contracts import Command
from sweepwright.diagnostics import Code, Report, Span

from ...plan.machine_needs import compiles
from ...plan.redaction import display_path
from ...plan.trial_files import find_entry, locate_module
from ..stages import Assembled
from ..trial_analysis import SyntaxFault, find_syntax_faults
from .framework import interpreter_of


def check_syntax(assembled: Assembled, report: Report) -> None:
    """Report syntax errors in the sources of all roles, each file once."""
    if assembled.code is None:
        return
    folder = Path(assembled.code.folder)
    entries = (role.entry for role in assembled.code.roles if not isinstance(role.entry, Command))
    faults: dict[Path, SyntaxFault] = {}
    for path in filter(None, (find_entry(entry, folder) for entry in entries)):
        for fault in find_syntax_faults(path, partial(_own_module, [path.parent, folder])):
            faults.setdefault(fault.path, fault)
    if faults:
        python = interpreter_of(assembled, report)
        for fault in faults.values():
            _report(fault, python, report)


def _own_module(folders: list[Path], name: str) -> Path | None:
    # A module of the standard library may be loaded already, whatever is beside the script.
    known = name.partition(".")[0] in sys.stdlib_module_names
    return None if known else locate_module(name, folders)


def _report(fault: SyntaxFault, python: str | None, report: Report) -> None:
    if python not in (None, sys.executable) and compiles(fault.path, str(python)):
        return
    # On another machine, a newer Python may accept what the one of the sweep does not.
    add = report.warn if python is None else report.error
    file, at = display_path(fault.path), fault.span
    message = f"`{file}` is not valid Python: {fault.message}"
    span = Span(file, at.line, at.column, at.length, fault.text)
    add(Code.SYNTAX_ERROR, message, span, help=_way_out(fault))


def _way_out(fault: SyntaxFault) -> str | None:
    with fault.path.open("rb") as file:
        first = file.readline()
    if first.startswith(b"#!") and b"python" not in first:
        program = first[2:].decode(errors="replace").strip()
        return f"it begins with `#!{program}`; to run it as a program, give the entry as a list"
    return None
