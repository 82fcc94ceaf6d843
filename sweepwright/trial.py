"""The trial API: functions by which a training script receives parameters and reports metrics.

This is one self-contained file in Python 3.8 syntax that imports only the standard library, so
that it can be copied beside any script and sent to any machine. The functions have the names of
NNI's trial API: a script written for NNI only changes its import, to ``import sweepwright as nni``
or ``import sweepwright.trial as nni``.

Inside a sweep the platform sets these environment variables:

=========================== ====================================================
``SWEEPWRIGHT_TRIAL``       the trial as JSON: sweep, trial, attempt, budget, seed, assignment
``SWEEPWRIGHT_REPORTS``     ``file:<path>`` of a file or named pipe, ``fd:<number>``, or ``stdout``
``SWEEPWRIGHT_ROLE``        role of this process; ``main`` by default
``SWEEPWRIGHT_RANK``        number of this process within its role; 0 by default
``SWEEPWRIGHT_CHECKPOINTS`` folder for the checkpoint of this attempt
``SWEEPWRIGHT_INHERITED``   folder of an earlier attempt's checkpoint, absent if there is none
``SWEEPWRIGHT_TENSORBOARD`` folder to write logs for TensorBoard to
=========================== ====================================================

If the script runs by hand, without these variables, it receives its own defaults as parameters,
and its reports are printed. ``SWEEPWRIGHT_TRIAL='{"assignment": {"lr": 0.1}}'`` sets an assignment
for such a run; ``sweepwright plan`` prints a command of this kind.
"""

import _thread
import errno
import itertools
import json
import os
import stat
import sys

try:
    import fcntl
except ImportError:  # Windows, which has no named pipes in folders
    fcntl = None  # type: ignore[assignment]

VERSION = 1
"""Version of the trial protocol, which every report holds under the key ``sweepwright``."""
LONGEST_LINE = 1 << 16
"""Maximum length, in bytes, of the line of a report."""
_NAMES = ("TRIAL", "REPORTS", "ROLE", "RANK", "CHECKPOINTS", "INHERITED", "TENSORBOARD")
_state: "dict[str, object]" = {}
_variables: "dict[str, str]" = {}
_senders: "dict[int, tuple[str, itertools.count[int]]]" = {}  # by process id
_writing: "set[int]" = set()  # threads that write to a named pipe


def get_next_parameter(defaults=None):
    """Return a new dict of this trial's assignment, as plain nested dicts.

    Parameters
    ----------
    defaults : dict, optional
        Values of parameters that the assignment lacks. Outside a sweep there is no assignment, so
        all values are defaults.
    """
    _state["parameters"] = dict(defaults or {}, **_trial().get("assignment", {}))
    return _copied(_state["parameters"])


def get_current_parameter(name=None):
    """Return the value of a parameter, or a dict of all parameters if `name` is None.

    They include the defaults given to `get_next_parameter`. An unknown name is a ``KeyError``.
    """
    if "parameters" not in _state:
        get_next_parameter()
    parameters = _copied(_state["parameters"])
    return parameters if name is None else parameters[name]


def report_intermediate_result(metric):
    """Report the current value of the metric, for example once an epoch.

    Parameters
    ----------
    metric : number or dict
        A number, a numpy scalar, a 0-d tensor, or a dict of such values. The sweep optimises the
        value ``default`` of a dict, unless the sweep's ``objective.metric`` names another key.

    Raises
    ------
    TypeError
        If a metric is not a number.
    ValueError
        If the metrics take more than 64 KiB as JSON.
    BrokenPipeError
        If the sweep's driver has ended, so that no one reads the report.
    """
    _report("intermediate", metric)


def report_final_result(metric):
    """Report the trial's result; accept the same values as `report_intermediate_result`.

    If a trial reports several results, the last one counts.
    """
    _report("final", metric)


def get_trial_id():
    """Return the name of this attempt's job, or ``STANDALONE`` outside a sweep."""
    return _trial().get("job", "STANDALONE")


def get_experiment_id():
    """Return the sweep's id, or ``STANDALONE`` outside a sweep."""
    return _trial().get("sweep", "STANDALONE")


def get_sequence_id():
    """Return the trial's number in its sweep, which counts from 0, or 0 outside a sweep."""
    return _trial().get("trial", 0)


def checkpoint_dir():
    """Create and return the folder for this attempt's checkpoint.

    If the attempt succeeds, a later attempt may inherit the files in this folder. Outside a sweep
    the folder is ``checkpoint`` in the working directory.
    """
    path = _variable("SWEEPWRIGHT_CHECKPOINTS", "checkpoint")
    os.makedirs(path, exist_ok=True)
    return path


def inherited_dir():
    """Return the folder of the checkpoint to continue from, or None if there is no checkpoint.

    Do not write to this folder. Call this function only if you continue from the checkpoint,
    because later reports then say that the trial continued.
    """
    path = _variable("SWEEPWRIGHT_INHERITED") or None
    _state["continued"] = path is not None
    return path


def tensorboard_dir():
    """Create and return the folder for TensorBoard's logs, ``tensorboard`` outside a sweep."""
    path = _variable("SWEEPWRIGHT_TENSORBOARD", "tensorboard")
    os.makedirs(path, exist_ok=True)
    return path


