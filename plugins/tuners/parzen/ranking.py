"""Trials in the order of their losses, kept so as they come in."""

from bisect import bisect_left, bisect_right


class Ranking:
    """Trials by rank, best first; of equal losses, in the order in which they came."""

    def __init__(self) -> None:
        self.trials: list[int] = []
        """Places of the trials among all, best first."""
        self._losses: list[float] = []

    def __len__(self) -> int:
        """Count the trials."""
        return len(self.trials)

    def add(self, trial: int, loss: float) -> None:
        """Enter a trial behind those that are as good."""
        rank = bisect_right(self._losses, loss)
        self._losses.insert(rank, loss)
        self.trials.insert(rank, trial)

    def remove(self, trial: int, loss: float) -> None:
        """Take out a trial that was entered with this loss."""
        rank = self.trials.index(trial, bisect_left(self._losses, loss))
        del self._losses[rank], self.trials[rank]

    def better_than(self, loss: float) -> int:
        """Count the trials whose loss is below this one."""
        return bisect_left(self._losses, loss)
