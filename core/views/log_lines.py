"""The output of trials as lines, to be shown while it is being written."""

import codecs
import re
from dataclasses import dataclass, field
from io import IncrementalNewlineDecoder

_OUTPUT = re.compile(r"(?P<role>[^/]+)-(?P<rank>[0-9]+)\.(?P<stream>stdout|stderr)")
_LONGEST_LINE = 1 << 16
"""Number of characters after which the beginning of an unfinished line is shown."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """The name of a file with the output of a process."""

    role: str
    rank: int
    is_stderr: bool

    @classmethod
    def parse(cls, path: str) -> "OutputFile | None":
        """Parse the path of an attempt's file; None if the file holds no output."""
        found = _OUTPUT.fullmatch(path)
        if found is None:
            return None
        return cls(found["role"], int(found["rank"]), found["stream"] == "stderr")


def _decoder() -> IncrementalNewlineDecoder:
    # A progress bar returns to the beginning of its line; here, each of its states is a line.
    return IncrementalNewlineDecoder(
        codecs.getincrementaldecoder("utf-8")("replace"), translate=True
    )


@dataclass(slots=True)
class LogLines:
    """Splits the bytes of a file into lines, as they arrive."""

    label: str = ""
    """Text before each line."""
    _decode: IncrementalNewlineDecoder = field(default_factory=_decoder)
    _unfinished: str = ""

    def feed(self, data: bytes, *, final: bool = False) -> list[str]:
        """Return the lines that these bytes finish; if `final`, the unfinished line as well."""
        *lines, self._unfinished = (self._unfinished + self._decode.decode(data, final)).split(
            "\n"
        )
        if self._unfinished and (final or len(self._unfinished) > _LONGEST_LINE):
            lines.append(self._unfinished)
            self._unfinished = ""
        return [f"{self.label}{line}" for line in lines]
