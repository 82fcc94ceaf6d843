"""Read a JSON or YAML file with an NNI search space, and record the position of each value."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sweepwright.diagnostics import Code, Span

from ...odd_values import join_surrogates, parsing_fault, scalar_fault, value_fault
from ...spans import EntrySpan, KeyPath
from ...yaml_spans import YamlDocument, YamlSpan, yaml_error_span


@dataclass(frozen=True, slots=True)
class NniFile:
    """The values in a file, and the position of each value."""

    values: Any
    mark: YamlSpan | None
    """Root of the tree of positions; None if the file is JSON that the YAML parser cannot read."""
    twice: tuple[tuple[str, Span], ...] = ()
    """Keys that occur twice in a mapping, of which every parser keeps only the last."""

    def spans(self, at: KeyPath) -> Iterator[tuple[KeyPath, EntrySpan]]:
        """Yield the position of each value, with its path below the key that includes the file."""
        return _entry_spans(self.mark, at) if self.mark else iter(())


class UnreadableFileError(ValueError):
    """The file does not exist, or contains neither JSON nor YAML."""

    def __init__(self, code: Code, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.span = span
        """Position of the fault in the file, None if it has none."""


def read_nni_file(given: str, config: str | None) -> NniFile:
    """Read the file at a path relative to the configuration file or the working directory.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    """
    path = _find(given, config)
    text = _text(path, given)
    try:
        # Try JSON first, whatever the name of the file: YAML 1.1 reads the number `1e-4` of JSON
        # as text.
        values = json.loads(text)
    except json.JSONDecodeError as error:
        values = _read_yaml(text, path, error)
        return _marked(values, text, path)
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(
            Code.BAD_NNI_SPACE, f"`{path}`: {parsing_fault(error)}"
        ) from error
    # Positions come from the YAML parser. It rejects tabs between tokens, although JSON allows
    # them, so parse such a file as JSON without positions.
    return _marked(values, text.replace("\t", " "), path)


def _find(given: str, config: str | None) -> Path:
    beside = Path(config).parent / given if config else Path(given)
    found = next((path for path in (beside, Path(given)) if path.is_file()), None)
    if found is None:
        raise UnreadableFileError(Code.MISSING_FILE, f"the file `{given}` does not exist")
    return found


def _text(path: Path, given: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8 text"
        message = f"the file `{given}` cannot be read: {said}"
        raise UnreadableFileError(Code.MISSING_FILE, message) from error


def _read_yaml(text: str, path: Path, error: json.JSONDecodeError) -> Any:
    try:
        _check_scalars(YamlDocument(text, str(path)))
        return yaml.safe_load(text)
    except RecursionError as deep:
        message = f"`{path}`: {parsing_fault(deep)}"
        raise UnreadableFileError(Code.BAD_NNI_SPACE, message) from deep
    except ValueError as odd:  # a date such as 2001-99-99, which is text in other files
        message = f"broken YAML: {odd}"
        raise UnreadableFileError(Code.BROKEN_YAML, message) from odd
    except yaml.YAMLError as broken:
        # Both parsers have failed. The name tells whose message helps the author.
        if path.suffix == ".json":
            line = [*text.splitlines(), ""][error.lineno - 1]
            span = Span(str(path), error.lineno, error.colno, 1, line)
            message = f"broken JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        else:
            span = yaml_error_span(text, str(path), broken)
            problem = getattr(broken, "problem", None) or str(broken).splitlines()[0]
            message = f"broken YAML: {problem}"
        raise UnreadableFileError(Code.BROKEN_YAML, message, span) from broken


def _check_scalars(document: YamlDocument) -> None:
    for node in document.scalars():
        if fault := scalar_fault(node):
            message = f"broken YAML: {fault}"
            raise UnreadableFileError(Code.BROKEN_YAML, message, document.span(node))


def _marked(values: Any, text: str, path: Path) -> NniFile:
    # A YAML alias can make a value contain itself. Converting the value to JSON detects this.
    try:
        # Only the error matters here, so values and keys that JSON lacks are tolerated.
        json.dumps(values, default=str, skipkeys=True)
    except (ValueError, RecursionError):
        message = f"`{path}` holds a value that contains itself"
        raise UnreadableFileError(Code.BAD_NNI_SPACE, message) from None
    values = join_surrogates(values)
    if fault := value_fault(values):
        raise UnreadableFileError(Code.BAD_NNI_SPACE, f"`{path}`: {fault}")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return NniFile(
            values, YamlDocument(text, str(path)).root, tuple(_twice(root, text, str(path)))
        )
    except (yaml.YAMLError, RecursionError):
        return NniFile(values, None)


def _twice(node: Node | None, text: str, file: str) -> Iterator[tuple[str, Span]]:
    """Find the keys that occur twice in a mapping."""
    lines = text.splitlines()
    for mapping in _mappings(node):
        seen: set[str] = set()
        for key, _ in mapping.value:
            if key.value in seen:
                start = key.start_mark
                length = key.end_mark.column - start.column
                line = lines[start.line]
                yield key.value, Span(file, start.line + 1, start.column + 1, length, line)
            if isinstance(key, ScalarNode):
                seen.add(key.value)


def _mappings(node: Node | None) -> Iterator[MappingNode]:
    match node:
        case SequenceNode(value=items):
            for item in items:
                yield from _mappings(item)
        case MappingNode(value=pairs):
            yield node
            for _, value in pairs:
                yield from _mappings(value)


def _entry_spans(mark: YamlSpan, at: KeyPath) -> Iterator[tuple[KeyPath, EntrySpan]]:
    for key, child in mark.children.items():
        yield (*at, key), child
        yield from _entry_spans(child, (*at, key))
