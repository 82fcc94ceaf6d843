"""Every built-in platform keeps the contract."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sweepwright.contracts import PlatformProvider
from sweepwright.plugins.platforms.local import LocalOptions, sweep_platforms
from sweepwright.testing.attempt_files import AttemptFilesSuite
from sweepwright.testing.processes import ProcessSuite
from sweepwright.testing.refusals import RefusalSuite
from tests.interpreters import make_environment, others
from tests.system.faults.limits import exhausted_descriptors


def _local() -> PlatformProvider[LocalOptions]:
    [provider] = sweep_platforms()
    return provider


@pytest.mark.ci_only
class TestLocalWithOtherPythons(ProcessSuite):
    """Trials run in an interpreter of another version, which has the trial API alone."""

    provider = _local()
    python: str

    @pytest.fixture(autouse=True, scope="class", params=others())
    @classmethod
    def _python(
        cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("environment")
        cls.python = str(make_environment(request.param, folder))

    def options(self) -> LocalOptions:
        return LocalOptions(python=self.python)


class TestLocal(ProcessSuite, RefusalSuite, AttemptFilesSuite):
    provider = _local()

    @pytest.fixture(autouse=True)
    def _short_grace(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Wait less for processes that ignore SIGTERM than with the other Pythons."""
        monkeypatch.setattr("sweepwright.runner.fork_server_client.GRACE_SECONDS", 0.3)

    @contextmanager
    def refuse(self, folder: Path, *, for_good: bool) -> Iterator[None]:
        """Leave no descriptor free, or put a file in the place of the trials' folder."""
        if not for_good:
            with exhausted_descriptors():
                yield
            return
        trials = folder / "trials"
        trials.touch()
        yield
        trials.unlink()
