"""Prints the output files of one attempt, once or again and again while it writes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sweepwright.contracts import AttemptFile, AttemptFiles, AttemptRef

from .log_lines import LogLines, OutputFile
from .output import echo, echo_error

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class OutputChoice:
    """The processes and streams of an attempt whose output is wanted."""

    role: str | None = None
    rank: int | None = None
    only_stderr: bool = False

    def includes(self, name: OutputFile) -> bool:
        """Tell whether the output of a process is wanted."""
        return self.role in (None, name.role) and self.rank in (None, name.rank)


class LogOutput:
    """Prints the output of one attempt, and remembers how much was printed.

    Standard output goes to standard output. Standard error goes to standard error, or to standard
    output if it is wanted alone.
    """

    def __init__(self, files: AttemptFiles, attempt: AttemptRef, choice: OutputChoice) -> None:
        self.processes: list[str] = []
        """Names of the attempt's processes that have output files."""
        self.chosen: list[str] = []
        """Names of those whose output is wanted."""
        self._files = files
        self._attempt = attempt
        self._choice = choice
        self._read: dict[str, int] = {}
        """Number of bytes that were read of each file."""
        self._lines: dict[str, LogLines] = {}

    def print_new(self, *, final: bool = False) -> None:
        """Print what was written since the last call; if `final`, also an unfinished line."""
        for name, file in self._list():
            if self._choice.includes(name) and not (
                self._choice.only_stderr and not name.is_stderr
            ):
                self._print_file(name, file, final=final)

    def _list(self) -> list[tuple[OutputFile, AttemptFile]]:
        """List the output files, process by process, standard output first."""
        try:
            found = self._files.list(self._attempt)
        except FileNotFoundError:
            return []
        named = [(name, file) for file in found if (name := OutputFile.parse(file.path))]
        named.sort(key=lambda pair: (pair[0].role, pair[0].rank, pair[0].is_stderr))
        self.processes = list(dict.fromkeys(_process(name) for name, _ in named))
        self.chosen = list(
            dict.fromkeys(_process(name) for name, _ in named if self._choice.includes(name))
        )
        return named

    def _print_file(self, name: OutputFile, file: AttemptFile, *, final: bool) -> None:
        label = f"{_process(name)} | " if len(self.chosen) > 1 else ""
        lines = self._lines.setdefault(file.path, LogLines())
        lines.label = label
        show = echo_error if name.is_stderr and not self._choice.only_stderr else echo
        for data in self._new_data(file):
            if text := lines.feed(data):
                show("\n".join(text))
        if final and (text := lines.feed(b"", final=True)):
            show("\n".join(text))

    def _new_data(self, file: AttemptFile) -> Iterator[bytes]:
        # The middle of a long file may have been dropped since: `platform.max_output_mib`.
        offset = min(self._read.get(file.path, 0), file.size)
        # A process that writes as fast as its output is read would otherwise be read for ever.
        while offset < file.size:
            limit = min(_CHUNK, file.size - offset)
            data = self._files.read(self._attempt, file.path, offset, limit)
            if not data:
                break
            offset += len(data)
            yield data
        self._read[file.path] = offset


def _process(name: OutputFile) -> str:
    return f"{name.role}-{name.rank}"
