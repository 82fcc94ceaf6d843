"""Show a sweep in TensorBoard, or only write the files that it would show."""

import signal
import time
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path

from ...views.output import echo
from ..arguments import Arguments, UsageError
from ..recorded_sweep import find_sweep

POLL_SECONDS = 3.0
"""Seconds between two updates of the files while the sweep runs."""
MISSING = "TensorBoard is not installed; to install it: pip install 'sweepwright[tensorboard]'"


def main(arguments: Arguments) -> int:
    """Write the sweep's files; without ``--write-only``, serve and update them until Ctrl-C."""
    if find_spec("tensorboard") is None:
        raise UsageError(MISSING)
    sweep = find_sweep(arguments)
    try:
        _show(sweep, arguments)
    except OSError as error:
        raise UsageError(f"cannot write to {sweep}: {error.strerror}") from error
    return 0


def _show(sweep: Path, arguments: Arguments) -> None:
    from ...views.tensorboard.writer import TensorBoardWriter  # noqa: PLC0415 - may be absent

    with closing(TensorBoardWriter(sweep)) as writer:
        writer.update()
        if arguments.has("--write-only"):
            echo(f"sweep {sweep.name}: files for TensorBoard are in {writer.folder}")
            return
        address = _serve(writer.folder, arguments.value("--port"))
        echo(f"sweep {sweep.name} is shown at {address} until Ctrl-C")
        # Ctrl-C is the usual end of this command, so it is no interruption.
        with suppress(KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.default_int_handler)
            while True:
                time.sleep(POLL_SECONDS)
                writer.update()


def _serve(folder: Path, port: str | None) -> str:
    from ...views.tensorboard.server import ServerError, serve  # noqa: PLC0415 - likewise

    try:
        return serve(folder, None if port is None else int(port))
    except ServerError as error:
        raise UsageError(f"{error}; to use another port: --port PORT") from error
