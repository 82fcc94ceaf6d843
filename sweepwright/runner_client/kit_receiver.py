"""Program that `bootstrap` sends to a machine: receives the kit, and becomes the runner's session.

It is passed as text to ``python -c``. The Python may be of any version, so up to the report of
this version, the program uses only what Python 2.7 and Python 3 have in common.
"""

import sys

# The first entry is the current folder, the user's home, whose scripts must not pass for modules.
sys.path[:] = [folder for folder in sys.path if folder]

import errno  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import stat  # noqa: E402

OLDEST = (3, 8)


def main():
    version = {"python": list(sys.version_info[:3])}
    # In two parts, so that a shell which repeats this text does not print the marker.
    say("\n@sweepwright" + "-runner " + json.dumps(version))
    if tuple(sys.version_info[:2]) < OLDEST:
        return
    # From here on, whatever is printed would land among the replies.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    header = json.loads(read(lambda data: data.endswith(b"\n")))
    base = os.path.abspath(os.path.expanduser(header["folder"]))
    kit = os.path.join(base, "kits", header["kit"])
    try:
        check_folders(base, kit)
        if not os.path.isdir(kit):
            receive(kit, header["size"])
        sys.path.insert(0, kit)
        from pathlib import Path  # noqa: PLC0415 - Python 2.7 has none

        from sweepwright.runner.service.session import serve  # noqa: PLC0415 - it is there now
    except Exception as error:  # noqa: BLE001 - standard error is closed, so nobody would see it
        reason = "the runner cannot be installed in `%s`: %s" % (base, error)
        say(json.dumps({"error": " ".join(reason.split()), "kind": kind_of(error)}))
        return
    say(json.dumps({"ok": True}))
    serve(Path(base), Path(kit))


def say(text):
    os.write(1, (text + "\n").encode("ascii"))


def read(is_enough):
    """Read byte by byte, because the session reads what follows the last byte."""
    data = b""
    while not is_enough(data):
        byte = os.read(0, 1)
        if not byte:
            sys.exit(0)
        data += byte
    return data


class UnsafeFolderError(Exception):
    """A folder in which other users could have put something."""

    errno = errno.EACCES


def check_folders(base, kit):
    """Make the folder for kits; refuse folders into which other users can put programs.

    The owner of the folder above could still replace the base folder while this looks at it.
    """
    kits = os.path.dirname(kit)
    umask = os.umask(0o077)  # missing folders above the base folder are private, too
    if not os.path.isdir(kits):
        os.makedirs(kits, 0o700)
    os.umask(umask)
    if os.lstat(base).st_uid not in (os.geteuid(), 0):
        raise UnsafeFolderError("`%s` belongs to another user" % base)
    for folder in (base, kits, kit, os.path.join(base, "code"), os.path.join(base, "sweeps")):
        if os.path.isdir(folder):
            check_folder(folder)
    folder = os.path.dirname(os.path.realpath(base))
    while folder != os.path.dirname(folder):
        mode = os.stat(folder).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise UnsafeFolderError("every user can rename what lies in `%s`" % folder)
        folder = os.path.dirname(folder)


def check_folder(folder):
    found = os.stat(folder)
    if found.st_uid not in (os.geteuid(), 0):
        raise UnsafeFolderError("`%s` belongs to another user" % folder)
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        reason = "other users can write to `%s`, which `chmod go-w` prevents" % folder
        raise UnsafeFolderError(reason)


def receive(kit, size):
    """Receive an archive, verify it, and unpack it under a temporary name."""
    import shutil  # noqa: PLC0415 - most connections find the kit there, and need none of these
    import tempfile  # noqa: PLC0415

    kits = os.path.dirname(kit)
    folder = tempfile.mkdtemp(prefix=".part-", dir=kits)
    try:
        say(json.dumps({"ok": True, "wants": size}))
        unpack(read_archive(os.path.basename(kit), size), folder)
        os.rename(folder, kit)
    except EnvironmentError:
        if not os.path.isdir(kit):  # another session may have been faster
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_archive(sha256, size):
    import hashlib  # noqa: PLC0415

    pieces = []
    while size:
        piece = os.read(0, min(size, 1 << 18))
        if not piece:
            sys.exit(0)
        pieces.append(piece)
        size -= len(piece)
    archive = b"".join(pieces)
    if hashlib.sha256(archive).hexdigest() != sha256:
        raise ValueError("it was damaged on its way")
    return archive


def unpack(archive, folder):
    """Unpack the regular files of an archive, whose hash has shown that it is ours."""
    import io  # noqa: PLC0415
    import shutil  # noqa: PLC0415
    import tarfile  # noqa: PLC0415

    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            if member.isreg():
                path = os.path.join(folder, *member.name.split("/"))
                if not os.path.isdir(os.path.dirname(path)):
                    os.makedirs(os.path.dirname(path))
                source = tar.extractfile(member)
                assert source is not None, "a regular file has content"
                with open(path, "wb") as file:
                    shutil.copyfileobj(source, file)
                    # A power cut must not leave half a file under a name that promises all.
                    file.flush()
                    os.fsync(file.fileno())


def kind_of(error):
    number = getattr(error, "errno", None)
    if number in (28, 122):  # ENOSPC, EDQUOT
        return "full"
    return "denied" if number in (1, 13, 30) else "system"  # EPERM, EACCES, EROFS


if __name__ == "__main__":
    main()
