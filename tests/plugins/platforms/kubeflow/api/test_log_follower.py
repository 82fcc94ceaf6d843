"""Log followers over real HTTP."""

import json
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import pytest

from sweepwright.plugins.platforms.kubeflow.api.backoff import FIRST_SECONDS
from sweepwright.plugins.platforms.kubeflow.api.log_follower import LogFollower
from sweepwright.plugins.platforms.kubeflow.api.notices import LogEnded, LogItems
from sweepwright.runner_client.pods.log_reader import Record
from tests.plugins.platforms.kubeflow.api.scripted_server import (
    DROP,
    Chunks,
    FakeTime,
    NoJitter,
    Reply,
    Request,
    opened_cluster,
    status,
)

SECONDS = 20


def records(*numbers: int, last: bool = False) -> bytes:
    """Return records of the agent as they stand in the log; the last may be that of its end."""
    return b"".join(
        line(number, last=last and number == numbers[-1]) + b"\n" for number in numbers
    )


def line(number: int, *, last: bool = False) -> bytes:
    event: dict[str, Any] = {"event": "output", "line": "x"}
    if last:
        event = {"event": "ended", "failure": None}
    head = {"sweepwright_record": number, "run": "r", "time": 1000.5 + number, "text": 0}
    return json.dumps({**head, **event}).encode()


@contextmanager
def following(tmp_path, answer, **options):
    notices: SimpleQueue[Any] = SimpleQueue()
    with opened_cluster(tmp_path, answer, random=NoJitter(), **options) as (cluster, server):
        follower = LogFollower(cluster, "p-0", "pytorch", None, notices.put)
        follower.start()
        try:
            yield (lambda: notices.get(timeout=SECONDS)), server, follower
        finally:
            follower.close()


def scripted(*answers):
    script = iter(answers)
    return lambda _: next(script, Chunks([], "hang"))


def numbers(get, follower) -> tuple[list[int], LogEnded]:
    """Return the numbers of all records until the end."""
    found: list[int] = []
    while isinstance(notice := get(), LogItems):
        found += [item.at for item in notice.items if isinstance(item, Record)]
        follower.taken()
    return found, notice


def test_a_log_is_read_to_the_agents_last_record(tmp_path):
    answer = scripted(Chunks([records(1) + line(2), b"\n" + records(3, last=True)], "hang"))
    with following(tmp_path, answer) as (get, server, follower):
        assert numbers(get, follower) == ([1, 2, 3], LogEnded("p-0"))

    sent = server.requests[0]
    assert sent.path == "/api/v1/namespaces/lab/pods/p-0/log"
    assert sent.query == {"container": "pytorch", "follow": "true"}
    assert len(server.requests) == 1


@pytest.mark.parametrize("end", ["end", "drop"])
def test_a_stream_that_breaks_is_continued_without_loss_or_repetition(tmp_path, end):
    answer = scripted(
        Chunks([records(1, 2) + line(3)[:40]], end),
        Chunks([records(2, 3, 4)], end),
        Chunks([records(4, 5, last=True)]),
    )
    with following(tmp_path, answer) as (get, server, follower):
        assert numbers(get, follower)[0] == [1, 2, 3, 4, 5]

    assert [each.query.get("sinceTime") for each in server.requests] == [
        None,
        "1970-01-01T00:16:37Z",
        "1970-01-01T00:16:39Z",
    ]


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(200, b""),
        status(400, "BadRequest", 'container "pytorch" is waiting to start: PodInitializing'),
        status(429, "TooManyRequests"),
        status(403, "Forbidden", 'User "x" cannot get resource "pods/log"'),
        Reply(404, b"<html>default backend</html>"),
        Reply(502, b"dial tcp 10.0.0.1:10250: i/o timeout"),
        DROP,
    ],
)
def test_a_log_that_cannot_be_read_yet_is_asked_for_again(tmp_path, trouble):
    answer = scripted(trouble, trouble, Chunks([records(1, last=True)]))
    with following(tmp_path, answer) as (get, _, follower):
        assert numbers(get, follower)[0] == [1]


def test_a_log_that_will_never_be_there_is_given_up(tmp_path):
    answer = scripted(status(404, "NotFound", "no such pod"))
    with following(tmp_path, answer) as (get, _, follower):
        assert numbers(get, follower) == ([], LogEnded("p-0", "no such pod", complete=False))


def of_another_run(*numbers: int) -> bytes:
    return records(*numbers, last=True).replace(b'"run": "r"', b'"run": "s"')


