"""Findings about the files that are sent: missing entries, unreadable files, sizes."""

import os
from collections.abc import Iterator
from itertools import accumulate
from pathlib import PurePosixPath

from ..contracts import Command, Entry, Finding, PythonFile, PythonModule, TrialCode
from .code_listing import MAX_ENTRIES, Listing
from .ignore_rules import SWEEPIGNORE

LARGE_BYTES = 10 << 20
"""Size above which a file is named in a warning."""
MAX_BYTES = 1 << 30
"""Size above which nothing is sent."""
MAX_NAMED = 5
"""Number of files that a finding names."""
_CURE = f"name in `{SWEEPIGNORE}`, in the trial's folder, what the trials do not need"


def shipping_findings(listing: Listing, code: TrialCode) -> Iterator[Finding]:
    """Find what is wrong with the files that are sent for a trial.

    The findings are those of a platform: it yields them from `PlatformProvider.check`.
    """
    if not listing.complete:
        message = f"`{listing.folder}` holds more than {MAX_ENTRIES:,} files, which would be sent"
        yield Finding((), message, f"give another folder as `trial.folder`, or {_CURE}")
        return
    for path, reason in listing.faults.items():
        help_ = f"make it readable, or name it in `{SWEEPIGNORE}`"
        yield Finding((), f"`{path}` in `{listing.folder}` cannot be sent: {reason}", help_)
    for role in code.roles:
        yield from _missing(listing, role.name, role.entry)
    if listing.size > MAX_BYTES:
        message = f"{_size(listing.size)} would be sent to each machine, of which at most "
        yield Finding(
            (), f"{message}{_size(MAX_BYTES)} may be sent: {_largest(listing, 0)}", _CURE
        )
    elif any(entry.size > LARGE_BYTES for entry in listing.files):
        message = f"large files are sent to each machine: {_largest(listing, LARGE_BYTES)}"
        yield Finding((), message, _CURE, warning=True)


def _largest(listing: Listing, above: int) -> str:
    files = sorted(listing.files, key=lambda entry: (-entry.size, entry.path))
    large = [entry for entry in files if entry.size > above]
    named = [f"`{entry.path}` ({_size(entry.size)})" for entry in large[:MAX_NAMED]]
    rest = len(large) - len(named)
    return ", ".join(named) + (f" and {rest:,} more" if rest else "")


def _size(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB" if size < MAX_BYTES else f"{size / (1 << 30):,.1f} GiB"


def _missing(listing: Listing, role: str, entry: Entry) -> Iterator[Finding]:
    """Find the files of an entry that are not sent."""
    for named in _files(entry, listing):
        places = _places(named, listing)
        reasons = (_reason(listing, place) for place in places)
        if not places:
            yield Finding(
                (),
                f"the entry `{named}` of role `{role}` lies outside `{listing.folder}`, and only "
                "this folder is sent",
                "give as `trial.folder` a folder that contains the entry",
            )
        elif found := next(filter(None, reasons), None):
            at, reason, cure = found
            about = "" if at == places[0] else f"`{at}` is not sent, because "
            message = f"the entry `{named}` of role `{role}` is not sent: {about}{reason}"
            yield Finding((), message, cure)


def _files(entry: Entry, listing: Listing) -> Iterator[str]:
    """Yield the files of the trial's own code that an entry names."""
    match entry:
        case PythonFile(path):
            yield path
        case PythonModule(name):
            stem = name.replace(".", "/")
            # A module that lies elsewhere is installed on the machine, or one of ours.
            yield from _first_existing(listing, f"{stem}/__main__.py", f"{stem}.py")
        case Command((program, *words)):
            # A program without a slash is found on PATH, and an absolute one is the system's.
            absolute = program.startswith("/") and not _places(program, listing)
            if "/" in program and not absolute:
                yield program
            for word in words:
                if _places(word, listing):
                    yield from _first_existing(listing, word)


def _first_existing(listing: Listing, *paths: str) -> Iterator[str]:
    existing = (path for path in paths if os.path.isfile(listing.folder / path))  # noqa: PTH113
    yield from [*existing][:1]


def _places(path: str, listing: Listing) -> list[str]:
    """Return where a file is in the folder that is sent: by its path, and with all links resolved.

    A link is sent as a link, so what it leads to must be sent too. The list is empty if the file
    lies outside.
    """
    whole = listing.folder / path
    places = (os.path.relpath(place, listing.folder) for place in (whole, os.path.realpath(whole)))
    return [place for place in places if not f"{place}/".startswith("../")]


def _reason(listing: Listing, path: str) -> tuple[str, str, str | None] | None:
    """Say which part of a path is not sent, why, and how to send it."""
    for at in accumulate(PurePosixPath(path).parts, lambda folder, name: f"{folder}/{name}"):
        cure = f"add the line `!/{_escaped(at)}` to `{SWEEPIGNORE}` in `{listing.folder}`"
        secrets = {secret.path: secret.reason for secret in listing.withheld}
        if reason := listing.left_out.get(at) or secrets.get(at):
            return at, reason, cure
        if skipped := listing.skipped.get(at):
            return at, f"it {skipped}", None
    return None


def _escaped(path: str) -> str:
    """Write a path as a pattern that matches this path alone."""
    escaped = "".join(f"\\{letter}" if letter in "\\*?[" else letter for letter in path)
    return f"{escaped[:-1]}\\ " if escaped.endswith(" ") else escaped
