"""Lists which files of a trial's folder are sent, and which are not and why.

Links are treated as ``rsync --links --copy-unsafe-links`` does. A link that leads to a place
inside the folder stays a link. For a link that leads out of it, the content is sent, because the
place is missing on another machine.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..contracts import Shipment, ShippedFile, WithheldFile
from .ignore_rules import JOURNAL, MARKERS, IgnoreRules
from .secret_files import HEAD_BYTES, secret_content, secret_name

READ_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
"""How files are opened. A file that has become a link or a named pipe since it was listed must not
be followed or waited for."""

MAX_ENTRIES = 100_000
"""Number of entries above which a folder is listed no further. Such a folder is not a folder of
code, but perhaps a home folder, which would take minutes to list."""


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """A file, a folder or a link that is sent."""

    path: str
    """Path from the folder that is sent, with slashes. Bytes that are no UTF-8 are surrogates."""
    kind: str
    """``file``, ``folder`` or ``link``."""
    source: str = ""
    """Absolute path of a file's content, without links."""
    size: int = 0
    executable: bool = False
    target: str = ""
    """Where a link leads, from the folder around it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of a folder that are sent, in a fixed order, and those that are not sent."""

    folder: Path
    entries: tuple[ListedEntry, ...]
    withheld: tuple[WithheldFile, ...] = ()
    """Secrets that are not sent."""
    permitted: tuple[WithheldFile, ...] = ()
    """Secrets that are sent, because a line of ``.sweepignore`` names each of them."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Path of each file or folder that is left out, and which rule leaves it out."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Path of each entry that cannot be sent, such as a socket, and its kind."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Path of each entry that should be sent but cannot be read, and the system's reason."""
    complete: bool = True
    """Whether all files were listed, because there are not too many."""

    @property
    def files(self) -> Iterator[ListedEntry]:
        """The files, without folders and links."""
        return (entry for entry in self.entries if entry.kind == "file")

    @property
    def size(self) -> int:
        """Number of bytes in all files."""
        return sum(entry.size for entry in self.files)

    def shipment(self, targets: Sequence[str]) -> Shipment:
        """Describe to a user what is sent to these machines."""
        files = tuple(ShippedFile(entry.path, entry.size) for entry in self.files)
        return Shipment(files, self.withheld, tuple(targets), self.permitted)


