"""The kit without what a container does not need, so that it fits into a submission.

The service of other platforms is left out, except for the modules that the agent imports, and so
are comments and docstrings. Lines keep their numbers. In base64, the kit shrinks from 150,000 to
50,000 bytes, of the 102,400 that OpenPAI accepts.
"""

import ast
import io
import tarfile
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256

from sweepwright.runner_client.kit import Kit, build_kit

_TRIALS = "sweepwright/trials/"
_SERVICE = "sweepwright/runner/service/"


@cache
def build_compact_kit(*, trials: bool) -> Kit:
    """Pack the kit as a plain tar file, which is compressed together with the trial's code.

    Parameters
    ----------
    trials
        Whether it has the built-in trials.
    """
    with tarfile.open(fileobj=io.BytesIO(build_kit().data), mode="r:gz") as whole:
        files = {member.name: whole.extractfile(member) for member in whole if member.isfile()}
        sources = {name: file.read().decode("utf-8") for name, file in files.items() if file}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as compact:
        for name in sorted(sources.keys() - _unused(sources, trials=trials)):
            data = shorten(sources[name]).encode("utf-8")
            info = tarfile.TarInfo(name)
            info.size = len(data)
            compact.addfile(info, io.BytesIO(data))
    data = buffer.getvalue()
    return Kit(sha256(data).hexdigest(), data)


def _unused(sources: Mapping[str, str], *, trials: bool) -> set[str]:
    """Return the modules of the service that nothing else imports, and the trials."""
    unused = {name for name in sources if name.startswith(_SERVICE)} - {f"{_SERVICE}__init__.py"}
    imported = {
        name: {f"{path}.py" for path in _imports(name, source)} for name, source in sources.items()
    }
    while found := {each for name in imported.keys() - unused for each in imported[name]} & unused:
        unused -= found
    return unused | {name for name in sources if name.startswith(_TRIALS) and not trials}


def _imports(name: str, source: str) -> Iterator[str]:
    """Yield the paths of the modules that a module may import by a relative import."""
    folders = name.split("/")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = folders[: len(folders) - node.level + 1]
            module = "/".join([*above, *(node.module or "").split(".")]).rstrip("/")
            yield module
            yield from (f"{module}/{alias.name}" for alias in node.names)


def shorten(source: str) -> str:
    """Remove comments and docstrings from Python code; every other token keeps its line."""
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = f"{lines[row - 1][:column].rstrip()}\n"
    for docstring in _docstrings(source):
        first, last = docstring.lineno, docstring.end_lineno or docstring.lineno
        # A body must not become empty, so a number takes the place of its docstring. That of a
        # module may be empty, and must not begin with a number before `from __future__`.
        lines[first - 1] = f"{' ' * docstring.col_offset}0\n" if docstring.col_offset else "\n"
        lines[first:last] = ["\n"] * (last - first)
    return "".join(lines)


def _docstrings(source: str) -> list[ast.Expr]:
    """List the strings that stand alone, first in a body or after an assignment."""
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
