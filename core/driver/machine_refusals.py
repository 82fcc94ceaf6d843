"""What the machine refuses to jobs, such as space on a disk, and what the user is told about it.

Nothing that the machine refuses is a trial's fault, so no refusal reaches the journal as a failure
or the tuner. While the machine may still give way, jobs wait in the platform, which starts them by
itself. If it cannot give way, the driver drains, and a resume runs the trials that are left.
"""

import time
from collections.abc import Callable

SETTLED_SECONDS = 2.0
"""Time without a waiting job after which the user reads that the sweep goes on.

Jobs at the limit of a resource start whenever another job ends, and the next job waits again. The
pause prevents two messages for each of these jobs."""


class MachineRefusals:
    """The refused jobs of a driver.

    Each thing that the machine refuses is told once, however many jobs wait for it, and again only
    after the user has read that the sweep goes on.
    """

    def __init__(self, notify: Callable[[str], None]) -> None:
        self.final = ""
        """Why the machine cannot run the trials that are left; empty as long as it may."""
        self._notify = notify
        self._waiting: set[str] = set()
        self._told: set[str] = set()
        self._waited_at = 0.0

    def on_waiting(self, job: str, wants: str, refusal: str) -> None:
        """Tell the user what a job waits for, unless other jobs merely use it or it was told."""
        if not refusal:
            self.forget(job)
            return
        self._waiting.add(job)
        if wants not in self._told:
            self._told.add(wants)
            self._notify(f"waiting for {wants}: {refusal}; the sweep goes on by itself")

    def on_refused(self, job: str, reason: str) -> None:
        """Keep the first reason why jobs cannot run, and tell it to the user."""
        self.forget(job)
        if not self.final:
            self.final = reason
            self._notify(f"no more trials start: {reason}; running trials may finish")

    def forget(self, job: str) -> None:
        """Note that a job waits no longer."""
        if job in self._waiting:
            self._waiting.remove(job)
            self._waited_at = time.monotonic()

    def settle(self) -> None:
        """Tell the user that the sweep goes on, once no job has waited for a while."""
        settled = not self._waiting and time.monotonic() - self._waited_at >= SETTLED_SECONDS
        if self._told and settled:
            self._told.clear()
            self._notify("nothing is refused any more; the sweep goes on")
