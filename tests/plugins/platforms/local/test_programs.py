"""Programs run on `local` as they would by hand."""

import json
import os
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from sweepwright.contracts import Command, PythonFile, PythonModule, Role
from sweepwright.events import Failure, FailureKind

WORLD = """
    import json, os, sys, __main__
    print(json.dumps({
        "argv": sys.argv, "path": sys.path[0], "file": __file__, "name": __name__,
        "main": __main__.__dict__ is globals(), "cwd": os.getcwd(),
        "session": os.getsid(0) == os.getpid(), "stdin": sys.stdin.read(),
        "ours": [name for name in sys.modules if "fork_server" in name and "." not in name],
        "spec": __spec__ and __spec__.name,
    }))
"""


def test_a_file_finds_the_world_as_python_leaves_it(bench) -> None:
    entry = PythonFile(bench.file(WORLD).path, ("--data=x",))

    assert bench.run(entry) is None
    world = json.loads(bench.printed(0)[0])
    assert world["argv"] == [entry.path, "--data=x"]
    assert world["path"] == str(bench.folder)
    assert world["file"] == entry.path
    assert world["name"] == "__main__"
    assert world["main"]
    assert world["cwd"] == str(bench.folder)
    assert world["session"]
    assert world["stdin"] == ""
    assert world["spec"] is None


def test_a_relative_path_is_relative_to_the_folder(bench) -> None:
    bench.file("print('found')", "here")

    assert bench.run(PythonFile("here0.py")) is None
    assert bench.printed(0)[0] == "found\n"


def test_a_module_finds_the_world_as_python_leaves_it(bench) -> None:
    (bench.folder / "parts").mkdir()
    (bench.folder / "parts" / "__init__.py").touch()
    (bench.folder / "parts" / "train.py").write_text(dedent(WORLD))

    assert bench.run(PythonModule("parts.train", ("--epochs=3",))) is None
    world = json.loads(bench.printed(0)[0])
    assert world["argv"] == [str(bench.folder / "parts" / "train.py"), "--epochs=3"]
    assert world["path"] == str(bench.folder)
    assert world["spec"] == "parts.train"
    assert world["main"]


def test_a_program_finds_its_environment_and_reports(bench) -> None:
    script = 'echo "$HELLO $PWD"; echo line >&${SWEEPWRIGHT_REPORTS#fd:}'

    job = bench.launch(Command(("/bin/sh", "-c", script)), environment={"HELLO": "hi"})

    assert bench.end(job) is None
    assert bench.printed(0)[0] == f"hi {bench.folder}\n"
    assert bench.lines(job) == ["line"]


def test_a_program_is_not_deaf_to_broken_pipes(bench, shell) -> None:
    """Python ignores SIGPIPE, and what it execs would inherit that."""
    assert bench.run(shell("yes | head -n 1")) is None
    assert bench.printed(0) == ("y\n", "")


def test_threads_and_exit_handlers_end_what_main_began(bench) -> None:
    failure = bench.run("""
        import atexit, threading, time
        atexit.register(print, "last")
        threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
        print("main")
    """)

    assert failure is None
    assert bench.printed(0)[0].split() == ["main", "thread", "last"]


def test_a_failing_exit_handler_is_shown_and_changes_nothing(bench) -> None:
    failure = bench.run("""
        import atexit
        def fail(): raise ValueError("late")
        atexit.register(fail)
    """)

    assert failure is None
    assert "ValueError: late" in bench.printed(0)[1]


