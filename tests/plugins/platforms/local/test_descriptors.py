"""Whatever a trial does to its descriptors, its end is understood and its files stay its own."""

import os

import pytest

from sweepwright.events import Failure, FailureKind


@pytest.mark.parametrize("fork_safe", [True, False])
def test_garbage_on_every_descriptor_harms_nothing(harness, fork_safe) -> None:
    failure = harness.run(
        """
        import os
        lines = b'garbage\\n{"pid": 1, "kind": "unknown"}\\n{"kind": "x", "message": 3}\\n[' * 9
        for name in os.listdir("/proc/self/fd"):
            try:
                os.write(int(name), lines)
                os.pwrite(int(name), lines, 0)
            except OSError:
                pass
        raise ValueError("its own")
        """,
        fork_safe=fork_safe,
    )

    assert failure == Failure(FailureKind.ERROR, "ValueError: its own")
    assert harness.run("pass", fork_safe=fork_safe) is None


@pytest.mark.parametrize("fork_safe", [True, False])
def test_a_trial_that_closed_every_descriptor_tells_why_it_failed(harness, fork_safe) -> None:
    """And nothing is written into the files that have the numbers now."""
    failure = harness.run(
        """
        import os
        os.closerange(3, 256)
        kept = [open(f"mine{i}", "w") for i in range(9)]
        raise ValueError("late")
        """,
        fork_safe=fork_safe,
    )

    assert failure == Failure(FailureKind.ERROR, "ValueError: late")
    assert [(harness.folder / f"mine{i}").read_text() for i in range(9)] == [""] * 9


def test_a_launched_program_inherits_no_descriptor_but_the_standard_ones(harness) -> None:
    harness.run("""
        import subprocess
        subprocess.run(["/bin/ls", "/proc/self/fd"], close_fds=False)
    """)

    # The fourth is of the folder that `ls` lists.
    assert harness.printed(0)[0].split() == ["0", "1", "2", "3"]


def test_a_trial_inherits_no_descriptor_of_the_driver(harness, tmp_path) -> None:
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)  # noqa: FBT003 - positional only
    harness.run("""
        import glob, os
        print([os.readlink(file) for file in glob.glob("/proc/self/fd/*") if os.path.islink(file)])
    """)
    secret.close()

    links = harness.printed(0)[0]
    assert "secret" not in links
    assert "socket" not in links
    assert "pipe:" not in links
