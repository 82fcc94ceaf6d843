"""The far end of one connection: answers requests, and hands the connection to a daemon."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .attempt_files import list_files, read_file
from .connection import Connection
from .daemon_start import StartedDaemon, hand_over
from .folders import TEMPORARY, BaseFolder, SweepFolder, make_private
from .kits import use_kit
from .refusal import RefusalError, refusal_of
from .unpacking import Payload, pack, unpack


def serve(base: Path, kit: Path) -> None:
    """Answer requests until the other end is gone, or a daemon no longer uses the connection."""
    use_kit(kit)
    with suppress(BrokenPipeError):  # nobody reads the answer
        Session(Connection(), BaseFolder(base.expanduser().absolute()), kit).serve()
    # Threads or exit handlers of an activated environment must not keep the connection open.
    os._exit(0)


class Session:
    """Answers the requests of a driver, in their order."""

    def __init__(self, connection: Connection, base: BaseFolder, kit: Path) -> None:
        self._connection = connection
        self._base = base
        self._kit = kit
        self._handed_over = False
        self._handlers: dict[str, Callable[[dict[str, Any], Payload], None]] = {
            "probe": self._probe,
            "has_code": self._has_code,
            "put_code": self._put_code,
            "attach": self._attach,
            "list_files": self._list_files,
            "read_file": self._read_file,
            "pack": self._pack,
            "unpack": self._unpack,
            "cleanup": self._clean_up,
        }

    def serve(self) -> None:
        """Answer requests, until there are no more or the connection belongs to a daemon."""
        with suppress(EOFError):
            while not self._handed_over:
                self._serve_one()

    def _serve_one(self) -> None:
        try:
            self._answer(self._connection.next_request())
        except RefusalError as error:
            self._connection.refuse(error)

    def _answer(self, request: dict[str, Any]) -> None:
        payload = self._connection.payload(request)
        handler = self._handlers.get(str(request.get("do")))
        try:
            if handler is None:
                raise RefusalError("request", f"`{request.get('do')}` is not a request")
            handler(request, payload)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise refusal_of(error) from error
        except (KeyError, TypeError, ValueError) as error:
            raise RefusalError("request", f"{type(error).__name__}: {error}") from error
        finally:
            if not self._handed_over:
                payload.drain()

    def _probe(self, request: dict[str, Any], _payload: Payload) -> None:
        from .machine_facts import look  # noqa: PLC0415 - most sessions attach, and nothing else

        self._connection.reply(facts=look(self._base.path, request["packages"]))

    def _has_code(self, request: dict[str, Any], _payload: Payload) -> None:
        self._connection.reply(has=self._base.code_archive(request["hash"]).is_file())

    def _put_code(self, request: dict[str, Any], payload: Payload) -> None:
        """Receive an archive of code, and give it its name once it is complete."""
        archive = self._base.code_archive(request["hash"])
        file, name = tempfile.mkstemp(prefix=TEMPORARY, dir=make_private(archive.parent))
        try:
            with os.fdopen(file, "wb") as output:
                while data := payload.read():
                    output.write(data)
                output.flush()
                os.fsync(output.fileno())
            payload.verify(request["hash"])
            Path(name).rename(archive)
        finally:
            if Path(name).exists():
                Path(name).unlink()
        self._connection.reply()

    def _attach(self, request: dict[str, Any], _payload: Payload) -> None:
        """Hand this connection to the daemon of a sweep, and wait until the daemon is done."""
        sweep = self._base.sweep(request["sweep"])
        make_private(sweep.path)
        given = request["settings"]
        attachment = {
            "code": str(self._unpacked_code(sweep, request.get("code"))),
            "kit": str(self._kit),
            "python": given.get("python") or sys.executable,
            "orphan_seconds": given["orphan_seconds"],
            "engine": {
                "concurrency": int(given.get("slots") or given["concurrency"]),
                "cpus": given.get("cpus"),
                "gpus": given.get("gpus"),
                "max_output": given.get("max_output"),
            },
        }
        program = Path(__file__).parent
        connection = self._connection
        channel = hand_over(
            sweep.path,
            {"attach": attachment},
            (connection.source, connection.sink),
            lambda: StartedDaemon(sweep.path, program, attachment),
        )
        self._handed_over = True
        while channel.receive() is not None:
            pass

    def _unpacked_code(self, sweep: SweepFolder, code: str | None) -> Path:
        """Unpack the code for one sweep, so that its trials can write without harming others."""
        folder = sweep.code(code)
        if code is None:
            return make_private(folder)
        if not folder.is_dir():
            archive = self._base.code_archive(code)
            with archive.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                unpack(Payload(file.read, size), folder, size, code)
        return folder

    def _list_files(self, request: dict[str, Any], _payload: Payload) -> None:
        sweep = self._base.sweep(request["sweep"])
        attempts = [(int(trial), int(attempt)) for trial, attempt in request["attempts"]]
        self._connection.reply(files=list_files(sweep, attempts))

    def _read_file(self, request: dict[str, Any], _payload: Payload) -> None:
        sweep = self._base.sweep(request["sweep"])
        data, length = read_file(sweep, request["path"], request["offset"], request["limit"])
        self._connection.reply_bytes(data, length=length)

    def _pack(self, request: dict[str, Any], _payload: Payload) -> None:
        folder = self._base.sweep(request["sweep"]).inside(request["folder"])
        if not folder.is_dir():
            raise RefusalError("missing", f"there is no folder `{request['folder']}`")
        self._connection.reply_stream(pack(folder))

    def _unpack(self, request: dict[str, Any], payload: Payload) -> None:
        sweep = self._base.sweep(request["sweep"])
        target = sweep.inside(request["folder"])
        existed = target.is_dir()
        if not existed:
            make_private(target.parent)
            free = shutil.disk_usage(target.parent).free
            if free < request["size"]:
                message = f"{request['size']:,} bytes do not fit into {free:,} free bytes"
                raise RefusalError("full", message)
            unpack(payload, target, request["size"], request["sha256"])
        self._connection.reply(existed=existed)

    def _clean_up(self, request: dict[str, Any], _payload: Payload) -> None:
        from .cleanup import clean_up  # noqa: PLC0415 - as above

        done = clean_up(self._base, request["sweep"], request.get("codes", ()))
        self._connection.reply(done=list(done))