@pytest.mark.parametrize("same_stream", [True, False])
def test_a_log_of_another_container_of_the_name_is_not_read(tmp_path, same_stream):
    """An operator has made a pod again that somebody has deleted."""
    parts = [records(1, 2), b"text of the other\n" + of_another_run(1, 2, 3)]
    if same_stream:
        answer = scripted(Chunks(parts))
    else:
        answer = scripted(*(Chunks([part]) for part in parts))
    with following(tmp_path, answer) as (get, _, follower):
        found, end = numbers(get, follower)

    assert found == [1, 2]
    assert not end.complete
    assert end.reason == "another container has taken the place of the one that was followed"


def test_streams_that_end_as_soon_as_they_begin_are_opened_ever_more_rarely(tmp_path):
    complaint = b"failed to create fsnotify watcher: too many open files"
    answers = [Chunks([records(number), complaint]) for number in range(1, 6)]
    answer = scripted(*answers, Chunks([records(6, last=True)]))
    with following(tmp_path, answer) as (get, _, follower):
        assert numbers(get, follower)[0] == [1, 2, 3, 4, 5, 6]

    assert follower._backoff._next == FIRST_SECONDS * 2**5


def test_the_rest_of_a_log_is_read_when_its_pod_has_ended(tmp_path):
    """Here the stream hangs although the container has ended, as when its node was cut off."""

    def answer(request: Request) -> Any:
        return (
            Chunks([records(1)], "hang")
            if "follow" in request.query
            else Reply(200, records(1, 2, 3))
        )

    with following(tmp_path, answer) as (get, server, follower):
        server.hanging.get(timeout=SECONDS)
        follower.finish()
        assert numbers(get, follower) == ([1, 2, 3], LogEnded("p-0", None, complete=False))

    assert len(server.requests) == 2


def test_a_rest_that_cannot_be_read_is_said(tmp_path):
    def answer(request: Request) -> Any:
        if "follow" in request.query:
            return Chunks([records(1)], "hang")
        return status(404, "NotFound", 'pods "p-0" not found')

    with following(tmp_path, answer) as (get, server, follower):
        server.hanging.get(timeout=SECONDS)
        follower.finish()
        assert numbers(get, follower) == (
            [1],
            LogEnded("p-0", 'pods "p-0" not found', complete=False),
        )


def test_a_rest_is_asked_for_again_while_the_server_is_away(tmp_path):
    rest = iter([DROP, Reply(500), Reply(200, records(1, 2, last=True))])

    def answer(request: Request) -> Any:
        return Chunks([records(1)], "hang") if "follow" in request.query else next(rest)

    with following(tmp_path, answer) as (get, server, follower):
        server.hanging.get(timeout=SECONDS)
        follower.finish()
        assert numbers(get, follower) == ([1, 2], LogEnded("p-0"))


def test_a_rest_is_given_up_in_the_end(tmp_path):
    time = FakeTime()

    def answer(request: Request) -> Any:
        if "follow" in request.query:
            return Chunks([records(1)], "hang")
        time.now += 25
        return Reply(502, b"no route to the kubelet")

    with following(tmp_path, answer, time=time) as (get, server, follower):
        server.hanging.get(timeout=SECONDS)
        follower.finish()
        numbers_, end = numbers(get, follower)

    assert numbers_ == [1]
    assert end == LogEnded("p-0", "status 502: no route to the kubelet", complete=False)


def test_a_flood_waits_until_it_is_handled(tmp_path):
    chunks = Chunks([records(n, last=n == 200) for n in range(1, 201)])
    with following(tmp_path, scripted(chunks)) as (get, server, follower):
        first = [get() for _ in range(4)]
        assert follower.alive
        for _ in first:
            follower.taken()
        rest, _ = numbers(get, follower)

    assert [item.at for each in first for item in each.items] + rest == list(range(1, 201))
    assert len(server.requests) == 1


def test_closing_ends_the_thread_while_it_waits_for_output(tmp_path):
    with following(tmp_path, scripted(Chunks([records(1)], "hang"))) as (get, server, follower):
        get()
        server.hanging.get(timeout=SECONDS)
        follower.close(SECONDS)

        assert not follower.alive


def test_closing_ends_the_thread_while_nobody_handles_notices(tmp_path):
    chunks = Chunks([records(number) for number in range(1, 200)], "hang")
    with following(tmp_path, scripted(chunks)) as (get, server, follower):
        for _ in range(4):
            get()
        server.hanging.get(timeout=SECONDS)
        follower.close(SECONDS)

        assert not follower.alive
