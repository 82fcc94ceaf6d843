"""What an engine can do beyond what `local` needs: parts of jobs, on several machines."""

import selectors
import socket

import pytest

REPORT = "from sweepwright.trial import report_final_result as report\nreport(1)\n"
WAIT = f"{REPORT}import time\ntime.sleep(600)\n"
KEEP = """
import sweepwright.trial as t
open(t.checkpoint_dir() + "/weights", "w").write("42")
"""


def test_events_are_plain_json(engine) -> None:
    engine.launch("job", f"{REPORT}raise ValueError('bad')")
    engine.wait("ended", "job")
    launched, output, ended = engine.seen

    assert launched == {"event": "launched", "job": "job", "handle": launched["handle"]}
    assert [type(pid) for pid in launched["handle"]["pids"]] == [int]
    assert output == {"event": "output", "job": "job", "line": output["line"]}
    failure = {"kind": "error", "message": "ValueError: bad"}
    assert ended == {"event": "ended", "job": "job", "failure": failure}


def test_files_of_a_caller_are_served_while_the_engine_waits(engine) -> None:
    ours, theirs = socket.socketpair()
    heard: list[bytes] = []

    def hear(_mask: int) -> None:
        heard.append(ours.recv(1))
        engine.launch("job", "")

    engine.engine.selector.register(ours, selectors.EVENT_READ, hear)
    with ours, theirs:
        theirs.sendall(b"x")
        engine.wait("ended", "job")
        engine.engine.selector.unregister(ours)

    assert heard == [b"x"]


def test_a_job_is_finished_as_a_success_and_keeps_its_checkpoint(engine) -> None:
    engine.launch("job", KEEP + WAIT)
    engine.wait("output", "job")
    engine.engine.finish("job")

    assert engine.wait("ended", "job")["failure"] is None
    assert (engine.folder / "trials" / "job" / "1" / "checkpoint" / "weights").read_text() == "42"


def test_a_process_that_fails_while_it_is_finished_does_no_harm(engine) -> None:
    engine.launch(
        "job", f"import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n{WAIT}"
    )
    engine.wait("output", "job")
    engine.engine.finish("job")

    assert engine.wait("ended", "job")["failure"] is None


def test_a_failure_comes_before_the_finish(engine) -> None:
    engine.launch("job", f"{WAIT}", "raise ValueError('bad')", part=True)
    engine.wait("ended", "job")
    engine.engine.finish("job")

    assert engine.of("ended", "job")[0]["failure"]["message"].endswith("ValueError: bad")


def test_a_job_in_the_queue_is_finished_and_never_starts(engine) -> None:
    needs = [engine.process("later", 0, REPORT, resources={"cpu": 2})]
    first = [engine.process("first", 0, WAIT, resources={"cpu": 2})]
    engine.launch("first", processes=first)
    engine.launch("later", processes=needs)
    engine.wait("waiting", "later")
    engine.engine.finish("later")

    assert engine.wait("ended", "later")["failure"] is None
    assert not engine.of("launched", "later")


def test_an_unknown_job_is_finished_without_an_event(engine) -> None:
    engine.engine.finish("nobody")

    assert engine.engine.poll(0) == []


@pytest.mark.parametrize("part", [True, False])
def test_the_success_of_one_process_ends_the_others_except_in_a_part(engine, part) -> None:
    processes = [
        engine.process("job", 0, "", decides=False),
        engine.process("job", 1, "import time\ntime.sleep(0.2)\nprint('done')", decides=False),
    ]
    engine.launch("job", processes=processes, part=part)

    assert engine.wait("ended", "job")["failure"] is None
    assert engine.printed("job", 1) == ("done\n" if part else "")


def test_a_process_of_a_part_that_fails_ends_the_part(engine) -> None:
    processes = [
        engine.process("job", 0, WAIT, decides=False),
        engine.process("job", 1, "raise SystemExit(3)", decides=False),
    ]
    engine.launch("job", processes=processes, part=True)

    assert "exit code 3" in engine.wait("ended", "job")["failure"]["message"]


def test_addresses_that_are_filled_in_are_left_alone(engine) -> None:
    wiring = {"PEERS": "10.0.0.7:41 <port of main 0>"}
    process = engine.process("job", 0, "import os\nprint(os.environ['PEERS'])", wiring=wiring)
    engine.launch("job", processes=[process], ports=[["main", 0, 41]])

    assert engine.wait("ended", "job")["failure"] is None
    assert engine.printed("job").strip() == wiring["PEERS"]


def is_reserved(port: int) -> bool:
    """Tell whether no process gets this port that does not share its address."""
    with socket.socket() as server:
        try:
            server.bind(("0.0.0.0", port))  # noqa: S104 - as libraries do
        except OSError:
            return True
    return False


def test_ports_are_reserved_until_the_job_ends(engine) -> None:
    [first, second] = engine.engine.reserve("job", [("main", 0), ("main", 1)])
    ports = [first[2], second[2]]
    engine.launch("job", WAIT, ports=[first, second])
    engine.wait("output", "job")

    assert [first[:2], second[:2]] == [("main", 0), ("main", 1)]
    assert [is_reserved(port) for port in ports] == [True, True]
    engine.engine.cancel("job")
    engine.wait("ended", "job")
    assert [is_reserved(port) for port in ports] == [False, False]


def test_ports_of_a_job_that_is_never_launched_are_released_by_a_cancel(engine) -> None:
    [(_, _, port)] = engine.engine.reserve("job", [("main", 0)])

    assert engine.engine.reserve("job", [("main", 0)]) == [("main", 0, port)]
    assert is_reserved(port)
    engine.engine.cancel("job")
    assert not is_reserved(port)


def test_closing_the_engine_releases_all_ports(engine) -> None:
    [(_, _, port)] = engine.engine.reserve("job", [("main", 0)])
    engine.engine.close()

    assert not is_reserved(port)
