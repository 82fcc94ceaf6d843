"""Hearing of children's deaths in a loop that waits for files."""

import os
import signal


class ChildWatch:
    """A descriptor that becomes readable whenever a child of this process ends."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        signal.signal(signal.SIGCHLD, _awake)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._reader

    def clear(self) -> None:
        """Forget the deaths heard of so far; to be called before reaping."""
        os.read(self._reader, 4096)

    def close(self) -> None:
        """Watch no longer, as in a forked child."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._reader)
        os.close(self._writer)


def _awake(_number: int, _frame: object) -> None:
    """Do nothing: a signal without a handler would not wake the loop."""
