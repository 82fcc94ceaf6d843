"""How far sweepwright trusts a sweep's folder, which may come from somebody else.

The journal of a sweep names the programs that `resume` runs, and symbolic links in its folder
could lead what is written to any file of the user's (docs/security.md). A sweep of another user is
therefore resumed only on request, and no link is followed where views write.
"""

import errno
import os
import pwd
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .store_errors import StoreError
from .sweep_files import JOURNAL


def foreign_owner(sweep: Path) -> str | None:
    """Return the other user to whom a sweep's folder or journal belongs; None if there is none.

    The superuser is treated as any other user: a sweep of an ordinary user could otherwise run
    programs with all rights.
    """
    for path in (sweep, sweep / JOURNAL):
        with suppress(OSError):  # reading the journal reports that it is missing
            owner = path.stat().st_uid
            if owner != os.geteuid():
                return _user_name(owner)
    return None


def _user_name(number: int) -> str:
    try:
        return f"user `{pwd.getpwuid(number).pw_name}`"
    except KeyError:
        return f"the user with number {number}"


@contextmanager
def folder_inside(sweep: Path, *names: str) -> Iterator[int]:
    """Open a folder below a sweep's folder, create it where it is missing, and follow no link.

    Raises
    ------
    StoreError
        When one of the names is a symbolic link, or a file.
    """
    descriptor = os.open(sweep, _FOLDER)
    try:
        for depth, name in enumerate(names, 1):
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=descriptor)
            inner = _open_no_link(name, _FOLDER, descriptor, sweep.joinpath(*names[:depth]))
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def open_file_inside(sweep: Path, *names: str) -> int:
    """Open a file below a sweep's folder for reading and writing, as `folder_inside` does."""
    *folders, name = names
    with folder_inside(sweep, *folders) as folder:
        return _open_no_link(name, os.O_RDWR | os.O_CREAT, folder, sweep.joinpath(*names))


_FOLDER = os.O_RDONLY | os.O_DIRECTORY


def _open_no_link(name: str, flags: int, folder: int, path: Path) -> int:
    try:
        return os.open(name, flags | os.O_NOFOLLOW, 0o644, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        kind = "a symbolic link" if path.is_symlink() else "not a folder"
        message = f"{path} is {kind}; sweepwright writes nothing through links"
        raise StoreError(message) from error


def refuse_links(sweep: Path) -> None:
    """Raise if a sweep's folder, or something in it, is a link, since a driver writes there.

    Raises
    ------
    StoreError
        When the folder, its journal or the folder of its trials is a link.
    """
    if sweep.is_symlink():
        place = sweep.resolve()
        raise StoreError(
            f"{sweep} is a symbolic link; to resume the sweep where it is: "
            f"{shlex.join(['resume', place.name, f'store.path={place.parent}'])}"
        )
    with suppress(OSError), os.scandir(sweep) as entries:
        if link := next((entry.path for entry in entries if entry.is_symlink()), None):
            raise StoreError(
                f"{link} is a symbolic link, and sweepwright writes nothing through links; to "
                "resume the sweep, replace the link by what it leads to"
            )
