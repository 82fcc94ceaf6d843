"""Set-up for all tests: assertions in contract suites are explained, hypothesis is repeatable."""

import gc
import os
import signal
import sys
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Several test processes share the cores, and the threads of numpy's BLAS in each would wait for
# those of the others. This stands before numpy is imported, which reads it once.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The tests start hundreds of interpreters. Each would compile all of our modules anew if none were
# allowed to keep what it has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell that starts the tests in the background, or `nohup`, lets them ignore signals, and every
# process that they start would inherit this.
for number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = Path(__file__).parent
UNMEASURED = ("plugins", "benchmarks", "core/compiler/space/properties")
"""Folders whose tests run the same lines many thousands of times, with other data each time.

Measuring coverage would double their duration, and other tests cover these lines as well.
"""

_FAILED = pytest.StashKey[bool]()

# Importing and collecting make hardly any garbage; `pytest_collection_finish` enables it again.
gc.disable()
pytest.register_assert_rewrite("sweepwright.testing")
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def keep_streams_open() -> None:
    """Keep absl, a dependency of TensorFlow, from closing the stream that pytest captures.

    absl's log handler writes to the standard error of the moment at which it was made, which is
    pytest's stream. When Hydra configures logging in a test, all handlers are closed, and absl's
    closes its stream as well, unless that is the interpreter's own standard error.
    """
    if absl := sys.modules.get("absl.logging"):
        absl.get_absl_handler().python_handler.stream = sys.__stderr__


def pytest_collection_finish() -> None:
    """Exempt what was imported and collected from garbage collection, which is then quicker."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Exempt the tests of some folders from the measurement of coverage."""
    for item in items:
        if any(item.path.is_relative_to(HERE / folder) for folder in UNMEASURED):
            item.add_marker(pytest.mark.no_cover)


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure no coverage in tests that are marked so.

    pytest-cov does this only where the tests run in one process. In a worker of pytest-xdist it
    has begun two measurements, one within the other, and pauses the inner one alone.
    """
    tracer, measuring = sys.gettrace(), item.config.pluginmanager.hasplugin("_cov")
    if not measuring or not item.get_closest_marker("no_cover"):
        yield
        return
    sys.settrace(None)
    yield
    sys.settrace(tracer)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test has failed."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Close what a failed test has left open, so that no later test is blamed for it.

    The traceback of the failure holds the test's files, pipes and processes until the next test
    begins. Whichever test the collector then found them in would fail with `ResourceWarning`.
    """
    done = yield
    if item.stash.get(_FAILED, False):
        for name in ("last_exc", "last_traceback", "last_type", "last_value"):
            sys.__dict__.pop(name, None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()
    return done
