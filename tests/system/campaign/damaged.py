"""Commands on damaged stores: no traceback, nothing accepted in silence, no neighbour hidden."""

import io
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

from sweepwright.core.cli.app import main
from tests.system.campaign.damage import JOURNAL, Damage, inflict
from tests.system.campaign.runs import Grounds, Observed
from tests.system.campaign.verdicts import Verdict
from tests.system.sweeps import start, wait_for_a_trial

SECONDS = 60
"""Longest time that the commands on one damaged store may take."""
READERS = (["show"], ["best"], ["export", "--format", "jsonl"])
RESUMED = 10
"""One store in so many is resumed as well, which starts processes."""


class Template:
    """A store with a whole sweep, and a later one whose driver was killed."""

    def __init__(self, grounds: Grounds) -> None:
        self.store = grounds.store("template")
        self.site = str(grounds.folder / "site")
        begun = grounds.arguments(self.store, "hashed", 6)
        Observed().ended(start(begun, grounds.environment), [0])
        killed = start(grounds.arguments(self.store, "hashed", 60), grounds.environment)
        wait_for_a_trial(self.store)
        while not self._half_done():
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        self.rows = {sweep.name: _rows(sweep) or [] for sweep in self.sweeps}
        """All rows of each journal, by the name of the sweep."""

    @property
    def sweeps(self) -> list[Path]:
        """The folders of the whole sweep and of the killed one."""
        return sorted(path.parent for path in self.store.glob(f"[!.]*/{JOURNAL}"))

    def _half_done(self) -> bool:
        if len(self.sweeps) < 2:
            return False
        uri = f"file:{self.sweeps[1] / JOURNAL}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            count = "SELECT count(*) FROM events WHERE kind = 'measured'"
            (results,) = connection.execute(count).fetchone()
        return bool(results > 4)


def read_damaged(template: Template, damage: Damage, folder: Path) -> Verdict:
    """Damage a copy of the store, and run every command that reads it, in this process."""
    store = folder / f"damaged-{damage.seed}"
    shutil.copytree(template.store, store, ignore=shutil.ignore_patterns("trials", "reports"))
    # Only the sweep whose driver was killed has a write-ahead log.
    chosen = 1 if damage.file.endswith("-wal") else damage.seed % 2
    victim, neighbour = (template.sweeps[i].name for i in (chosen, 1 - chosen))
    inflict(damage, store / victim)
    observed = Observed()
    signal.signal(signal.SIGALRM, _time_out)
    signal.alarm(SECONDS)
    try:
        for arguments in READERS:
            _run([*arguments, f"store.path={store}"], observed)
        if neighbour not in _run(["list", f"store.path={store}"], observed):
            observed.faults.add("hidden")
        rows, whole = _rows(store / victim), template.rows[victim]
        checked = _run(["check-store", f"store.path={store}"], observed)
        # The last commits may be missing, because a crash may have lost them as well.
        if rows and rows != whole[: len(rows)] and "damaged" not in checked:
            observed.faults.add("silent")
        _run(["show", neighbour, f"store.path={store}"], observed, (0,))
        if damage.seed % RESUMED == 0:
            sys.path.insert(0, template.site)
            _run(["resume", victim, "--quiet", "max_trials=1", f"store.path={store}"], observed)
    except TimeoutError:
        observed.faults.add("exit")
    finally:
        signal.alarm(0)
        shutil.rmtree(store, ignore_errors=True)
    return Verdict("damaged stores", str(damage), sorted(observed.faults), observed.detail)


def _time_out(*_: Any) -> NoReturn:
    raise TimeoutError


def _run(arguments: list[str], observed: Observed, codes: tuple[int, ...] = (0, 1, 2)) -> str:
    """Run a command in this process, check its end, and return what it printed."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
    except TimeoutError:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever escapes would be a traceback
        observed.faults.add("traceback")
        observed.printed.append(f"{arguments[0]}: {type(error).__name__}: {error}")
        return out.getvalue()
    observed.printed.append(f"{arguments[0]}: {code}: {err.getvalue()[-300:]}")
    if code not in codes:
        observed.faults.add("exit")
    if code and not err.getvalue().strip() and not out.getvalue().strip():
        observed.faults.add("silent")
    return out.getvalue() + err.getvalue()


def _rows(sweep: Path) -> list[Any] | None:
    """Return all rows of a journal as SQLite finds them; None if it cannot read them."""
    try:
        with closing(sqlite3.connect(f"file:{sweep / JOURNAL}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            plan = connection.execute("SELECT * FROM sweep").fetchall()
            return plan + connection.execute("SELECT * FROM events ORDER BY sequence").fetchall()
    except (sqlite3.Error, OSError):
        return None


def read_in_child(template: Template, damage: Damage, folder: Path) -> Verdict:
    """Do so in a forked child, because commands change the state of their process."""
    reader, writer = os.pipe()
    if child := os.fork():
        os.close(writer)
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        if not text:
            return Verdict("damaged stores", str(damage), ["exit"], "the process died")
        return Verdict(**json.loads(text))
    try:
        try:
            verdict = read_damaged(template, damage, folder)
        except Exception:  # noqa: BLE001 - a mistake of the campaign itself
            verdict = Verdict("damaged stores", str(damage), ["exit"], traceback.format_exc())
        with os.fdopen(writer, "w") as pipe:
            fields = ("area", "state", "faults", "detail")
            json.dump({name: getattr(verdict, name) for name in fields}, pipe)
    finally:
        os._exit(0)
