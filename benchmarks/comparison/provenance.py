"""The origin of results: how many runs there are, and of which versions."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar


class Ran(Protocol):
    """What identifies a run."""

    @property
    def tuner(self) -> str:
        """Whose run it is."""
        ...


R = TypeVar("R", bound=Ran)


def provenance(
    wanted: Sequence[R],
    records: Mapping[R, Mapping[str, Any]],
    versions_of: Callable[[str], dict[str, str]],
) -> Iterator[str]:
    """Describe how many runs of each tuner there are, of which versions, and which are old."""
    for tuner in dict.fromkeys(run.tuner for run in wanted):
        mine = [run for run in wanted if run.tuner == tuner]
        made = Counter(_versions(records[run]["versions"]) for run in mine if run in records)
        now = _versions(versions_of(tuner))
        for versions, count in made.items():
            old = "" if versions == now else f"; now it is {now}, `--again {tuner}` runs them anew"
            yield f"- `{tuner}`: {count} of {len(mine)} runs, {versions}{old}"
        if not made:
            yield f"- `{tuner}`: none of {len(mine)} runs"
    yield ""


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
