"""Run TensorBoard's server in this process. It can be reached from this machine only."""

from pathlib import Path
from typing import Any

from tensorboard import program

from ..local_requests import LOOPBACK, LocalRequests

RELOAD_SECONDS = 3
"""How often TensorBoard looks for new records: as often as the command writes them."""


class ServerError(Exception):
    """TensorBoard's server could not be started. The message is a single line."""


def serve(folder: Path, port: int | None) -> str:
    """Serve a folder until this process ends; return the address.

    Parameters
    ----------
    port
        Port of the server. If it is None, use TensorBoard's default port or the next free port.

    Raises
    ------
    ServerError
        When the port is taken.
    """
    board = program.TensorBoard(server_class=_make_server)
    board.configure(
        (
            "tensorboard",
            f"--logdir={folder}",
            f"--host={LOOPBACK}",
            f"--port={'default' if port is None else port}",
            f"--reload_interval={RELOAD_SECONDS}",
        )
    )
    try:
        return str(board.launch())
    except program.TensorBoardServerException as error:
        raise ServerError(error.msg.splitlines()[0]) from error


def _make_server(application: Any, flags: Any) -> Any:
    """Make TensorBoard's usual server, which tries the next ports, for local requests."""
    return program.create_port_scanning_werkzeug_server(LocalRequests(application), flags)
