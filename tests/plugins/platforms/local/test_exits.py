"""The end of a trial: exit handlers, threads, exceptions, and what never ends by itself."""

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


def test_threads_are_joined_and_exit_handlers_run(harness) -> None:
    failure = harness.run("""
        import atexit, threading, time
        atexit.register(print, "last")
        threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
        print("main")
    """)

    assert failure is None
    assert harness.printed(0)[0].split() == ["main", "thread", "last"]


def test_a_failing_exit_handler_is_printed_and_does_not_fail_the_trial(harness) -> None:
    failure = harness.run("""
        import atexit
        def fail(): raise ValueError("late")
        atexit.register(fail)
    """)

    assert failure is None
    assert "ValueError: late" in harness.printed(0)[1]


def test_exit_handlers_of_preloaded_libraries_do_not_run(harness, tmp_path) -> None:
    """They concern the server, and may take longer than the trial."""
    library = "import atexit, logging, weakref\natexit.register(print, 'theirs')\n"
    library += "class Thing: ...\nthing = Thing()\nweakref.finalize(thing, print, 'theirs')\n"
    (tmp_path / "leaving_library.py").write_text(library)

    failure = harness.run(
        """
        import atexit, logging, weakref, leaving_library
        weakref.finalize(leaving_library.thing, print, "finalized")
        atexit.register(print, "ours")
        logging.getLogger().addHandler(logging.StreamHandler())
        """,
        preload=("leaving_library",),
        environment={"PYTHONPATH": str(tmp_path)},
    )

    assert failure is None
    assert harness.printed(0)[0].split() == ["ours", "finalized"]


def test_tracebacks_show_only_frames_of_the_trial(harness) -> None:
    harness.run("def train():\n    raise ValueError('bad lr')\ntrain()\n")

    printed = harness.printed(0)[1]
    assert printed.startswith("Traceback (most recent call last):\n")
    assert printed.endswith("ValueError: bad lr\n")
    assert "fork_server" not in printed
    assert printed.count("File ") == 2


def test_an_exception_hook_is_called(harness) -> None:
    failure = harness.run("""
        import sys
        sys.excepthook = lambda *_: print("mine")
        raise KeyError("k")
    """)

    assert failure == Failure(FailureKind.ERROR, "KeyError: 'k'")
    assert harness.printed(0) == ("mine\n", "")


def test_a_broken_exception_hook_does_not_hide_the_exception(harness) -> None:
    harness.run("import sys\nsys.excepthook = None\nraise KeyError('k')\n")

    assert "KeyError: 'k'" in harness.printed(0)[1]


def test_a_forked_child_that_returns_exits(harness) -> None:
    """A child that the trial forks must not return into the server's code."""
    failure = harness.run("""
        import os, sys
        child = os.fork()
        if not child:
            raise ValueError("the child's own")
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """)

    assert failure is None
    assert harness.printed(0)[0] == "1\n"