def test_what_a_preloaded_library_does_at_exit_is_left_to_nobody(bench, tmp_path) -> None:
    """It is about the server's own affairs, and may take longer than the trial."""
    library = "import atexit, logging, weakref\natexit.register(print, 'theirs')\n"
    library += "class Thing: ...\nthing = Thing()\nweakref.finalize(thing, print, 'theirs')\n"
    (tmp_path / "leaving_library.py").write_text(library)

    failure = bench.run(
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
    assert bench.printed(0)[0].split() == ["ours", "finalized"]


def test_tracebacks_show_the_trial_and_nothing_of_ours(bench) -> None:
    bench.run("def train():\n    raise ValueError('bad lr')\ntrain()\n")

    printed = bench.printed(0)[1]
    assert printed.startswith("Traceback (most recent call last):\n")
    assert printed.endswith("ValueError: bad lr\n")
    assert "fork_server" not in printed
    assert printed.count("File ") == 2


def test_a_hook_for_exceptions_is_honoured(bench) -> None:
    failure = bench.run("""
        import sys
        sys.excepthook = lambda *_: print("mine")
        raise KeyError("k")
    """)

    assert failure == Failure(FailureKind.ERROR, "KeyError: 'k'")
    assert bench.printed(0) == ("mine\n", "")


def test_a_broken_hook_for_exceptions_does_not_hide_the_exception(bench) -> None:
    bench.run("import sys\nsys.excepthook = None\nraise KeyError('k')\n")

    assert "KeyError: 'k'" in bench.printed(0)[1]


def test_trials_do_not_share_their_randomness(bench) -> None:
    """A library imported before the fork would give every trial the same numbers."""
    code = "import random, numpy\nprint(random.random(), numpy.random.random())\n"
    for _ in range(2):
        bench.run(code, preload=("numpy.random",))
    first, second = (bench.printed(trial)[0].split() for trial in (0, 1))

    assert first[0] != second[0]
    assert first[1] != second[1]


def test_one_trial_imports_for_all(bench) -> None:
    """What is preloaded is there, and what a trial adds is not there for the next."""
    code = """
        import sys
        print("sklearn" in sys.modules, "tabnanny" in sys.modules)
        import tabnanny
    """
    for _ in range(2):
        bench.run(code, preload=("sklearn",))

    assert [bench.printed(trial)[0] for trial in (0, 1)] == ["True False\n"] * 2


def test_the_interpreter_obeys_the_environment_of_the_job(bench) -> None:
    failure = bench.run(
        "import sys\nprint(sys.flags.utf8_mode, 1)\n", environment={"PYTHONUTF8": "1"}
    )

    assert failure is None
    assert bench.printed(0)[0] == "1 1\n"


def test_each_process_has_its_share_of_the_processors(build_bench, monkeypatch) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    bench = build_bench(concurrency=2, cpus=8)
    code = "import os\nprint(os.environ['OMP_NUM_THREADS'])\n"
    entry = bench.file(code)

    bench.run(entry)
    bench.run((Role("main", entry, resources={"cpu": 3}),))
    bench.run(entry, environment={"OMP_NUM_THREADS": "7"})

    assert [bench.printed(trial)[0] for trial in range(3)] == ["4\n", "3\n", "7\n"]


def test_a_sweep_within_a_trial_does_not_speak_for_it(build_bench, monkeypatch) -> None:
    monkeypatch.setenv("SWEEPWRIGHT_REPORTS", "fd:99")
    monkeypatch.setenv("SWEEPWRIGHT_INHERITED", "/nowhere")
    bench = build_bench()
    code = "import os\nprint(*sorted(name for name in os.environ if name.startswith('SWEEPW')))\n"
    entry = bench.file(code)
    bench.run((Role("mute", entry, reports=False),))

    named = bench.printed(0, "mute-0")[0].split()
    assert "SWEEPWRIGHT_TRIAL" in named
    assert "SWEEPWRIGHT_REPORTS" not in named
    assert "SWEEPWRIGHT_INHERITED" not in named


def test_another_interpreter_may_run_the_trials(build_bench, tmp_path) -> None:
    link = tmp_path / "other-python"
    link.symlink_to(sys.executable)
    bench = build_bench(python=str(link))

    assert bench.run("import sys\nprint(sys.executable)\n") is None
    assert bench.printed(0)[0] == f"{link}\n"


@pytest.mark.parametrize("fork_safe", [True, False])
def test_a_multiprocessing_trial_works(bench, fork_safe) -> None:
    failure = bench.run(
        """
        import multiprocessing
        def double(x): return 2 * x
        if __name__ == "__main__":
            for method in ("fork", "spawn"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    print(pool.map(double, [1, 2]))
        """,
        fork_safe=fork_safe,
    )

    assert failure is None, bench.printed(0)
    assert bench.printed(0)[0] == "[2, 4]\n[2, 4]\n"


def test_prestarted_interpreters_have_imported_and_are_used_once(bench) -> None:
    code = """
        import os, sys
        print("mailbox" in sys.modules, "tabnanny" in sys.modules, os.getpid())
        import tabnanny
    """
    for _ in range(3):
        assert bench.run(code, preload=("mailbox",), fork_safe=False) is None
    printed = [bench.printed(trial)[0].split() for trial in range(3)]

    assert [words[:2] for words in printed] == [["True", "False"]] * 3
    assert len({words[2] for words in printed}) == 3


def test_a_prestarted_job_may_have_roles_and_programs(bench, shell) -> None:
    said = "from sweepwright.trial import report_final_result as r\nr(1)\n"
    roles = (
        Role("worker", bench.file(said), replicas=2),
        Role("side", shell("echo side; sleep 60"), reports=False),
    )
    job = bench.launch(roles, fork_safe=False)

    assert bench.end(job) is None
    assert len(bench.lines(job)) == 1


@pytest.mark.parametrize("fork_safe", [True, False])
def test_what_cannot_be_imported_ahead_is_told(bench, fork_safe) -> None:
    failure = bench.run("pass", preload=("no_such_library",), fork_safe=fork_safe)

    assert failure == Failure(
        FailureKind.LAUNCH,
        "`no_such_library` cannot be imported ahead of trials: "
        "ModuleNotFoundError: No module named 'no_such_library'",
    )


def test_a_refusal_holds_for_the_next_job(bench) -> None:
    first, second = (bench.run("pass", preload=("no_such_library",)) for _ in range(2))

    assert second == first


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (PythonFile("missing.py"), "there is no `missing.py`"),
        (PythonFile("."), "`.`: Is a directory"),
        (PythonModule("no.such.module"), "there is no module `no.such.module`"),
        (PythonModule("json.nothing"), "there is no module `json.nothing`"),
        (Command(("no-such-program",)), "there is no program `no-such-program`"),
        (
            Command(("./plain.txt",)),
            "`./plain.txt` cannot be run: Permission denied; is it executable?",
        ),
        (
            Command(("./odd",)),
            "`./odd` cannot be run: Exec format error; a script begins with `#!`",
        ),
    ],
)
def test_what_cannot_start_says_why(bench, entry, message) -> None:
    (bench.folder / "plain.txt").touch()
    (bench.folder / "odd").write_text("no program")
    (bench.folder / "odd").chmod(0o755)

    assert bench.run(entry) == Failure(FailureKind.LAUNCH, message)


