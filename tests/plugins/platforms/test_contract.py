"""Every built-in platform keeps the contract."""

from sweepwright.contracts import PlatformProvider
from sweepwright.plugins.platforms.local import LocalOptions, sweep_platforms
from sweepwright.testing.processes import ProcessSuite


def _local() -> PlatformProvider[LocalOptions]:
    [provider] = sweep_platforms()
    return provider


class TestLocal(ProcessSuite):
    provider = _local()
