"""The latest list of the sweep's jobs, as OpenPAI knows them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sweepwright.events import Json

from ..names import submission_number

_FINAL = ("STOPPED", "SUCCEEDED", "FAILED")


@dataclass(slots=True)
class JobList:
    """The jobs of the sweep by the names of their submissions."""

    items: Mapping[str, Json] | None = None
    """None if a new list must be awaited, before anything is decided that depends on it."""

    def update(self, items: Sequence[Json]) -> None:
        """Replace the previous list."""
        self.items = {str(item["name"]): item for item in items}

    def forget(self) -> None:
        """Await a new list."""
        self.items = None

    def get(self, key: str) -> Json:
        """Return a submission; None if OpenPAI does not know it, or if there is no list."""
        return (self.items or {}).get(key)

    def submissions(self, job: str) -> Mapping[int, Json]:
        """Return all submissions of a job, by their numbers."""
        found = ((submission_number(job, key), item) for key, item in (self.items or {}).items())
        return {number: item for number, item in found if number is not None}

    def live(self, job: str) -> Iterator[str]:
        """Yield the names of a job's submissions that run, or will run."""
        for item in self.submissions(job).values():
            if item.get("state") not in (*_FINAL, "STOPPING"):
                yield str(item["name"])
