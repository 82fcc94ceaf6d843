"""How many spaces are drawn: some by default, and as many as one asks for."""

import os

from hypothesis import HealthCheck, settings

SPACES = int(os.environ.get("SWEEPWRIGHT_SPACES", "200"))
"""The long form is ``SWEEPWRIGHT_SPACES=10000 pytest tests/core/compiler/space/properties``."""

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
many = settings(max_examples=SPACES, suppress_health_check=_SLOW)
some = settings(max_examples=SPACES // 5, suppress_health_check=_SLOW)
few = settings(max_examples=max(5, SPACES // 40), suppress_health_check=_SLOW)
