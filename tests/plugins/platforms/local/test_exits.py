"""A trial that does not end by itself is ended, and what it leaves is no fault of others."""

import pytest

from sweepwright.events import Failure, FailureKind

NEVER = {
    "exit handler": "import atexit, time\natexit.register(time.sleep, 600)\n",
    "thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n",
    "destructor": """
        import time
        class Model:
            def __del__(self, sleep=time.sleep):
                sleep(600)
        kept = Model()
    """,
}


@pytest.mark.parametrize("what", NEVER)
def test_the_time_limit_holds_for_the_end_of_a_trial(harness, what) -> None:
    failure = harness.run(NEVER[what], time_limit=0.3)

    assert failure == Failure(FailureKind.TIMEOUT, "ran over its limit of 0.3 s")


def test_a_daemon_thread_that_holds_a_lock_does_not_hold_up_the_end(harness) -> None:
    """It blocks in a write, and thus for ever holds the lock of the file that it writes to."""
    failure = harness.run("""
        import os, threading
        reader, writer = os.pipe()
        file = open(writer, "wb")
        threading.Thread(target=lambda: file.write(b"x" * (1 << 20)), daemon=True).start()
        os.read(reader, 1)
    """)

    assert failure is None


def test_modules_that_replace_the_interpreters_do_not_hold_up_the_end(harness) -> None:
    failure = harness.run("""
        import atexit, builtins, gc, os, sys
        kept = open("kept.txt", "w")
        kept.write("kept")
        gc.disable()
        del sys.modules["__main__"]
        sys.modules["odd"] = object()
        sys.stdout = sys.stderr = object()
        builtins.open = builtins.more = None
    """)

    assert failure is not None, "the output cannot be flushed"
    assert failure.message == "exit code 120"
    assert (harness.folder / "kept.txt").read_text() == "kept"
