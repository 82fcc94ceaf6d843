"""The log of a container: lines, times, files."""

import threading
import time

from sweepwright.testing.kubernetes.cluster.kubelet.container_log import (
    MAX_LINE_BYTES,
    ContainerLog,
)


def text(log: ContainerLog) -> bytes:
    return b"".join(entry.data for entry in log.entries()[1])


def test_a_line_appears_when_it_is_complete():
    log = ContainerLog()
    log.write(b"one\ntw")
    assert text(log) == b"one\n"

    log.write(b"o\n")
    assert text(log) == b"one\ntwo\n"


def test_the_last_line_appears_at_the_end_without_a_line_break():
    log = ContainerLog()
    log.write(b"one\ntwo")
    log.close()

    assert text(log) == b"one\ntwo"


def test_a_long_line_is_broken_into_entries_but_stays_one_line():
    line = b"x" * (2 * MAX_LINE_BYTES + 5) + b"\n"
    log = ContainerLog()
    log.write(line[:100])
    log.write(line[100:])
    entries = log.entries()[1]

    assert text(log) == line
    assert [entry.begins_line for entry in entries] == [True, False, False]
    stamped = b"".join(entry.text(timestamps=True) for entry in entries)
    assert stamped.count(b"Z x") == 1


def test_a_line_that_comes_at_once_is_broken_likewise():
    log = ContainerLog()
    log.write(b"x" * (MAX_LINE_BYTES + 5) + b"\ny\n")

    assert [entry.begins_line for entry in log.entries()[1]] == [True, False, True]
    assert log.tail(4) == b"x\ny\n"


def test_the_newest_file_alone_is_served():
    log = ContainerLog(max_file_bytes=8)
    log.write(b"one\ntwo\nthree\n")

    assert text(log) == b"three\n"


def test_a_follower_goes_on_across_files():
    log = ContainerLog(max_file_bytes=8)
    seen: list[bytes] = []

    def follow():
        seen.extend(entry.data for entries in log.follow(0, 0.05) for entry in entries)

    reader = threading.Thread(target=follow)
    reader.start()
    for number in range(5):
        log.write(f"line {number}\n".encode())
        log.rotate()
        while len(seen) <= number:  # a follower that is more than a file behind misses lines
            time.sleep(0.001)
    log.close()
    reader.join()

    assert seen == [f"line {number}\n".encode() for number in range(5)]


def test_a_follower_that_is_far_behind_misses_what_was_removed():
    log = ContainerLog()
    for number in range(4):
        log.write(f"line {number}\n".encode())
        log.rotate()
    log.close()

    followed = [entry.data for entries in log.follow(0, 0.05) for entry in entries]
    assert followed == [b"line 3\n"]


def test_a_lost_log_is_empty():
    log = ContainerLog()
    log.write(b"one\n")
    log.lose()

    assert log.lost
    assert text(log) == b""
