"""Show a sweep in TensorBoard, or write down what that would show."""

import time
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path

from ...store.catalog import Store
from ...views.output import echo
from ..arguments import Arguments, UsageError, store_path

POLL_SECONDS = 3.0
MISSING = "TensorBoard is not installed; install it: pip install 'sweepwright[tensorboard]'"


def main(arguments: Arguments) -> int:
    """Write the sweep down; then, unless that is all, show it until Ctrl-C."""
    if find_spec("tensorboard") is None:
        raise UsageError(MISSING)
    sweep = Store(store_path(arguments)).find(arguments.sweep)
    try:
        _write(sweep, arguments)
    except OSError as error:
        raise UsageError(f"cannot write to {sweep}: {error.strerror}") from error
    return 0


def _write(sweep: Path, arguments: Arguments) -> None:
    from ...views.tensorboard.writer import TensorBoardWriter  # noqa: PLC0415 - it may not be installed

    with closing(TensorBoardWriter(sweep)) as writer:
        writer.update()
        if arguments.write_only:
            echo(f"sweep {sweep.name} is written to {writer.folder}")
            return
        echo(
            f"sweep {sweep.name} is shown at {_serve(writer.folder, arguments.port)} until Ctrl-C"
        )
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(POLL_SECONDS)
                writer.update()


def _serve(folder: Path, port: int | None) -> str:
    from ...views.tensorboard.server import ServingError, serve  # noqa: PLC0415 - likewise

    try:
        return serve(folder, port)
    except ServingError as error:
        raise UsageError(f"{error}; name another: --port PORT") from error
