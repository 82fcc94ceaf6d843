"""The number of examples that the property tests draw, which a variable can change."""

import os

from hypothesis import HealthCheck, settings

SPACES = int(os.environ.get("SWEEPWRIGHT_SPACES", "80"))
"""Number of random spaces in a test; CI draws 200.

For a long run: ``SWEEPWRIGHT_SPACES=10000 pytest tests/core/compiler/space/properties``. Tests of
other folders draw fewer in proportion.
"""

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
many_examples = settings(max_examples=SPACES, suppress_health_check=_SLOW)
some_examples = settings(max_examples=SPACES // 10, suppress_health_check=_SLOW)
few_examples = settings(max_examples=max(2, SPACES // 40), suppress_health_check=_SLOW)