def scan(folder: Path, excluded: Iterable[Path] = ()) -> Listing:
    """List which files of a folder are sent; of each, only the beginning is read, to find keys.

    Parameters
    ----------
    excluded
        Folders that are left out, wherever they lie, such as the store.

    Raises
    ------
    OSError
        When the folder itself cannot be read.
    """
    walk = _Walk(folder.resolve(strict=True), {os.path.realpath(path) for path in excluded})
    walk.run()
    # A store that contains only sweeps is not part of the code. If it were, the first sweep would
    # change what is sent.
    empty = walk.stores - {entry.path.rpartition("/")[0] for entry in walk.entries}
    entries = [entry for entry in walk.entries if entry.path not in empty]
    return Listing(
        folder=walk.root,
        # In the order of their bytes, which is the same on every machine.
        entries=tuple(sorted(entries, key=lambda entry: os.fsencode(entry.path))),
        withheld=tuple(sorted(walk.withheld, key=lambda secret: secret.path)),
        permitted=tuple(sorted(walk.permitted, key=lambda secret: secret.path)),
        left_out=walk.left_out,
        skipped=walk.skipped,
        faults=walk.faults,
        complete=walk.complete,
    )


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is walked."""

    path: str
    """Path in the folder that is sent: empty, or ending in a slash."""
    real: str
    """Absolute path on this machine, without links."""
    rules: IgnoreRules
    around: frozenset[str]
    """Real paths of this folder and of those around it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a folder that is walked."""

    folder: _Folder
    name: str
    real: str
    """Absolute path of the content. The last part is a link only if the entry stays a link."""
    is_folder: bool = False

    @property
    def path(self) -> str:
        return self.folder.path + self.name

    @property
    def permitted(self) -> bool:
        """Whether a line of ``.sweepignore`` names this entry, to include it."""
        return self.folder.rules.includes_explicitly(self.name, is_folder=self.is_folder)


class _Walk:
    def __init__(self, root: Path, excluded: set[str]) -> None:
        self.root = root
        self.entries: list[ListedEntry] = []
        self.withheld: list[WithheldFile] = []
        self.permitted: list[WithheldFile] = []
        self.left_out: dict[str, str] = {}
        self.skipped: dict[str, str] = {}
        self.faults: dict[str, str] = {}
        self.stores: set[str] = set()
        """Folders around sweeps."""
        self._excluded = excluded
        self._pending: list[_Folder] = []

    def run(self) -> None:
        real = str(self.root)
        top = _Folder("", real, IgnoreRules.of_folder(self.root), frozenset((real,)))
        self._visit_all(top, _names(real))
        # A stack instead of recursion, because folders may be nested deeper than Python's limit.
        while self._pending and self.complete:
            folder = self._pending.pop()
            try:
                names = _names(folder.real)
            except OSError as error:
                self._fail(folder.path, error)
            else:
                self._visit_all(folder, names)

    @property
    def complete(self) -> bool:
        """Whether all folders were visited, or may still be."""
        return len(self.entries) <= MAX_ENTRIES

    def _visit_all(self, folder: _Folder, names: Iterable[str]) -> None:
        for name in names:
            try:
                self._visit(_Entry(folder, name, f"{folder.real}/{name}"))
            except OSError as error:
                self._fail(folder.path + name, error)

    def _fail(self, path: str, error: OSError) -> None:
        self.faults[path] = error.strerror or type(error).__name__

    def _visit(self, entry: _Entry) -> None:
        """Decide by the type of an entry what happens to it."""
        mode = os.lstat(entry.real).st_mode
        if stat.S_ISLNK(mode):
            if self._stays_link(entry):
                return
            entry = replace(entry, real=os.path.realpath(entry.real))
            mode = os.lstat(entry.real).st_mode
        if stat.S_ISDIR(mode):
            self._enter(replace(entry, is_folder=True))
        elif not self._leaves_out(entry):
            if stat.S_ISREG(mode):
                self._add_file(entry)
            else:
                self.skipped[entry.path] = _SPECIAL_FILES.get(stat.S_IFMT(mode), "is not a file")

    def _stays_link(self, entry: _Entry) -> bool:
        """Handle a link that stays one; return False if it leads to content outside the folder."""
        try:
            target = os.path.realpath(entry.real, strict=True)
        except OSError as error:
            if not self._leaves_out(entry):
                loops = error.errno == errno.ELOOP
                self.skipped[entry.path] = f"is a link to {'itself' if loops else 'nothing'}"
            return True
        inside = os.path.relpath(target, self.root)
        if inside == ".." or inside.startswith("../"):
            return False
        if inside == ".":
            self.skipped[entry.path] = _LOOP
        elif not self._leaves_out(entry):
            leads = os.path.relpath(f"/{inside}", f"/{entry.folder.path}")
            self.entries.append(ListedEntry(entry.path, "link", target=leads))
        return True

    def _enter(self, entry: _Entry) -> None:
        if entry.real in self._excluded:
            self.left_out[entry.path] = "it belongs to the store"
        elif not self._leaves_out(entry) and not self._is_marked(entry):
            folder, real = entry.folder, entry.real
            if real in folder.around:
                self.skipped[entry.path] = _LOOP
                return
            self.entries.append(ListedEntry(entry.path, "folder"))
            rules = folder.rules.inside(entry.name, Path(real))
            self._pending.append(_Folder(f"{entry.path}/", real, rules, folder.around | {real}))

    def _is_marked(self, entry: _Entry) -> bool:
        """Leave out a folder that contains one of `MARKERS`."""
        marker = next((file for file in MARKERS if os.path.lexists(f"{entry.real}/{file}")), None)
        if marker is None or entry.permitted:
            return False
        self.left_out[entry.path] = f"it {MARKERS[marker]}"
        if marker == JOURNAL:
            self.stores.add(entry.path.rpartition("/")[0])
        return True

    def _leaves_out(self, entry: _Entry) -> bool:
        """Leave out an entry that is a secret by its name, or that a rule leaves out."""
        # The name of the place to which a link leads may tell more than its own.
        places = (entry.path, entry.real)
        reasons = (secret_name(place, is_folder=entry.is_folder) for place in places)
        if reason := next(filter(None, reasons), None):
            return self._withholds(entry, reason)
        rule = entry.folder.rules.left_out_by(entry.name, is_folder=entry.is_folder)
        if rule is not None:
            self.left_out[entry.path] = f"{rule} leaves it out"
        return rule is not None

    def _withholds(self, entry: _Entry, reason: str) -> bool:
        secret = WithheldFile(entry.path, reason)
        (self.permitted if entry.permitted else self.withheld).append(secret)
        return not entry.permitted

    def _add_file(self, entry: _Entry) -> None:
        with os.fdopen(os.open(entry.real, READ_FLAGS), "rb") as file:
            head = file.read(HEAD_BYTES)
            found = os.fstat(file.fileno())
        reason = secret_content(entry.name, head)
        # A file that a line permits by its name is in the list already.
        if reason and not self._is_permitted(entry) and self._withholds(entry, reason):
            return
        executable = bool(found.st_mode & stat.S_IXUSR)
        listed = ListedEntry(entry.path, "file", entry.real, found.st_size, executable)
        self.entries.append(listed)

    def _is_permitted(self, entry: _Entry) -> bool:
        return bool(self.permitted) and self.permitted[-1].path == entry.path


def _names(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]


_LOOP = "is a link to a folder around it"
_SPECIAL_FILES = {
    stat.S_IFSOCK: "is a socket",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
}