def test_a_long_assignment_reaches_python_and_is_told_of_a_program(bench, shell) -> None:
    """Only exec has a limit on the length of one string."""
    long = {"SWEEPWRIGHT_TRIAL": "x" * (300 << 10)}
    size = "import os\nprint(len(os.environ['SWEEPWRIGHT_TRIAL']))\n"

    assert bench.run(size, environment=long) is None
    assert bench.printed(0)[0] == f"{300 << 10}\n"
    failure = bench.run(shell("true"), environment=long)
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert "at most 128 KiB" in failure.message


def test_a_missing_folder_or_file_is_told(bench) -> None:
    nowhere = bench.run("pass", folder=str(bench.folder / "nowhere"))
    without = bench.run("pass", files=("data.csv",))

    assert nowhere == Failure(FailureKind.LAUNCH, f"there is no `{bench.folder / 'nowhere'}`")
    assert without is not None
    assert without.message == f"`{bench.folder / 'data.csv'}`: No such file or directory"


def test_a_folder_that_cannot_be_written_is_told(bench) -> None:
    """As on a full disk: the sweep goes on to say so."""
    (bench.folder / "trials").write_text("in the way")

    failure = bench.run("pass")

    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert "Not a directory" in failure.message


def test_output_that_cannot_be_opened_is_told(bench) -> None:
    (bench.folder / "trials" / "0" / "1" / "main-0.stderr").mkdir(parents=True)

    failure = bench.run("pass")

    assert failure is not None
    assert "main-0.stderr`: Is a directory" in failure.message


def test_a_missing_interpreter_is_told(build_bench) -> None:
    bench = build_bench(python="/no/such/python")

    failure = bench.run("pass")

    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert "/no/such/python" in failure.message


def test_an_environment_that_is_none_is_told(bench) -> None:
    failure = bench.run("pass", environment={"ZERO": "a\0b"})

    assert failure == Failure(FailureKind.LAUNCH, "embedded null byte")


def test_memory_is_limited(bench) -> None:
    roles = (Role("main", bench.file("x = bytearray(1 << 30)\n"), resources={"memory": 1 << 28}),)

    assert bench.run(roles) == Failure(FailureKind.MEMORY, "MemoryError")


def test_the_kernel_takes_trials_before_the_driver(bench) -> None:
    bench.run("print(open('/proc/self/oom_score_adj').read())\n")

    assert int(bench.printed(0)[0]) > int(Path("/proc/self/oom_score_adj").read_text())


def test_a_forked_child_that_falls_off_the_end_ends(bench) -> None:
    """The child of a trial's own fork must not come back into the server."""
    failure = bench.run("""
        import os, sys
        child = os.fork()
        if not child:
            raise ValueError("the child's own")
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """)

    assert failure is None
    assert bench.printed(0)[0] == "1\n"


def test_nothing_of_the_driver_is_open_in_a_trial(bench, tmp_path) -> None:
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)  # noqa: FBT003 - positional only
    bench.run("""
        import glob, os
        print([os.readlink(file) for file in glob.glob("/proc/self/fd/*") if os.path.islink(file)])
    """)
    secret.close()

    links = bench.printed(0)[0]
    assert "secret" not in links
    assert "socket" not in links
    assert links.count("pipe:") == 2, "the reports, and the word"
