"""The log of a pod as the API server serves it: options, refusals, following."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...serving.pod_logs import LogQuery
from ...store.status_errors import StatusError
from .container_log import ContainerLog, Entry


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Options of a request for a log."""

    follow: bool = False
    timestamps: bool = False
    since: float | None = None
    tail_lines: int | None = None
    limit_bytes: int | None = None

    @staticmethod
    def of(query: LogQuery, now: float) -> "LogOptions":
        """Return the options of a query; raise `StatusError` if they make no sense."""
        if query.since_seconds is not None and query.since_time is not None:
            raise _invalid("at most one of `sinceTime` or `sinceSeconds` may be specified")
        since = None
        if query.since_time is not None:
            since = datetime.fromisoformat(query.since_time).astimezone(UTC).timestamp()
        elif query.since_seconds is not None:
            since = now - query.since_seconds
        return LogOptions(
            query.follow, query.timestamps, since, query.tail_lines, query.limit_bytes
        )


def _invalid(what: str) -> StatusError:
    return StatusError(422, "Invalid", f'PodLogOptions "" is invalid: {what}')


def read_log(
    log: ContainerLog, options: LogOptions, container_id: str, look_seconds: float
) -> Iterator[bytes]:
    """Yield a log as the options ask for it, and an empty text after each silence."""
    if log.lost:
        yield f"unable to retrieve container logs for {container_id}".encode()
        return
    limit = options.limit_bytes
    for data in _texts(log, options, look_seconds):
        if limit is None:
            yield data
            continue
        yield data[:limit]
        limit -= len(data)
        if limit <= 0:
            return


def _texts(log: ContainerLog, options: LogOptions, look_seconds: float) -> Iterator[bytes]:
    number, entries = log.entries()
    yield _text(_since(_tail(entries, options.tail_lines), options.since), options)
    if not options.follow:
        return
    for later in log.follow(number + len(entries), look_seconds):
        yield _text(_since(later, options.since), options)


def _text(entries: Sequence[Entry], options: LogOptions) -> bytes:
    return b"".join(entry.text(timestamps=options.timestamps) for entry in entries)


def _tail(entries: Sequence[Entry], lines: int | None) -> Sequence[Entry]:
    if lines is None:
        return entries
    starts = [index for index, entry in enumerate(entries) if entry.begins_line]
    if lines >= len(starts):
        return entries
    return entries[starts[-lines] :] if lines else []


def _since(entries: Sequence[Entry], since: float | None) -> Sequence[Entry]:
    return entries if since is None else [entry for entry in entries if entry.time >= since]
