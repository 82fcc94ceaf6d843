"""Contract suites and a simulated platform, for the authors of plugins.

A test file of a few lines tests a tuner, an assessor or a platform against its contract::

    from sweepwright.testing.tuners import TunerSuite

    from my_package.plugin import sweep_tuners


    class TestMine(TunerSuite):
        provider = sweep_tuners()[0]

``pytest`` runs every check of the suite. It runs each check of a tuner once per problem of
`testing.problems` that the tuner can search. Attributes of the class (``repeats``, ``ends``,
``seeded``, ``outlives``) and an override of ``options`` declare where a plugin may differ.

==================== =========================================================
``tuners``           `TunerSuite`
``assessors``        `AssessorSuite`
``platforms``        `PlatformSuite`, for platforms of any kind
``refusals``         `RefusalSuite`, for a machine that refuses resources to a platform
``attempt_files``    `AttemptFilesSuite`, for the files that `logs` and `fetch` read
``outliving``        `OutlivingSuite`, for platforms whose jobs outlive the driver
``processes``        `ProcessSuite`, for platforms of local processes; needs psutil
``simulated``        a platform with a virtual clock, for tests that drive whole sweeps
``tuner_harness``    plays the driver for a tuner, for tests of the tuner's suggestions
``kubernetes``       a Kubernetes API server and a cluster, whose pods are local processes
``openpai``          an OpenPAI server, whose tasks are local processes
``hashed``           a tuner that shows whether a sweep replays exactly
==================== =========================================================

To see the values in failed checks, ``conftest.py`` must call
``pytest.register_assert_rewrite("sweepwright.testing")`` before it imports a suite.
"""

import inspect
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def failed_checks(suite: type, *names: str) -> dict[str, str]:
    """Run the named checks of a suite without pytest, and map each failed check to its error.

    Without names, all checks run. A check stops at the first problem on which it fails.
    """
    instance = suite()
    checks = names or [name for name in dir(instance) if name.startswith("test_")]
    errors = {name: _error(instance, getattr(instance, name)) for name in checks}
    return {name: error for name, error in errors.items() if error is not None}


def _error(suite: Any, check: Callable[..., None]) -> str | None:
    try:
        for arguments in _arguments(suite, check):
            with tempfile.TemporaryDirectory() as folder:
                check(**{k: Path(folder) if k == "tmp_path" else v for k, v in arguments.items()})
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        return f"{type(error).__name__}: {error}"
    return None


def _arguments(suite: Any, check: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each run of a check: ``tmp_path`` as in pytest, and each problem."""
    wanted = inspect.signature(check).parameters
    fixed = {"tmp_path": None} if "tmp_path" in wanted else {}
    if "problem" not in wanted:
        yield fixed
        return
    for problem in suite.problems().values():
        yield {**fixed, "problem": problem}
