"""The trial API: what a training script calls to receive parameters and report metrics.

One self-contained file in Python 3.8 syntax that imports the standard library alone, so it
can be copied beside any script and sent to any machine. The names are those of NNI's trial
API: a script written for NNI migrates by changing its import to ``import sweepwright as nni``,
where the same functions are found, or ``import sweepwright.trial as nni``.

Inside a sweep the platform sets these environment variables:

=========================== ====================================================
``SWEEPWRIGHT_TRIAL``       the trial as JSON: sweep, trial, attempt, budget, seed, assignment
``SWEEPWRIGHT_REPORTS``     where reports go: ``fd:<number>``, ``file:<path>`` or ``stdout``
``SWEEPWRIGHT_ROLE``        this process's role, ``main`` unless told otherwise
``SWEEPWRIGHT_RANK``        its number within the role, 0 unless told otherwise
``SWEEPWRIGHT_CHECKPOINTS`` folder to write checkpoints to
``SWEEPWRIGHT_INHERITED``   folder of an earlier attempt's checkpoint, absent if there is none
``SWEEPWRIGHT_TENSORBOARD`` folder to write logs for TensorBoard to
=========================== ====================================================

Run by hand, with none of them set, the same script works: parameters are the defaults it
gives, and reports are printed. With ``SWEEPWRIGHT_TRIAL='{"assignment": {"lr": 0.1}}'``, which
names no sweep, they are that assignment; ``python run.py plan`` prints such a command.
"""

import json
import os
import sys

VERSION = 1
"""Version of the wire format; every line carries it under the key ``sweepwright``."""

_state: "dict[str, object]" = {}
_sent = [0]


def get_next_parameter(defaults=None):
    """Receive this trial's assignment, plain nested dicts.

    Parameters
    ----------
    defaults : dict, optional
        Values of the script's own for names that the assignment lacks; outside a sweep
        they are all there is.

    Returns
    -------
    dict
        A new one at each call.
    """
    parameters = dict(defaults or {})
    parameters.update(_trial().get("assignment", {}))
    _state["parameters"] = parameters
    return _copied(parameters)


def get_current_parameter(name=None):
    """Look one parameter up by its name, or receive all; ``KeyError`` for an unknown name.

    The defaults that `get_next_parameter` was given count.
    """
    if "parameters" not in _state:
        get_next_parameter()
    parameters = _copied(_state["parameters"])
    return parameters if name is None else parameters[name]


def report_intermediate_result(metric):
    """Report the metric as it stands now, once an epoch for instance.

    Parameters
    ----------
    metric : number or dict
        A number, a numpy scalar, a 0-d tensor, or a dict of them, of which ``default`` is
        the one usually optimised.

    Raises
    ------
    TypeError
        When a metric is not a number.
    """
    _report("intermediate", metric)


def report_final_result(metric):
    """Report the trial's result, once; see `report_intermediate_result` for what it may be."""
    _report("final", metric)


def get_trial_id():
    """Return the name of this attempt's job, or ``STANDALONE`` outside a sweep."""
    return _trial().get("job", "STANDALONE")


def get_experiment_id():
    """Return the sweep's id, or ``STANDALONE`` outside a sweep."""
    return _trial().get("sweep", "STANDALONE")


def get_sequence_id():
    """Return the trial's number in its sweep, from 0; 0 outside a sweep."""
    return _trial().get("trial", 0)


def checkpoint_dir():
    """Return the folder this attempt writes its checkpoint to, made if need be.

    What lies in it when the attempt ends well is what a later attempt inherits. Outside a
    sweep it is the folder ``checkpoint`` where the script was started.
    """
    path = os.environ.get("SWEEPWRIGHT_CHECKPOINTS", "checkpoint")
    os.makedirs(path, exist_ok=True)
    return path


def inherited_dir():
    """Return the folder of the checkpoint to continue from, to be read only, or None.

    Reports say from then on that the trial goes on from it: call this only to do so.
    """
    path = os.environ.get("SWEEPWRIGHT_INHERITED") or None
    _state["continued"] = path is not None
    return path


def tensorboard_dir():
    """Return the folder this attempt writes its logs for TensorBoard to, made if need be.

    Outside a sweep it is the folder ``tensorboard`` where the script was started.
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
    """Make a plain number of whatever holds one; NaN and infinities travel as text."""
    if not isinstance(value, (bool, int, float)) and hasattr(value, "item"):
        value = _item(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("a metric is a number, not %s" % type(value).__name__)
    try:
        number = float(value)
    except OverflowError:
        return "inf" if value > 0 else "-inf"
    return repr(number) if number - number != 0 else value


def _item(value):
    try:
        return value.item()
    except (TypeError, ValueError, RuntimeError):  # numpy and torch differ on large arrays
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
    while data:
        data = data[os.write(descriptor, data) :]
