"""Faults that a test injects, as a client sees them."""

import contextlib
import threading
import time
from http.client import HTTPException

import pytest

from sweepwright.testing.kubernetes import ApiServer
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import CONFIG_MAPS, PODS, config_map, pod

LOST = (OSError, HTTPException)


def test_the_next_requests_that_match_are_answered_otherwise(
    server: ApiServer, call: Caller
) -> None:
    server.faults.answer(
        500, times=2, verb="create", resource="configmaps", message="etcd is away"
    )
    assert call("GET", CONFIG_MAPS).status == 200
    assert call("POST", PODS, pod()).status == 201
    failed = call("POST", CONFIG_MAPS, config_map("a"))
    assert (failed.status, failed.json["message"]) == (500, "etcd is away")
    assert call("POST", CONFIG_MAPS, config_map("a")).json["reason"] == "InternalError"
    assert call("POST", CONFIG_MAPS, config_map("a")).status == 201


def test_a_client_is_throttled(server: ApiServer, call: Caller) -> None:
    server.faults.throttle(retry_after=7, method="GET", path="*/pods")
    assert call("GET", CONFIG_MAPS).status == 200
    throttled = call("GET", PODS)
    assert (throttled.status, throttled.header("Retry-After")) == (429, "7")
    assert throttled.json["reason"] == "TooManyRequests"


def test_an_answer_can_be_anything(server: ApiServer, call: Caller) -> None:
    server.faults.answer(503, body=b"<html>a proxy speaks</html>")
    answer = call("GET", PODS)
    assert (answer.status, answer.text) == (503, "<html>a proxy speaks</html>")
    assert answer.header("Content-Type") == "text/plain; charset=utf-8"


def test_an_answer_can_be_lost_after_the_work(server: ApiServer, call: Caller) -> None:
    server.faults.lose_answers(verb="create")
    with pytest.raises(LOST):
        call("POST", PODS, pod())
    assert call("POST", PODS, pod()).json["reason"] == "AlreadyExists"
    assert [record.status for record in server.requests.recent] == [0, 409]


def test_delays_add_up_with_other_faults(server: ApiServer, call: Caller) -> None:
    server.faults.delay(0.2)
    server.faults.answer(500)
    began = time.monotonic()
    assert call("GET", PODS).status == 500
    assert time.monotonic() - began >= 0.2


def test_faults_can_be_forgotten(server: ApiServer, call: Caller) -> None:
    server.faults.answer(500, times=100)
    server.faults.clear()
    assert call("GET", PODS).status == 200


@pytest.mark.parametrize("kind", ["refuse", "close"])
def test_an_outage_ends_connections_and_accepts_none(
    server: ApiServer, call: Caller, kind
) -> None:
    with call.open("GET", PODS, watch="true") as response:
        with server.faults.outage(kind):
            with pytest.raises(LOST):
                response.read()
            with pytest.raises(LOST):
                call("GET", PODS)
        assert call("GET", PODS).status == 200


def test_a_server_can_hang(server: ApiServer, call: Caller) -> None:
    outcome = []

    def ask() -> None:
        try:
            call("GET", PODS)
        except LOST as error:
            outcome.append(error)

    waiting = threading.Thread(target=ask)
    with server.faults.outage("hang"):
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
    waiting.join(10)
    assert len(outcome) == 1
    assert call("GET", PODS).status == 200


def test_connections_are_dropped(server: ApiServer, call: Caller) -> None:
    with call.open("GET", PODS, watch="true") as response:
        server.faults.drop_connections()
        with pytest.raises(LOST):
            response.read()
    assert call("GET", PODS).status == 200


def test_nothing_is_left_behind_by_a_server() -> None:
    before = threading.active_count()
    with ApiServer() as server:
        call = Caller(server.url, server.token)
        with call.open("GET", PODS, watch="true"):
            pass
        server.faults.delay(60, verb="list")
        impatient = threading.Thread(target=_ignoring, args=(call,))
        impatient.start()
    impatient.join(10)
    assert threading.active_count() == before


def _ignoring(call: Caller) -> None:
    with contextlib.suppress(*LOST):
        call("GET", PODS)
