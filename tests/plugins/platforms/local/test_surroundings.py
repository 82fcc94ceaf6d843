"""Python code finds the modules and variables that it finds by hand."""

import json
import signal
import sys
from textwrap import dedent

from sweepwright.contracts import PythonFile, PythonModule, Role

WORLD = """
    import json, os, sys, __main__
    print(json.dumps({
        "argv": sys.argv, "path": sys.path[0], "file": __file__, "name": __name__,
        "main": __main__.__dict__ is globals(), "cwd": os.getcwd(),
        "group": os.getpgrp() == os.getpid(), "stdin": sys.stdin.read(),
        "ours": [name for name in sys.modules if "fork_server" in name and "." not in name],
        "spec": __spec__ and __spec__.name,
    }))
"""


def test_a_file_runs_as_under_python(harness) -> None:
    entry = PythonFile(harness.file(WORLD).path, ("--data=x",))

    assert harness.run(entry) is None
    world = json.loads(harness.printed(0)[0])
    assert world["argv"] == [entry.path, "--data=x"]
    assert world["path"] == str(harness.folder)
    assert world["file"] == entry.path
    assert world["name"] == "__main__"
    assert world["main"]
    assert world["cwd"] == str(harness.folder)
    assert world["group"]
    assert world["stdin"] == ""
    assert world["spec"] is None


def test_signals_that_are_blocked_stay_so_and_no_end_is_missed(harness) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGUSR1])
    try:
        failure = harness.run("import signal; print(len(signal.pthread_sigmask(0, [])))")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)

    assert failure is None
    assert harness.printed(0)[0] == f"{len(blocked) + 2}\n"


def test_a_relative_path_is_relative_to_the_folder(harness) -> None:
    harness.file("print('found')", "here")

    assert harness.run(PythonFile("here0.py")) is None
    assert harness.printed(0)[0] == "found\n"


def test_a_module_runs_as_under_python_m(harness) -> None:
    (harness.folder / "parts").mkdir()
    (harness.folder / "parts" / "__init__.py").touch()
    (harness.folder / "parts" / "train.py").write_text(dedent(WORLD))

    assert harness.run(PythonModule("parts.train", ("--epochs=3",))) is None
    world = json.loads(harness.printed(0)[0])
    assert world["argv"] == [str(harness.folder / "parts" / "train.py"), "--epochs=3"]
    assert world["path"] == str(harness.folder)
    assert world["spec"] == "parts.train"
    assert world["main"]


def test_the_interpreter_starts_with_the_environment_of_the_job(harness) -> None:
    failure = harness.run(
        "import sys\nprint(sys.flags.utf8_mode, 1)\n", environment={"PYTHONUTF8": "1"}
    )

    assert failure is None
    assert harness.printed(0)[0] == "1 1\n"


def test_another_interpreter_may_run_the_trials(build_harness, tmp_path) -> None:
    link = tmp_path / "other-python"
    link.symlink_to(sys.executable)
    harness = build_harness(python=str(link))

    assert harness.run("import sys\nprint(sys.executable)\n") is None
    assert harness.printed(0)[0] == f"{link}\n"


def test_a_link_finds_the_modules_beside_the_file_itself(harness) -> None:
    (harness.folder / "code").mkdir()
    (harness.folder / "code" / "beside.py").write_text("found = 'beside the file'\n")
    (harness.folder / "code" / "train.py").write_text("import beside\nprint(beside.found)\n")
    (harness.folder / "middle.py").symlink_to("code/train.py")
    (harness.folder / "link.py").symlink_to("middle.py")

    assert harness.run(PythonFile("link.py")) is None
    assert harness.printed(0)[0] == "beside the file\n"


def test_modules_on_the_path_of_a_trial_are_its_own_and_not_the_servers(harness) -> None:
    """Even modules that the server itself could not do without."""
    (harness.folder / "path").mkdir()
    for name in ("json", "selectors", "socket", "struct"):
        (harness.folder / "path" / f"{name}.py").write_text("mine = True\n")
    failure = harness.run(
        "import json, selectors, socket, struct\n"
        "print(json.mine, selectors.mine, socket.mine, struct.mine)\n",
        environment={"PYTHONPATH": str(harness.folder / "path")},
    )

    assert failure is None
    assert harness.printed(0)[0] == "True True True True\n"


def test_variables_of_a_role_that_are_read_at_the_start_take_effect(harness, tmp_path) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "only_there.py").touch()
    code = harness.file("""
        import sys, time
        try:
            import only_there
        except ImportError:
            only_there = None
        random = sys.flags.hash_randomization
        print(bool(only_there), random, 0 if random else hash("x"), end=" ")
        print(sys.flags.utf8_mode, time.tzname[0], "mailbox" in sys.modules)
    """)
    own = {"PYTHONPATH": str(tmp_path / "path"), "PYTHONHASHSEED": "0", "TZ": "ABC+3"}
    roles = (Role("main", code), Role("side", code, 2, own))
    for _ in range(2):
        job = harness.launch(roles, preload=("mailbox",), environment={"PYTHONUTF8": "1"})
        assert harness.end(job) is None
    printed = [harness.printed(t, f"side-{rank}")[0].split() for t in (0, 1) for rank in (0, 1)]

    assert harness.printed(0)[0].split()[:2] == ["False", "1"]
    assert all(words[:2] == ["True", "0"] for words in printed)
    assert all(words[3:] == ["1", "ABC", "True"] for words in printed)
    assert len({words[2] for words in printed}) == 1, "the hash is the same"
