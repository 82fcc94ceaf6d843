"""Run TensorBoard on this machine, for this machine alone."""

from pathlib import Path

from tensorboard import program

HERE = "127.0.0.1"
RELOAD_SECONDS = 3


class ServingError(Exception):
    """TensorBoard cannot be run, in one line."""


def serve(folder: Path, port: int | None) -> str:
    """Show a folder in TensorBoard as long as this process lives, and return its address.

    Without a port that is TensorBoard's own, or the next that is free.

    Raises
    ------
    ServingError
        When the port is taken.
    """
    board = program.TensorBoard()
    board.configure(
        (
            "tensorboard",
            f"--logdir={folder}",
            f"--host={HERE}",
            f"--port={'default' if port is None else port}",
            f"--reload_interval={RELOAD_SECONDS}",
        )
    )
    try:
        return str(board.launch())
    except program.TensorBoardServerException as error:
        raise ServingError(error.msg.splitlines()[0]) from error
