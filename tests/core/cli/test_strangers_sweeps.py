"""A sweep of another user is shown with a note, and resumed only on request."""

import os
import pwd
from pathlib import Path

import pytest

from sweepwright.core.store.lock import is_driven, take_lock
from sweepwright.core.store.sweep_files import JOURNAL
from tests.core.cli.application import App
from tests.core.recorded_sweeps import record

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@as_root
@pytest.mark.parametrize("given", ["", JOURNAL])
def test_a_sweep_of_another_user_is_not_resumed_unasked(app: App, given: str) -> None:
    app("trial=noop", "max_trials=2", "--quiet")
    (sweep,) = Path("sweeps").iterdir()
    os.chown(sweep / given, NOBODY, -1)
    owner = pwd.getpwuid(NOBODY).pw_name
    refused = app("resume", "max_trials=3")

    assert refused.code == 2
    assert refused.err == (
        f"error: sweep {sweep.name} belongs to user `{owner}`, whose programs would run with your "
        "rights; if you trust them: resume --trust-owner\n"
    )
    assert len(app("export").out.splitlines()) == 3

    resumed = app("resume", "--trust-owner", "--quiet", "max_trials=3")

    assert "3 trials finished" in resumed.out


@as_root
def test_a_sweep_of_another_user_is_shown_with_a_note(app: App) -> None:
    sweep = record(Path("sweeps"), [0.5])
    os.chown(sweep, 54321, -1)
    note = f"note: sweep {sweep.name} belongs to the user with number 54321\n"

    for command in ("show", "best", "export"):
        ran = app(command)

        assert ran.code == 0
        assert ran.err == note
    assert app("list").err == (
        f"note: some sweeps belong to the user with number 54321, for example {sweep.name}\n"
    )


def test_a_sweep_of_ones_own_is_shown_without_a_note(app: App) -> None:
    record(Path("sweeps"), [0.5])

    assert [app(command).err for command in ("show", "best", "export", "list")] == [""] * 4


@pytest.mark.parametrize("link", [JOURNAL, "trials", "fork-server.log"])
def test_a_sweep_with_links_is_not_resumed(app: App, link: str, tmp_path: Path) -> None:
    sweep = record(Path("sweeps"), [0.5])
    outside = tmp_path / "outside"
    if (sweep / link).exists():
        (sweep / link).rename(outside)
    else:
        outside.write_text("mine")
    before = outside.read_bytes()
    (sweep / link).symlink_to(outside)
    refused = app("resume")

    assert refused.code == 2
    assert refused.err == (
        f"error: {sweep / link} is a symbolic link, and sweepwright writes nothing through links; "
        "to resume the sweep, replace the link by what it leads to\n"
    )
    assert outside.read_bytes() == before


def test_a_sweep_that_is_a_link_is_resumed_where_it_is(app: App, tmp_path: Path) -> None:
    app("trial=noop", "max_trials=2", "--quiet", "store.path=elsewhere")
    (sweep,) = Path("elsewhere").iterdir()
    Path("sweeps").mkdir()
    Path("sweeps", "linked").symlink_to(Path("..") / sweep)
    lock = take_lock(sweep)
    running = is_driven(Path("sweeps", "linked"))
    os.close(lock)
    refused = app("resume", "linked", "max_trials=3", "--quiet")
    *_, way_out = refused.err.partition("to resume the sweep where it is: ")

    assert running
    assert refused.code == 2
    assert refused.err.startswith("error: sweeps/linked is a symbolic link; ")
    assert way_out.split() == ["resume", sweep.name, f"store.path={tmp_path / 'elsewhere'}"]
    assert "3 trials finished" in app(*way_out.split(), "max_trials=3", "--quiet").out


@pytest.mark.parametrize("link", ["1", "1/1", "1/1/main-0.stdout", "1/1/checkpoint.part"])
def test_a_trial_writes_nothing_through_links(app: App, link: str, tmp_path: Path) -> None:
    """The folder of the next attempt, or a file in it, may be a link into somebody's home."""
    script = (
        "import sweepwright as s\n(s.checkpoint_dir() / 'x').touch()\ns.report_final_result(1)\n"
    )
    Path("train.py").write_text(script)
    app("trial=noop", "trial.entries.python=train.py", "max_trials=1", "--quiet")
    (sweep,) = Path("sweeps").iterdir()
    outside = tmp_path / "outside"
    if link.endswith("stdout"):
        outside.write_text("mine")
    else:
        outside.mkdir()
    (sweep / "trials" / link).parent.mkdir(parents=True, exist_ok=True)
    (sweep / "trials" / link).symlink_to(outside)
    app("resume", "max_trials=2", "--quiet")

    assert outside.read_text() == "mine" if outside.is_file() else not list(outside.iterdir())
