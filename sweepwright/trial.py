"""The trial API: functions by which a training script receives parameters and reports metrics.

This is one self-contained file in Python 3.8 syntax that imports only the standard library, so
that it can be copied beside any script and sent to any machine. The functions have the names of
NNI's trial API: a script written for NNI only changes its import, to ``import sweepwright as nni``
or ``import sweepwright.trial as nni``.

Inside a sweep the platform sets these environment variables:

=========================== ====================================================
``SWEEPWRIGHT_TRIAL``       the trial as JSON: sweep, trial, attempt, budget, seed, assignment
``SWEEPWRIGHT_REPORTS``     target of reports: ``fd:<number>``, ``file:<path>`` or ``stdout``
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

import json
import os
import sys

VERSION = 1
"""Version of the trial protocol, which every report holds under the key ``sweepwright``."""

_state: "dict[str, object]" = {}
_sent = [0]  # number of reports; a list, so that `_report` needs no `global`


def get_next_parameter(defaults=None):
    """Return this trial's assignment, as plain nested dicts.

    Parameters
    ----------
    defaults : dict, optional
        Values of parameters that the assignment lacks. Outside a sweep there is no assignment, so
        all values are defaults.

    Returns
    -------
    dict
        A new dict at each call.
    """
    parameters = dict(defaults or {})
    parameters.update(_trial().get("assignment", {}))
    _state["parameters"] = parameters
    return _copied(parameters)


def get_current_parameter(name=None):
    """Return the value of a parameter, or a dict of all parameters if `name` is None.

    The parameters include the defaults that `get_next_parameter` received. An unknown name raises
    ``KeyError``.
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
    """
    _report("intermediate", metric)


def report_final_result(metric):
    """Report the trial's result, once; accept the same values as `report_intermediate_result`."""
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
    path = os.environ.get("SWEEPWRIGHT_CHECKPOINTS", "checkpoint")
    os.makedirs(path, exist_ok=True)
    return path


def inherited_dir():
    """Return the folder of the checkpoint to continue from, or None if there is no checkpoint.

    Do not write to this folder. Call this function only if you continue from the checkpoint,
    because later reports then say that the trial continued.
    """
    path = os.environ.get("SWEEPWRIGHT_INHERITED") or None
    _state["continued"] = path is not None
    return path


def tensorboard_dir():
    """Create and return the folder for this attempt's TensorBoard logs.

    Outside a sweep the folder is ``tensorboard`` in the working directory.
    """
    path = os.environ.get("SWEEPWRIGHT_TENSORBOARD", "tensorboard")
    os.makedirs(path, exist_ok=True)
    return path


def _copied(value):
    if isinstance(value, dict):
        return {key: _copied(held) for key, held in value.items()}
    return [_copied(held) for held in value] if isinstance(value, list) else value


def _trial():
    if "trial" not in _state:
        _state["trial"] = json.loads(os.environ.get("SWEEPWRIGHT_TRIAL", "{}"))
    return _state["trial"]


def _report(kind, metric):
    metrics = _plain(metric) if isinstance(metric, dict) else {"default": _number(metric)}
    if "sweep" not in _trial():
        print(
            "%s result: %s"
            % (kind, metrics["default"] if list(metrics) == ["default"] else metrics)
        )
        return
    sequence = _sent[0]
    _sent[0] += 1
    line = {
        "sweepwright": VERSION,
        "attempt": _trial().get("attempt", 1),
        "role": os.environ.get("SWEEPWRIGHT_ROLE", "main"),
        "rank": int(os.environ.get("SWEEPWRIGHT_RANK", "0")),
        "sequence": sequence,
        "kind": kind,
        "metrics": metrics,
    }
    if _state.get("continued"):
        line["continued"] = True
    _send(json.dumps(line, allow_nan=False) + "\n")


def _plain(metrics):
    return {str(name): _number(value) for name, value in metrics.items()}


def _number(value):
    """Convert a metric to a Python number, or to text if JSON lacks it (NaN and infinities)."""
    if not isinstance(value, (bool, int, float)) and hasattr(value, "item"):
        value = _item(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("a metric is a number, not %s" % type(value).__name__)
    try:
        number = float(value)
    except OverflowError:
        return "inf" if value > 0 else "-inf"
    # inf - inf and nan - nan are NaN, which equals nothing.
    return repr(number) if number - number != 0 else value


def _item(value):
    try:
        return value.item()
    except (
        TypeError,
        ValueError,
        RuntimeError,
    ):  # by library, for an array
        return value


def _send(line):
    target = os.environ.get("SWEEPWRIGHT_REPORTS", "stdout")
    if target.startswith("fd:"):
        _write_all(int(target[3:]), line.encode("utf-8"))
    elif target.startswith("file:"):
        with open(target[5:], "ab", buffering=0) as file:
            _write_all(file.fileno(), line.encode("utf-8"))
    else:
        sys.stdout.write(line)
        sys.stdout.flush()


def _write_all(descriptor, data):
    # A pipe may take only a part of a line.
    while data:
        data = data[os.write(descriptor, data) :]