def _copied(value):
    if isinstance(value, dict):
        return {key: _copied(held) for key, held in value.items()}
    return [_copied(held) for held in value] if isinstance(value, list) else value


def _variable(name, default=None):
    """Return a variable of the platform's, even if the script has cleared its environment."""
    if not _variables:
        names = ["SWEEPWRIGHT_" + name for name in _NAMES]
        _variables.update((known, os.environ[known]) for known in names if known in os.environ)
    return os.environ.get(name, _variables.get(name, default))


def _trial():
    if "trial" not in _state:
        _state["trial"] = json.loads(_variable("SWEEPWRIGHT_TRIAL", "{}"))
    return _state["trial"]


def _report(kind, metric):
    given = metric if isinstance(metric, dict) else {"default": metric}
    metrics = {str(name): _number(value) for name, value in given.items()}
    if "sweep" not in _trial():
        only = list(metrics) == ["default"]
        print("%s result: %s" % (kind, metrics["default"] if only else metrics))
        return
    process, sequence = _next_number()
    line = {
        "sweepwright": VERSION,
        "attempt": _trial().get("attempt", 1),
        "role": _variable("SWEEPWRIGHT_ROLE", "main"),
        "rank": int(_variable("SWEEPWRIGHT_RANK", "0")),
        "process": process,
        "sequence": sequence,
        "kind": kind,
        "metrics": metrics,
    }
    if _state.get("continued"):
        line["continued"] = True
    data = (json.dumps(line, allow_nan=False) + "\n").encode("utf-8")
    if len(data) > LONGEST_LINE:
        sizes = (LONGEST_LINE, len(metrics), len(data))
        raise ValueError("a report takes at most %d bytes; %d metrics take %d" % sizes)
    _send(data)


def _next_number():
    """Return an id of this process, and the number of its next report, counted from 0.

    A forked child begins with a copy of its parent's memory, but gets an id of its own.
    """
    sender = _senders.get(os.getpid())
    if sender is None:
        # Threads may report at once; `setdefault` and `next` are atomic.
        sender = _senders.setdefault(os.getpid(), (os.urandom(6).hex(), itertools.count()))
    return sender[0], next(sender[1])


def _number(value):
    """Convert a metric to a Python number, or to text if JSON lacks it (NaN and infinities)."""
    given = value
    try:
        if not isinstance(value, (bool, int, float)) and hasattr(value, "item"):
            value = value.item()
        number = float(value) if _has_number(value) else None
    except OverflowError:
        return "inf" if value > 0 else "-inf"
    except (TypeError, ValueError, RuntimeError):  # by library, for an array
        number = None
    if number is None or _is_masked(given):
        raise TypeError("a metric is a number, not %s" % type(given).__name__)
    # inf - inf and nan - nan are NaN, which equals nothing.
    if number - number != 0:
        return repr(number)
    return value if isinstance(value, (int, float)) else number


def _has_number(value):
    """Tell whether a value stands for a number, as text and booleans do not."""
    kind = type(value)
    names = {"__float__", "__index__"}
    return kind in (float, int) or (kind is not bool and not names.isdisjoint(dir(kind)))


def _is_masked(value):
    """Tell whether a value is a masked element of numpy, whose number means nothing."""
    mask = getattr(value, "mask", False)
    return not callable(mask) and bool(mask)


def _send(data):
    target = _variable("SWEEPWRIGHT_REPORTS", "stdout")
    if target.startswith("file:"):
        _append(target[5:], data)
    elif target.startswith("fd:"):
        _write_all(int(target[3:]), data)
    else:
        sys.stdout.write(data.decode("utf-8"))
        sys.stdout.flush()


def _append(path, data):
    """Append a line to a file or a named pipe, to which other processes may write as well.

    The name is opened for each report. A descriptor that stays open would be lost to processes
    that a launcher starts, and its number may come to belong to a file of the user's.
    """
    # Without O_NONBLOCK, opening a pipe that no one reads would wait for a reader.
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
        try:
            is_pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
            (_write_to_pipe if is_pipe else _write_all)(descriptor, data)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENXIO, errno.EPIPE):
            raise
        reason = "no one reads this trial's reports: the driver has ended, or the pipe was deleted"
        raise BrokenPipeError(errno.EPIPE, reason, path) from None


def _write_to_pipe(descriptor, data):
    """Write a line so that no line of another process or thread lands in the middle of it."""
    os.set_blocking(descriptor, True)
    thread = _thread.get_ident()
    if thread in _writing:
        # A signal handler reports. Waiting for the lock of the interrupted thread never ends.
        _write_all(descriptor, data)
        return
    _writing.add(thread)
    try:
        _lock(descriptor, fcntl.LOCK_EX)
        _write_all(descriptor, data)
    finally:
        # A child that another thread forks at this moment has a copy of the descriptor. Closing
        # our own copy would leave the lock to the child.
        _lock(descriptor, fcntl.LOCK_UN)
        _writing.discard(thread)


def _lock(descriptor, operation):
    # A sandbox may refuse locks. A line of up to 4096 bytes is written as one even so.
    try:  # noqa: SIM105 - contextlib takes longer to import than this file
        fcntl.flock(descriptor, operation)
    except OSError:
        pass


def _write_all(descriptor, data):
    # A pipe may take only a part of a line.
    while data:
        data = data[os.write(descriptor, data) :]
