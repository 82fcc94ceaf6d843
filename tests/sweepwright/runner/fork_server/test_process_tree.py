"""Everything that a process started can be killed."""

import os
import subprocess
import sys
from textwrap import dedent

import pytest

from sweepwright.runner.fork_server import process_tree


def run(code):
    """Run code in a process of its own, which may become a subreaper; return its output."""
    preamble = "from sweepwright.runner.fork_server.process_tree import *\n"
    done = subprocess.run(
        [sys.executable, "-c", preamble + dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_descendants_of_all_kinds_are_killed_and_reaped() -> None:
    printed = run("""
        import os, time
        become_subreaper()
        for depth in range(3):
            if os.fork() == 0:
                for _ in range(depth):
                    if os.fork(): os._exit(0)
                    os.setsid()
                time.sleep(600)
        kill_descendants()
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            print("childless")
    """)

    assert printed == ["childless"]


def test_descendants_are_killed_once_they_can_be_listed() -> None:
    """A process at its limit of open files must not leave any behind."""
    printed = run(
        """
        import os, threading, time
        from tests.system.faults.limits import exhausted_descriptors
        become_subreaper()
        os.fork() or time.sleep(600)
        with exhausted_descriptors():
            killing = threading.Thread(target=kill_descendants)
            killing.start()
            killing.join(0.2)
            print(killing.is_alive())
        killing.join()
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            print("childless")
    """
    )

    assert printed == ["True", "childless"]


def test_some_children_may_be_spared() -> None:
    printed = run("""
        import os, time
        spared = os.fork() or time.sleep(600)
        os.fork() or time.sleep(600)
        kill_descendants({spared})
        print(os.waitpid(spared, os.WNOHANG)[0], reap())
        kill_descendants()
    """)

    assert printed == ["0", "[]"]


def test_processes_of_other_users_are_ignored() -> None:
    printed = run("""
        import os, signal, time
        from sweepwright.runner.fork_server import process_tree
        child = os.fork() or time.sleep(600)
        def refuse(*_): raise PermissionError
        kill, os.kill = os.kill, refuse
        kill_descendants()
        print(reap())
        kill(child, signal.SIGKILL)
    """)

    assert printed == ["[]"]


def test_a_child_is_signalled_once_and_a_missing_one_ignored() -> None:
    process_tree.signal_group(2**22 + 1, 15)


def test_a_child_that_leads_no_group_yet_is_signalled_itself() -> None:
    printed = run("""
        import os, signal, time
        child = os.fork() or time.sleep(600)
        signal_group(child, signal.SIGTERM)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """)

    assert printed == ["-15"]


def test_a_process_whose_parent_is_already_dead_exits() -> None:
    assert run("die_with_parent(1 << 22)\nprint('alive')\n") == []


@pytest.mark.parametrize("missing", ["none", "1/none"])
def test_a_process_that_vanishes_has_no_parent(missing) -> None:
    assert process_tree._parent(missing) == ""
    assert process_tree._parent(str(os.getpid())) == str(os.getppid())
